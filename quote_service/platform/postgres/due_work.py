"""Look at what waits for the loops of the background, one process for all, and notify every process of it.

A connection of its own, outside the pool: LISTEN and the lock of the one that looks belong to a session. Processes that only
listen ask nothing.

Source: docs/spec/operations.md#idle.
"""

import asyncio
from contextlib import suppress
from typing import Any

import asyncpg

from quote_service.platform.postgres.followed_sale_items import FOLLOWED_SALE_ITEMS
from quote_service.platform.postgres.pool import APPLICATION_NAME
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.postgres.sqlstates import CONNECTING_FAILED, domain_error
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.due_work import SILENT_SECONDS, DueWork

LOOK_SECONDS = 0.5
_ANSWER_SECONDS = 5.0
_CHANNEL = "due_work"
_QUERIES = load_queries(__file__, "due_work", FOLLOWED_SALE_ITEMS)
_TRY_TO_LEAD = _QUERIES["try_to_lead"]
_LOOK = _QUERIES["look"]


async def watch_due_work(url: str, work: DueWork, *, look_seconds: float = LOOK_SECONDS) -> None:
    """Listen, and look where nobody else does, through any loss of the connection; never returns.

    Args:
        url: `postgresql://...`, of the server itself: a pooler by transaction passes no notifications.
        work: Is notified of what is found.
        look_seconds: Between two looks.
    """
    while True:
        end_if_cancelled()
        try:
            await _watch_by_one_connection(url, work, look_seconds)
        except CONNECTING_FAILED as failure:
            if isinstance(failure, asyncpg.PostgresError) and domain_error(failure) is None:
                raise  # a mistake of ours: no waiting mends it
        finally:
            work.leads = False
        await asyncio.sleep(look_seconds)


async def _watch_by_one_connection(url: str, work: DueWork, look_seconds: float) -> None:
    connection = await asyncpg.connect(
        url,
        timeout=_ANSWER_SECONDS,
        command_timeout=_ANSWER_SECONDS,
        server_settings={"application_name": f"{APPLICATION_NAME} due work"},
    )
    ended = asyncio.Event()

    def hear(*heard: Any) -> None:
        work.hear(heard[-1].split())

    try:
        await connection.add_listener(_CHANNEL, hear)
        connection.add_termination_listener(lambda _: ended.set())
        while not ended.is_set():
            end_if_cancelled()
            if not work.leads and work.silent_in() <= 0:
                work.leads = await connection.fetchval(_TRY_TO_LEAD)
            if work.leads:
                await connection.fetchval(_LOOK)
            with suppress(TimeoutError):
                async with asyncio.timeout(look_seconds if work.leads else SILENT_SECONDS):
                    await ended.wait()
    finally:
        # Not closed in order: the server may be gone, and waiting for it would delay the next connection.
        connection.terminate()
