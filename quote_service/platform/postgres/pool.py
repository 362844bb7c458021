"""The pool of connections, and the door at which driver errors become ours.

Nothing is connected before it is needed: the service starts while the database is unavailable, answers `Unavailable` for what
needs it, and is well again when the database is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from quote_service.platform.postgres.query_summaries import summarize
from quote_service.platform.postgres.sqlstates import CONNECTING_FAILED, domain_error, unreachable
from quote_service.platform.postgres.timed_connection import TimedConnection
from quote_service.platform.system.traces import SPAN, Call, OpenSpan, current_traceparent, now_ns
from quote_service.platform.system.waiting_client import require_client

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

APPLICATION_NAME = "quote-service"
# A transaction is of several statements, none of which takes nearly as long as one may.
_STATEMENTS_OF_TRANSACTION = 10
_TRANSACTION_SECONDS_MIN = 20.0
_CAUSED_BY = "SELECT set_config('quote.traceparent', $1, true)"
_AS_LONG_AS_IT_TAKES = "SET LOCAL transaction_timeout = 0"
#: The first version of PostgreSQL that ends a transaction for its time. Before it, one whose process stands still between two
#: messages of a statement is ended when the operating system finds the connection dead.
TRANSACTION_TIMEOUT_SINCE = 17


class Database:
    """PostgreSQL as the flows see it: a connection to read with, or one within a transaction."""

    def __init__(self, pool: Pool, acquire_seconds: float, url: str) -> None:
        self._pool = pool
        self._url = url
        self._acquire_seconds = acquire_seconds

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        connections_max: int = 10,
        acquire_seconds: float = 1.0,
        statement_seconds: float = 5.0,
        lock_seconds: float = 3.0,
        transaction_seconds: float | None = None,
    ) -> Database:
        """Make the pool; nothing is connected yet, so this also works while the database is unavailable.

        Args:
            url: `postgresql://...`; session settings are ours, so not behind a pooler by transaction.
            connections_max: The most connections this process holds.
            acquire_seconds: The longest wait for a free connection, connecting included.
            statement_seconds: The longest a statement may run.
            lock_seconds: The longest a statement may wait for a lock.
            transaction_seconds: The longest a transaction may take that is no snapshot; that of ten statements unless given.
        """
        if transaction_seconds is None:
            transaction_seconds = max(statement_seconds * _STATEMENTS_OF_TRANSACTION, _TRANSACTION_SECONDS_MIN)
        pool = await asyncpg.create_pool(
            url,
            min_size=0,
            max_size=connections_max,
            connection_class=TimedConnection,
            # The server ends a slow statement first; this is for a server that no longer answers at all.
            command_timeout=statement_seconds + 1,
            init=partial(_limit_transactions, seconds=transaction_seconds),
            reset=_keep_session,
            server_settings={
                "application_name": APPLICATION_NAME,
                "statement_timeout": _milliseconds(statement_seconds),
                "lock_timeout": _milliseconds(lock_seconds),
                "idle_in_transaction_session_timeout": _milliseconds(statement_seconds + 1),
                "jit": "off",  # compiling a query takes longer than any of ours runs
            },
        )
        return cls(pool, acquire_seconds, url)

    @property
    def connections(self) -> int:
        """How many are open."""
        return self._pool.get_size()

    @property
    def connections_in_use(self) -> int:
        """How many somebody works with now."""
        return self._pool.get_size() - self._pool.get_idle_size()

    @property
    def is_full(self) -> bool:
        """Whether every connection that this process may hold is in use."""
        return self.connections_in_use >= self._pool.get_max_size()

    async def connect_once(self) -> None:
        """Connect beside the pool and hang up, to see whether PostgreSQL answers.

        Raises:
            Unavailable: It does not in the time that a connection may take.
        """
        try:
            connection = await asyncpg.connect(self._url, timeout=self._acquire_seconds, statement_cache_size=0)
        except CONNECTING_FAILED as failure:
            raise unreachable(failure) from failure
        connection.terminate()

    async def close(self) -> None:
        """Close every connection; those in use are waited for as long as a connection may be waited for."""
        try:
            async with asyncio.timeout(self._acquire_seconds):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """A connection outside any transaction: each statement sees what is committed when it starts.

        Raises:
            Unavailable: There is no connection in time, it was lost, or the statement took too long.
            Conflict, Invalid: PostgreSQL refused the statement (see `sqlstates`).
        """
        try:
            connection = await self._pool.acquire(timeout=self._acquire_seconds)
        except CONNECTING_FAILED as failure:
            raise unreachable(failure) from failure
        span = SPAN.get()
        try:
            with _translated_errors(connection):
                if span is None:
                    yield connection
                else:
                    with connection.query_logger(partial(_record, span)):
                        yield connection
        finally:
            # A connection that cannot be given back is closed by the pool; what was done with it stays done.
            with suppress(*CONNECTING_FAILED):
                await self._pool.release(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection within a transaction that commits at the end, and rolls back when anything is raised.

        Raises:
            ClientGone: The client of the request that this is for has gone; nothing is begun.
            Unavailable: As `read`; when the connection is lost at the commit itself, it may have happened.
            Conflict, Invalid: PostgreSQL refused a statement (see `sqlstates`).
        """
        async with self.read() as connection:
            require_client()  # only now: to wait for a connection may have taken a while
            async with connection.transaction():
                if (traceparent := current_traceparent()) is not None:
                    # Rows that others will work off take it from there (migrations/0195_traceparents.sql).
                    await connection.execute(_CAUSED_BY, traceparent)
                yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """A connection whose statements all see the one state of the database as of the first of them.

        It may be read from for any time, since it holds nothing that others wait for.
        """
        async with self.read() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            if _limits_transactions(connection):
                await connection.execute(_AS_LONG_AS_IT_TAKES)
            yield connection


