"""Create, read, replace, change and remove an object of a resource, each with its audit row in the same transaction.

Source: docs/decisions/declared-resources.md; docs/spec/access.md#audit-log.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource.resource import Draft, Record, Resource
from quote_service.platform.system.errors import Invalid, NotFound
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.preconditions import Precondition


async def read(resource: Resource[Draft, Record], connection: Connection, object_id: UUID) -> Record:
    """An object.

    Raises:
        NotFound: There is none.
    """
    row = await connection.fetchrow(resource.statements.read, object_id)
    if row is None:
        await resource.absent(connection, object_id)
        raise NotFound(f"There is no such {resource.one}")
    return resource.record(**row)


async def hold(
    resource: Resource[Draft, Record], connection: Connection, object_id: UUID, *, alone: bool = False
) -> Record:
    """An object, kept from others who would change it until the transaction ends; `alone` from those who refer to it too.

    Raises:
        NotFound: There is none.
    """
    await connection.execute(resource.statements.hold_alone if alone else resource.statements.hold, object_id)
    return await read(resource, connection, object_id)


async def known(resource: Resource[Any, Any], connection: Connection, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these there are; they stay until the transaction ends."""
    return {row[0] for row in await connection.fetch(resource.statements.known, list(ids))}


async def count(resource: Resource[Any, Any], connection: Connection) -> int:
    """How many there are."""
    return int(await connection.fetchval(resource.statements.count))


async def create(
    resource: Resource[Draft, Record],
    change: Change,
    draft: Draft,
    object_id: UUID | None = None,
) -> Record:
    """Create an object; a new id is made for it where none is given.

    Raises:
        Invalid: The draft has faults.
        Conflict: What its constraints say (sqlstates.py).
    """
    wanted, object_id = _valid(resource, draft), object_id or UUID(new_id(change.at_us // 1000))
    await _begin(resource, change.connection)
    await resource.check(change.connection, object_id, wanted, None)
    await _write(resource.statements.insert, resource, change, object_id, wanted)
    made = await read(resource, change.connection, object_id)
    await _finish(resource, change, "create", None, made)
    return made


async def replace(
    resource: Resource[Draft, Record],
    change: Change,
    object_id: UUID,
    draft: Draft,
    precondition: Precondition,
) -> Record:
    """Replace what is kept of an object; nothing is written where nothing changes.

    Raises:
        NotFound: There is none.
        Stale: It has been changed since the caller read it.
        Invalid, Conflict: As `create`.
    """
    wanted = _valid(resource, draft)
    await _begin(resource, change.connection)
    held = await _held(resource, change.connection, object_id, precondition)
    return await _replace(resource, change, held, wanted, "replace")


async def patch(
    resource: Resource[Draft, Record],
    change: Change,
    object_id: UUID,
    given: msgspec.Struct,
    precondition: Precondition,
) -> Record:
    """Change the fields of an object that are given (`patch_of`); otherwise as `replace`."""
    await _begin(resource, change.connection)
    held = await _held(resource, change.connection, object_id, precondition)
    kept = {name: getattr(held, name) for name in resource.statements.written}
    fields = {name: value for name, value in msgspec.structs.asdict(given).items() if value is not UNSET}
    wanted = _valid(resource, resource.draft(**{**kept, **fields}))
    return await _replace(resource, change, held, wanted, "change")


async def remove(resource: Resource[Any, Any], change: Change, object_id: UUID, precondition: Precondition) -> None:
    """Remove an object.

    Raises:
        NotFound, Stale: As `replace`.
        Conflict: Others refer to it.
    """
    await _begin(resource, change.connection)
    held = await _held(resource, change.connection, object_id, precondition, alone=True)
    await change.connection.execute(resource.statements.delete, object_id)
    await _finish(resource, change, "delete", held, None)


async def record_change_of(
    resource: Resource[Any, Record], change: Change, verb: str, before: Record | None, after: Record | None
) -> None:
    """Write the audit row of a change; one of both records is there."""
    await change.record(
        f"{resource.kind}.{verb}",
        None if before is None else resource.audited(before, None),
        None if after is None else resource.audited(after, before),
    )


@cache
def patch_of(resource: Resource[Any, Any]) -> type[msgspec.Struct]:
    """A draft of which each field may be left out."""
    draft = resource.draft
    fields = [(each.name, each.type | UnsetType, UNSET) for each in msgspec.structs.fields(draft)]
    # Derived from the draft, so that what its fields mean is known of these too.
    return msgspec.defstruct(
        f"{draft.__name__.removesuffix('Draft')}Patch",
        fields,
        bases=(draft,),
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
        module=draft.__module__,
        namespace={"__doc__": f"Fields of a {resource.one} to change; the others stay as they are."},
    )


def _valid(resource: Resource[Draft, Any], draft: Draft) -> Draft:
    if faults := tuple(resource.faults(draft)):
        raise Invalid.because(faults)
    return resource.normal(draft)


async def _begin(resource: Resource[Any, Any], connection: Connection) -> None:
    if resource.one_at_a_time:
        await connection.execute(resource.statements.begin)


async def _held(
    resource: Resource[Draft, Record],
    connection: Connection,
    object_id: UUID,
    precondition: Precondition,
    *,
    alone: bool = False,
) -> Record:
    held = await hold(resource, connection, object_id, alone=alone)
    precondition.require(str(object_id), _version(held))
    return held


# Every record has both; the type of a record says only that it is a struct.
def _id(record: Any) -> UUID:
    object_id: UUID = record.id
    return object_id


def _version(record: Any) -> int:
    return int(record.version)


async def _replace(resource: Resource[Draft, Record], change: Change, held: Record, wanted: Draft, verb: str) -> Record:
    if all(getattr(wanted, name) == getattr(held, name) for name in resource.statements.written):
        return held
    object_id = _id(held)
    await resource.check(change.connection, object_id, wanted, held)
    await _write(resource.statements.update, resource, change, object_id, wanted)
    written = await read(resource, change.connection, object_id)
    await _finish(resource, change, verb, held, written)
    return written


async def _write(
    statement: str,
    resource: Resource[Draft, Any],
    change: Change,
    object_id: UUID,
    draft: Draft,
) -> None:
    values = (getattr(draft, name) for name in resource.statements.written)
    await change.connection.execute(statement, object_id, *values, change.actor, change.at)


async def _finish(
    resource: Resource[Any, Record],
    change: Change,
    verb: str,
    before: Record | None,
    after: Record | None,
) -> None:
    await resource.written(change, before, after)
    await record_change_of(resource, change, verb, before, after)
