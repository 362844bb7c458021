"""Thresholds of signals as rows. Products and categories are looked up by SQL, as inventory does.

Source: docs/spec/signals.md#thresholds.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.intelligence.signals.model.signals import SignalKind
from quote_service.intelligence.signals.model.thresholds import Rule, ThresholdRecord
from quote_service.intelligence.signals.tables.signals import plain_number
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "thresholds")


class Scope(NamedTuple):
    """What a threshold is for; neither is everything."""

    product_id: UUID | None
    category_id: UUID | None


def _record(row: Record) -> ThresholdRecord:
    values = dict(row)
    for name in ("threshold", "rearm_percent"):
        values[name] = plain_number(row[name])
    return ThresholdRecord(**values)


async def count_thresholds(connection: Connection) -> int:
    """How many there are; nobody else counts until the transaction ends."""
    await connection.execute(STATEMENTS["lock_count"])
    return int(await connection.fetchval(STATEMENTS["count_thresholds"]))


@STATEMENTS.query()
async def is_known(connection: Connection, scope: Scope) -> tuple[bool, bool]:
    """Whether there is the product, and the category."""


@STATEMENTS.query()
async def is_taken(connection: Connection, kind: SignalKind, scope: Scope) -> bool:
    """Whether there is one of this kind and scope; stays so where the count is held."""


async def insert_threshold(
    connection: Connection, threshold_id: UUID, scope: Scope, rule: Rule, author: str, at: datetime
) -> None:
    """Write a new threshold, of which there is none of its kind and scope (`is_taken`)."""
    await connection.execute(
        STATEMENTS["insert_threshold"],
        threshold_id,
        rule.kind,
        *scope,
        rule.is_enabled,
        None if rule.threshold is None else str(rule.threshold),
        rule.count,
        rule.window_seconds,
        str(rule.rearm_percent),
        rule.expires_seconds,
        author,
        at,
    )


@STATEMENTS.query(arguments={"rule.threshold": str, "rule.rearm_percent": str})
async def update_threshold(connection: Connection, threshold_id: UUID, rule: Rule, author: str, at: datetime) -> None:
    """Write a held threshold again; its kind and scope stay."""


@STATEMENTS.query(missing="There is no such threshold", row=_record)
async def read_threshold(connection: Connection, threshold_id: UUID) -> ThresholdRecord:
    """A threshold.

    Raises:
        NotFound: There is none.
    """


async def hold_threshold(connection: Connection, threshold_id: UUID) -> ThresholdRecord:
    """A threshold, locked until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    await connection.execute(STATEMENTS["lock_threshold"], threshold_id)
    return await read_threshold(connection, threshold_id)


@STATEMENTS.query()
async def remove_threshold(connection: Connection, threshold_id: UUID) -> None:
    """Delete a held threshold."""


@STATEMENTS.query(row=_record)
async def thresholds_for(connection: Connection, product_ids: Sequence[UUID]) -> list[ThresholdRecord]:
    """Those that may count for products."""


@STATEMENTS.query()
async def paths_of_products(connection: Connection, product_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The category of each product and those above it, the nearest first; products without one are left out."""


async def path_of_category(connection: Connection, category_id: UUID) -> list[UUID]:
    """A category that there is and those above it, the nearest first."""
    found: list[UUID] = await connection.fetchval(STATEMENTS["path_of_category"], category_id)
    return found


async def longest_window(connection: Connection, at_least: int) -> int:
    """The longest window of sales that any threshold asks for, in seconds."""
    return max(at_least, int(await connection.fetchval(STATEMENTS["longest_window"])))


THRESHOLD_ROWS = ListedRows(
    ThresholdRecord, STATEMENTS["thresholds"], sorts=("kind", "created_at", "updated_at"), make=_record
)
