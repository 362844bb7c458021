"""Wait for what is committed before somebody is told that there is no such thing.

A worker follows the database within a second; whoever made a product or a flag a moment ago, perhaps by another worker, may ask for it
before that.

Source: docs/spec/quotes.md#simulate-a-quote.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid, Unavailable
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.rulebook.snapshot.tables.moment import Committed, read_committed

Result = TypeVar("Result")
#: Twice as long as changes may take until every worker has them.
_SECONDS_MAX: Final = 2.0
_LOOK_SECONDS: Final = 0.01


async def retry_after_refresh(
    database: Database, holder: RulebookHolder, work: Callable[[], Awaitable[Result]], members: tuple[str, ...]
) -> Result:
    """Do some work; once more, where it was refused for want of what had been committed already.

    Args:
        database: What is committed.
        holder: What the worker goes by.
        work: Leaves nothing behind where it refuses.
        members: Pointers of members of a request that name what a rulebook has.

    Raises:
        Invalid: As the work does, by what is committed.
    """
    edition = holder.edition
    try:
        return await work()
    except Invalid as refused:
        if not any(fault.pointer.startswith(members) for fault in refused.faults):
            raise
        await _catch_up(database, holder)
        if holder.edition == edition:
            raise
    return await work()


async def _catch_up(database: Database, holder: RulebookHolder) -> None:
    """Wait until the worker holds what is committed now; not for long, and not while PostgreSQL is unavailable."""
    try:
        async with database.read() as connection:
            committed = await read_committed(connection)
    except Unavailable:
        return
    for _ in range(round(_SECONDS_MAX / _LOOK_SECONDS)):
        if _has(holder, committed):
            return
        await asyncio.sleep(_LOOK_SECONDS)


def _has(holder: RulebookHolder, committed: Committed) -> bool:
    position = holder.position
    return (
        holder.version >= committed.version
        and position is not None
        and not committed.moment.seen.ended_since(position.moment.seen)
    )
