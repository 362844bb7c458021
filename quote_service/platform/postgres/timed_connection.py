"""A connection that shows its query loggers what the driver does not: bulk writes (COPY) and the reading of a cursor.

Source: docs/spec/operations.md#traces.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from quote_service.platform.postgres.pool import Connection

    _Driver = asyncpg.Connection[asyncpg.Record]
else:
    _Driver = asyncpg.Connection  # generic for type checkers alone


class TimedConnection(_Driver):
    """As asyncpg's. Where nobody logs queries it does nothing more than look whether somebody does."""

    __slots__ = ()

    @contextmanager
    def timed(self, statement: str) -> Iterator[None]:
        """Log what is done within as a statement, as the driver does it with its own."""
        driver: Any = self
        if not driver._query_loggers:
            yield
            return
        with driver._time_and_log(statement, (), None):
            yield

    async def copy_records_to_table(self, table_name: str, **options: Any) -> str:
        """Write rows."""
        with self.timed(f"COPY {table_name}"):
            return await super().copy_records_to_table(table_name, **options)

    async def copy_to_table(self, table_name: str, **options: Any) -> str:
        """Write rows from a source."""
        with self.timed(f"COPY {table_name}"):
            return await super().copy_to_table(table_name, **options)

    async def copy_from_query(self, query: str, *arguments: Any, **options: Any) -> str:
        """Write the rows of a query to a target."""
        with self.timed(query):
            return await super().copy_from_query(query, *arguments, **options)


async def read_chunks(
    connection: Connection, query: str, *arguments: Any, rows: int
) -> AsyncIterator[list[asyncpg.Record]]:
    """The rows of a query through a cursor, so many at a time; within a transaction."""
    cursor = await connection.cursor(query, *arguments)
    timed = getattr(connection, "timed", None)
    while True:
        if timed is None:
            chunk = await cursor.fetch(rows)
        else:
            with timed(query):
                chunk = await cursor.fetch(rows)
        if not chunk:
            return
        yield chunk
