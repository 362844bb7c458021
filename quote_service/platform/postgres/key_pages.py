"""Rows page by page, however slowly they are read: no connection is held between pages."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from quote_service.platform.postgres.pool import Connection, Database

Row = TypeVar("Row")
Key = TypeVar("Key")


async def key_pages(
    database: Database,
    read: Callable[[Connection, Key], Awaitable[list[Row]]],
    first: Key,
    key_of: Callable[[Row], Key],
) -> AsyncIterator[list[Row]]:
    """Pages until there are no more rows.

    Args:
        database: Where they are.
        read: A page of rows behind a key.
        first: The key of the first page.
        key_of: The key behind which the page after a row begins.

    Raises:
        Unavailable: The database cannot be reached; what has been read until then is not all.
    """
    key = first
    while True:
        async with database.read() as connection:
            page = await read(connection, key)
        if not page:
            return
        yield page
        key = key_of(page[-1])