def _limits_transactions(connection: Connection) -> bool:
    return connection.get_server_version().major >= TRANSACTION_TIMEOUT_SINCE


async def _limit_transactions(connection: asyncpg.Connection[asyncpg.Record], *, seconds: float) -> None:
    """End what takes longer: a process that stands still between preparing a statement and running it is neither idle nor at
    work to PostgreSQL, and what its transaction holds would be held for as long.
    """
    if _limits_transactions(connection):
        await connection.execute(f"SET transaction_timeout = {_milliseconds(seconds)}")


def _record(span: OpenSpan, asked: asyncpg.connection.LoggedQuery) -> None:
    end_ns, address, failure = now_ns(), asked.conn_addr, asked.exception
    summary = summarize(asked.query)
    attributes: dict[str, str | int | float | bool] = {
        "db.system.name": "postgresql",
        "db.namespace": asked.conn_params.database or "",
        "db.operation.name": summary.operation,
        "db.query.summary": summary.text,
    }
    if isinstance(address, tuple):
        attributes |= {"server.address": address[0], "server.port": address[1]}
    else:
        attributes["server.address"] = address
    error = None
    if failure is not None:
        state = getattr(failure, "sqlstate", None)
        attributes |= {"db.response.status_code": str(state)} if state else {}
        error = str(state or type(failure).__name__)
    span.record(Call(summary.text, end_ns - int(asked.elapsed * 1_000_000_000), end_ns, attributes, error))


@contextmanager
def _translated_errors(connection: Connection) -> Iterator[None]:
    try:
        yield
    except asyncpg.PostgresError as refusal:
        known = domain_error(refusal)
        # Part of the text that a traceback ends with, and made of the row's values: addresses, hashes of passwords.
        refusal.detail = None
        if known is None:
            raise
        raise known from refusal
    except OSError as failure:
        raise unreachable(failure) from failure
    except asyncpg.InterfaceError as failure:
        # The driver uses one error for a lost connection and for a wrong argument; the second is a mistake of ours.
        if isinstance(failure, asyncpg.DataError) or not _is_lost(connection):
            raise
        raise unreachable(failure) from failure
    except asyncpg.InternalClientError as failure:
        # A server that dies says so to connections at rest; until it has hung up too, the driver is in between states.
        connection.terminate()
        raise unreachable(failure) from failure


def _is_lost(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool took a lost connection back before we gave it
        return True


async def _keep_session(_: Connection) -> None:
    """Instead of the driver's reset, a round trip each time: nothing here changes a session outside a transaction.

    An open transaction is rolled back by the driver all the same. A session lock, SET without LOCAL or LISTEN would
    stay with the connection: they belong on a connection of one's own.
    """


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))
