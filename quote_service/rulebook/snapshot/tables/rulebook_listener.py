"""Hearing of what is committed: of rulebook versions by notification, and of everything by asking, less often while nothing changes.

The same question keeps the loops of this process current that follow keys, people and flash sales.

A connection of its own, outside the pool: LISTEN belongs to a session. The question doubles as the heartbeat by which a
dead peer is noticed, and as the re-reading after each reconnect.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

import asyncpg

from quote_service.platform.postgres.pool import APPLICATION_NAME
from quote_service.platform.postgres.sqlstates import CONNECTING_FAILED, domain_error, unreachable
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.due_work import DueWork
from quote_service.platform.system.errors import Unavailable
from quote_service.rulebook.snapshot.tables.moment import Committed, Heartbeat, read_heartbeat

CHANNEL = "rulebook"
POLL_SECONDS = 0.25
#: While nothing has changed for a while: a change still reaches quotes within a second.
RESTING_SECONDS = 0.7
#: Polls until then.
POLLS_BEFORE_REST = 20
ANSWER_SECONDS = 2.0
BACKOFF_SECONDS = (0.05, 0.1, 0.2, 0.4)  # the last again and again: a database that is back is heard within a second


class RulebookListener:
    """An endless stream of what is committed, through any loss of the connection."""

    def __init__(self, url: str, work: DueWork | None = None, *, poll_seconds: float = POLL_SECONDS) -> None:
        """Describe the connection; `committed` makes it.

        Args:
            url: `postgresql://...`, of the server itself: a pooler by transaction passes no notifications.
            work: Of the loops that follow keys, people (`access`) and flash sales (`flash_sale_items`) of this process.
            poll_seconds: How often is asked when nobody notifies, and something has changed recently.
        """
        self._url = url
        self._work = work
        self._poll_seconds = poll_seconds
        self._access_version: int | None = None
        self._polls_left = POLLS_BEFORE_REST
        self._is_connected = False
        self._notified = asyncio.Event()

    @property
    def is_connected(self) -> bool:
        """Whether the last question was answered: health says degraded while it was not."""
        return self._is_connected

    def note_change(self) -> None:
        """What was heard of had changed: more may follow."""
        self._polls_left = POLLS_BEFORE_REST

    def look_now(self) -> None:
        """Ask at once, and not only when the next question is due."""
        self._notified.set()

    async def committed(self) -> AsyncGenerator[Committed | Unavailable, None]:
        """The committed version and moment, after each (re)connect, each notification and each poll, changed or not.

        Never ends; while the database is unavailable it yields `Unavailable` after each attempt. Whoever reads it compares
        them with what it holds.
        """
        failures = 0
        while True:
            end_if_cancelled()
            try:
                async with aclosing(self._committed_by_one_connection()) as every:
                    async for committed in every:
                        failures = 0
                        self._is_connected = True
                        yield committed
            except CONNECTING_FAILED as failure:
                if isinstance(failure, asyncpg.PostgresError) and domain_error(failure) is None:
                    raise  # a mistake of ours: no waiting mends it
                self._is_connected = False
                yield unreachable(failure)
            finally:
                self._is_connected = False
            await asyncio.sleep(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])
            failures += 1

    async def _committed_by_one_connection(self) -> AsyncGenerator[Committed, None]:
        reported = self._notified
        async with self._connection() as connection:
            # Listening first and reading second: a version between the two is told of.
            await connection.add_listener(CHANNEL, lambda *_: reported.set())
            connection.add_termination_listener(lambda _: reported.set())
            while True:
                end_if_cancelled()
                reported.clear()
                heartbeat = await read_heartbeat(connection)
                self._pass_on(heartbeat)
                yield heartbeat.committed
                self._polls_left = max(self._polls_left - 1, 0)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._poll_seconds if self._polls_left else RESTING_SECONDS):
                        await reported.wait()

    def _pass_on(self, heartbeat: Heartbeat) -> None:
        if self._work is None:
            return
        topics = ["flash_sale_items"] if heartbeat.has_sales else []
        if heartbeat.access_version != self._access_version:
            topics.append("access")
        self._access_version = heartbeat.access_version
        self._work.hear(topics)

    @asynccontextmanager
    async def _connection(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        connection = await asyncpg.connect(
            self._url,
            timeout=ANSWER_SECONDS,
            command_timeout=ANSWER_SECONDS,
            server_settings={"application_name": f"{APPLICATION_NAME} rulebook"},
        )
        try:
            yield connection
        finally:
            # Not closed in order: the server may be gone, and waiting for it would delay the next connection.
            connection.terminate()
