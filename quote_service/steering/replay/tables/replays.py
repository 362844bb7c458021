"""Replays as rows.

Source: docs/spec/replay.md.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.records import record_of
from quote_service.steering.replay.model.replay_warnings import ReplayWarning
from quote_service.steering.replay.model.replays import KEPT_HOURS, ReplayFailure, ReplayOrder, ReplayRecord
from quote_service.steering.replay.model.supposed_change import change_text, shown_change

STATEMENTS = Statements(__file__, "replays")


class ChangeAndResult(NamedTuple):
    """What was supposed, and the result; None where there is none yet."""

    change: msgspec.Raw
    result: msgspec.Raw | None


def _record(row: Record) -> ReplayRecord:
    finished: datetime | None = row["finished_at"]
    code = row["error_code"]
    return record_of(
        ReplayRecord,
        row,
        from_=row["range_from"],
        to=row["range_to"],
        warnings=convert_exact(parse_exact(row["warnings"]), list[ReplayWarning]),
        error=None if code is None else ReplayFailure(code, row["error_detail"]),
        finished_at=finished,
        expires_at=None if finished is None else finished + timedelta(hours=KEPT_HOURS),
    )


async def count_open(connection: Connection) -> int:
    """How many wait or run; nobody else counts until the transaction ends."""
    await connection.execute(STATEMENTS["lock_count"])
    return int(await connection.fetchval(STATEMENTS["count_open"]))


async def insert_replay(
    connection: Connection, replay_id: UUID, change: Author, order: ReplayOrder, warnings: Sequence[ReplayWarning]
) -> None:
    """Write a replay that waits."""
    await connection.execute(
        STATEMENTS["insert_replay"],
        replay_id,
        from_micros(order.from_us),
        from_micros(order.to_us),
        Decimal(order.sample),
        change_text(order.change),
        order.change_set_id,
        change.actor,
        change.actor_kind,
        change.request_id,
        change.at,
        write_document(warnings).decode(),
    )


@STATEMENTS.query(missing="There is no such replay", row=_record)
async def read_replay(connection: Connection, replay_id: UUID) -> ReplayRecord:
    """A replay without its result.

    Raises:
        NotFound: There is none, or it is kept no longer.
    """


async def change_and_result(connection: Connection, replay_id: UUID) -> ChangeAndResult:
    """What a replay supposes, and what came of it.

    Raises:
        NotFound: There is none, or it is kept no longer.
    """
    row = await connection.fetchrow(STATEMENTS["change_and_result"], replay_id)
    if row is None:
        raise NotFound("There is no such replay")
    change, result = row
    return ChangeAndResult(msgspec.Raw(shown_change(change)), None if result is None else msgspec.Raw(result.encode()))


@STATEMENTS.query()
async def cancel(connection: Connection, replay_id: UUID) -> bool:
    """End a replay that has not ended; whoever works on it notices at its next note of progress."""


@STATEMENTS.query()
async def is_one_waiting(connection: Connection) -> bool:
    """Whether there is a replay that nobody works on."""


@STATEMENTS.query()
async def forget_replays(connection: Connection, *, kept_hours: int = KEPT_HOURS) -> None:
    """Drop what has been kept long enough."""


async def seconds_waiting(connection: Connection) -> float:
    """How long the oldest replay that nobody has begun has waited; 0 where none waits."""
    return float(await connection.fetchval(STATEMENTS["seconds_waiting"]) or 0)


REPLAY_ROWS = ListedRows(
    ReplayRecord,
    STATEMENTS["replays"],
    order="-id",
    sorts=("status", "created_at", "started_at", "finished_at", "quotes"),
    make=_record,
)
