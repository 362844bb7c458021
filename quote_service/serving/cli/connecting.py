"""`quote-service config --check --connect`: whether what the settings name is there, and lets us in.

Source: docs/spec/operations.md#production.
"""

import asyncio

from quote_service.platform.postgres.pooler import is_behind_pooler
from quote_service.platform.postgres.reachable import missing_migrations, why_no_connection
from quote_service.platform.redis_store.needed_commands import FOR_FLASH_SALES, FOR_QUOTES, Needed, for_events
from quote_service.platform.redis_store.reachable import why_no_answer
from quote_service.platform.settings import Settings
from quote_service.platform.telemetry.collector_check import why_not_taken

POOLER = (
    "DATABASE_URL leads to a pooler that does not keep the settings of a session (PgBouncer does so): timeouts, "
    "notifications and locks would not hold. Give the address of PostgreSQL itself; each process keeps a pool "
    "of its own (QUOTE_DATABASE_CONNECTIONS)"
)


def not_migrated(missing: list[str]) -> str:
    """What to do about a database that lacks migrations."""
    count = f"{len(missing)} migration{'' if len(missing) == 1 else 's'}"
    return f"The database lacks {count} of this release: run `quote-service migrate` first"


async def connection_faults(settings: Settings) -> list[str]:
    """Ask everything that the settings name, at once; one line a cause."""
    database, of_redis, collector = await asyncio.gather(
        _database_fault(settings.database_url), faults_of_redis(settings), _collector_fault(settings.otlp_endpoint)
    )
    return [answer for answer in (database, *of_redis, collector) if answer is not None]


async def faults_of_redis(settings: Settings) -> list[str]:
    """What is wrong with each Redis that the settings name; one line a cause."""
    stock_url = settings.stock_redis_url or settings.redis_url
    uses = [("REDIS_URL", settings.redis_url, FOR_QUOTES), ("QUOTE_STOCK_REDIS_URL", stock_url, FOR_FLASH_SALES)]
    if settings.event_bus == "redis":
        uses.append(("QUOTE_EVENT_REDIS_URL", settings.event_redis_url or stock_url, for_events(settings.event_prefix)))
    # A server for several uses is asked once, and named by the first variable that leads to it.
    variables: dict[str, str] = {}
    needed: dict[str, list[Needed]] = {}
    for variable, url, need in uses:
        if url:
            variables.setdefault(url, variable)
            needed.setdefault(url, []).append(need)
    answers = await asyncio.gather(*(why_no_answer(url, needed[url]) for url in variables))
    found = zip(variables.values(), answers, strict=True)
    return [f"{variable} {reason}" for variable, reason in found if reason is not None]


async def _database_fault(url: str) -> str | None:
    if not url:
        return None
    # In this order: a pooler may refuse the ordinary way of connecting with words of its own.
    if await is_behind_pooler(url):
        return POOLER
    reason = await why_no_connection(url)
    if reason is not None:
        return f"DATABASE_URL {reason}"
    missing = await missing_migrations(url)
    return not_migrated(missing) if missing else None


async def _collector_fault(endpoint: str) -> str | None:
    reason = await asyncio.to_thread(why_not_taken, endpoint) if endpoint else None
    return None if reason is None else f"QUOTE_OTLP_ENDPOINT {reason}"
