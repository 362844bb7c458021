"""Imports and their staged bodies as rows.

Source: docs/spec/catalog.md#import-and-export.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.documents.literals import json_literal
from quote_service.platform.postgres.long_transactions import allow_long_transaction
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.changes import ActorKind, Author
from quote_service.platform.system.errors import NotFound
from quote_service.shop.catalog.model.imports import ImportFault, ImportRecord

STATEMENTS = Statements(__file__, "imports")

STATEMENT_SECONDS = 60
_TRANSACTION_SECONDS = 3600


class Job(NamedTuple):
    """An import to be done."""

    id: UUID
    media_type: str
    actor: str
    actor_kind: ActorKind
    request_id: str
    traceparent: str | None


@STATEMENTS.query()
async def insert_import(connection: Connection, import_id: UUID, media_type: str, change: Author) -> None:
    """Note that the body of an import begins to come."""


async def stage_chunk(connection: Connection, import_id: UUID, place: int, data: bytes) -> None:
    """Keep a piece of the body."""
    await connection.copy_records_to_table(
        "product_import_chunks", records=[(import_id, place, data)], columns=("import_id", "place", "data")
    )


@STATEMENTS.query()
async def queue_import(connection: Connection, import_id: UUID, size: int) -> None:
    """Note that the body is there."""


@STATEMENTS.query()
async def forget_import(connection: Connection, import_id: UUID) -> None:
    """Drop an import that is not to be done, with its body."""


@STATEMENTS.query()
async def forget_unreceived(connection: Connection, before: datetime) -> None:
    """Drop imports whose body began to come before an instant, and never came whole."""


async def read_import(connection: Connection, import_id: UUID) -> ImportRecord:
    """An import.

    Raises:
        NotFound: There is none.
    """
    row = await connection.fetchrow(STATEMENTS["import_record"], import_id)
    if row is None:
        raise NotFound("There is no such import")
    values = dict(row)
    return ImportRecord(**{**values, "errors": msgspec.json.decode(values["errors"], type=list[ImportFault])})


async def take_import(connection: Connection) -> Job | None:
    """The import that waits longest, for this transaction alone; None where none waits or one is being done."""
    if not await connection.fetchval(STATEMENTS["try_lock_imports"]):
        return None
    row = await connection.fetchrow(STATEMENTS["next_import"])
    if row is None:
        return None
    await allow_long_transaction(
        connection, statement_seconds=STATEMENT_SECONDS, transaction_seconds=_TRANSACTION_SECONDS
    )
    await connection.execute(STATEMENTS["plan_for_growing_tables"])
    await connection.execute(STATEMENTS["forget_plans"])
    return Job(*row)


@STATEMENTS.query()
async def read_chunk(connection: Connection, import_id: UUID, place: int) -> bytes | None:
    """A piece of the body; None behind the last."""


@STATEMENTS.query()
async def note_progress(connection: Connection, import_id: UUID, rows: int) -> None:
    """Tell how many rows have been read. Not in the transaction that writes them, which nobody can look into."""


async def finish_import(
    connection: Connection, import_id: UUID, rows: int, created: int, changed: int, unchanged: int
) -> None:
    """Note what an import did, in the transaction that did it; its body goes."""
    await connection.execute(STATEMENTS["finish_import"], import_id, rows, created, changed, unchanged)
    await connection.execute(STATEMENTS["drop_chunks"], import_id)


async def fail_import(connection: Connection, import_id: UUID, rows: int, faults: list[ImportFault]) -> None:
    """Note why an import changed nothing; its body goes."""
    await connection.execute(STATEMENTS["fail_import"], import_id, rows, json_literal(faults))
    await connection.execute(STATEMENTS["drop_chunks"], import_id)


async def seconds_waiting(connection: Connection) -> float:
    """How long the oldest import that is not done has waited; 0 where none waits."""
    return float(await connection.fetchval(STATEMENTS["seconds_waiting"]) or 0)
