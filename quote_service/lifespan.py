"""What a worker process opens before it serves, and closes in the opposite order after it.

Nothing here waits for PostgreSQL or Redis: a worker starts while they are away, says so in its health, and is ready as
soon as it has a rulebook.

Source: spec 2, Limits and load; spec 9, Health.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from hashlib import blake2b

from quote_service.api.credentials import Credentials
from quote_service.api.quote_door import QuoteDoor
from quote_service.api.rate_limits import RateLimits
from quote_service.api.runtime import Probe, Runtime
from quote_service.flows.issue_quote import QuoteDesk
from quote_service.flows.local_quotes import LocalQuotes
from quote_service.flows.quote_cache import QuoteCache
from quote_service.flows.rulebook_holder import RulebookHolder
from quote_service.flows.sign_quote import QuoteSigner
from quote_service.flows.sign_receipt import ReceiptSigner
from quote_service.flows.turnstile import Turnstile
from quote_service.flows.waiting_room import WaitingRoom
from quote_service.postgres.ping import ping_database
from quote_service.postgres.pool import Database
from quote_service.postgres.rulebook_listener import RulebookListener
from quote_service.redis_store.breaker import Breaker
from quote_service.redis_store.connection import RedisClient, open_redis
from quote_service.redis_store.ping import ping_redis
from quote_service.redis_store.share_quotes import QuoteSharer
from quote_service.settings import Settings
from quote_service.telemetry.quote_meters import QuoteMeters
from quote_service.workers.access_watch import watch_access
from quote_service.workers.rulebook_watch import watch_rulebook
from quote_service.workers.supervisor import Supervisor

# Accepts leave this many connections of the pool to everything else.
_OTHER_CONNECTIONS = 4
_WAIT_SECONDS = 10.0


@asynccontextmanager
async def open_runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """Open the parts of one worker process, run its loops, and close all of it at the end."""
    async with AsyncExitStack() as stack:
        database = await Database.open(
            settings.database_url,
            connections_max=settings.database_connections,
            statement_seconds=settings.database_timeout_ms / 1000,
        )
        stack.push_async_callback(database.close)
        redis = open_redis(settings.redis_url, settings.redis_timeout_ms)
        stack.push_async_callback(redis.aclose)
        credentials = Credentials.of(settings)
        stack.callback(credentials.passwords.close)
        holder = RulebookHolder()
        breaker = Breaker()
        signer = QuoteSigner(settings.signing_keys)
        desk = _open_desk(settings, holder, redis, breaker, signer)
        turnstile = Turnstile(asyncio.get_running_loop(), settings.max_concurrency, settings.max_queue)
        limits, meters = RateLimits(), QuoteMeters()
        runtime = Runtime(
            settings=settings,
            database=database,
            redis=redis,
            credentials=credentials,
            rulebook=holder,
            door=QuoteDoor(credentials, limits, turnstile, desk, meters, settings.timeout_ms),
            desk=desk,
            turnstile=turnstile,
            limits=limits,
            meters=meters,
            quotes=QuoteCache(desk, redis, breaker, settings.quote_ttl_seconds),
            signer=signer,
            receipts=ReceiptSigner(settings.receipt_keys),
            accepts=WaitingRoom(
                max(1, settings.database_connections - _OTHER_CONNECTIONS), settings.max_queue, _WAIT_SECONDS
            ),
            asides=WaitingRoom(1, settings.max_queue, _WAIT_SECONDS),
            probes=(
                Probe("postgres", lambda: ping_database(database)),
                Probe("redis", lambda: ping_redis(redis)),
            ),
        )
        supervisor = Supervisor()
        stack.push_async_callback(supervisor.stop)
        listener = RulebookListener(settings.database_url)
        supervisor.start("rulebook_watch", lambda: watch_rulebook(database, listener, holder))
        supervisor.start("access_watch", lambda: watch_access(database, credentials.ring))
        yield runtime


def _open_desk(
    settings: Settings, holder: RulebookHolder, redis: RedisClient, breaker: Breaker, signer: QuoteSigner
) -> QuoteDesk:
    return QuoteDesk(
        holder,
        LocalQuotes(settings.local_cache_entries, settings.local_cache_bytes),
        QuoteSharer(redis, breaker, settings.quote_ttl_seconds * 1000),
        signer,
        # Every worker must find the same bits for the same basket, so the secret is one that they share.
        fingerprint_secret=blake2b(settings.signing_keys[-1].secret, digest_size=32, person=b"quote-finger").digest(),
        ttl_seconds=settings.quote_ttl_seconds,
    )
