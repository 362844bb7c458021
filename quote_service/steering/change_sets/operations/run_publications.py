"""Publish change sets whose instant has come; any number of workers may try, one publishes each.

Source: docs/spec/change-sets.md#publishing.
"""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError, Unavailable
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.platform.system.traces import work_span
from quote_service.steering.change_sets.model.change_sets import ChangeSet, Failure
from quote_service.steering.change_sets.operations.hold_change_set import hold_change_set
from quote_service.steering.change_sets.operations.publish_change_set import publish_held, write_and_record
from quote_service.steering.change_sets.tables.change_sets import next_due, seconds_to_next

_AUTHOR = "change set schedule"


async def publish_due(database: Database, *, needs_approval: bool) -> AsyncIterator[ChangeSet]:
    """Publish every set that is due, one transaction each, or write down why it could not be.

    A set for which the database has no time now waits for the next round, and keeps no other one waiting.

    Raises:
        Unavailable: The database cannot be reached, or had no time for one of the sets.
    """
    passed_over: list[UUID] = []
    waits: Unavailable | None = None
    while True:
        due: ChangeSet | None = None
        with work_span("publish change set") as span:
            try:
                async with database.transaction() as connection:
                    set_id = await next_due(connection, passed_over)
                    if set_id is None:
                        break
                    span.worked()
                    due = await hold_change_set(connection, set_id, UNCONDITIONAL)
                    done = await _publish(connection, due, needs_approval=needs_approval)
            except QuoteServiceError as refused:
                if due is None:
                    raise
                if isinstance(refused, Unavailable):
                    passed_over.append(due.id)
                    waits = refused
                    continue
                failed = await _fail(database, due, refused)
                if failed is None:
                    continue
                done = failed
        yield done
    if waits is not None:
        raise waits


async def _publish(connection: Connection, held: ChangeSet, *, needs_approval: bool) -> ChangeSet:
    assert held.published_by is not None  # whoever scheduled it
    change = change_by_system(_AUTHOR, now_us())
    return await publish_held(
        Change.within(connection, change), held, published_by=held.published_by, needs_approval=needs_approval
    )


async def _fail(database: Database, due: ChangeSet, refused: QuoteServiceError) -> ChangeSet | None:
    """Write down why a set was not published; None where somebody has changed it since."""
    failure = Failure(
        code=refused.code,
        detail=refused.detail,
        errors=[{"pointer": fault.pointer, "detail": fault.detail} for fault in refused.faults],
    )
    async with database.transaction() as connection:
        held = await hold_change_set(connection, due.id, UNCONDITIONAL)
        if held.version != due.version:
            return None
        state = msgspec.structs.replace(held, status="failed", failure=failure)
        change = change_by_system(_AUTHOR, now_us())
        return await write_and_record(Change.within(connection, change), held, state, "change_set.fail")


async def seconds_until_publication(database: Database) -> float | None:
    """How long until a set is to be published; None where none is scheduled."""
    async with database.read() as connection:
        return await seconds_to_next(connection)
