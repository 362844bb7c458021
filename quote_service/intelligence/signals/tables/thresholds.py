"""Thresholds of signals as rows. Products and categories are looked up by SQL, as inventory does.

Source: docs/spec/signals.md#thresholds.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.intelligence.signals.model.signals import SignalKind
from quote_service.intelligence.signals.model.thresholds import Rule, ThresholdFilters, ThresholdRecord
from quote_service.intelligence.signals.tables.signals import plain_number
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.errors import NotFound

_QUERIES = load_queries(__file__, "thresholds")
_LOCK_COUNT = _QUERIES["lock_count"]
_COUNT = _QUERIES["count_thresholds"]
_EXISTS = _QUERIES["exists"]
_INSERT = _QUERIES["insert_threshold"]
_UPDATE = _QUERIES["update_threshold"]
_THRESHOLD = _QUERIES["threshold"]
_LOCK = _QUERIES["lock_threshold"]
_REMOVE = _QUERIES["remove_threshold"]
_PAGE = _QUERIES["page_of_thresholds"]
_FOR = _QUERIES["thresholds_for"]
_PATHS = _QUERIES["paths_of_products"]
_PATH_OF_CATEGORY = _QUERIES["path_of_category"]
_LONGEST = _QUERIES["longest_window"]
_KNOWN = _QUERIES["is_known"]


class Scope(NamedTuple):
    """What a threshold is for; neither is everything."""

    product_id: UUID | None
    category_id: UUID | None


async def count_thresholds(connection: Connection) -> int:
    """How many there are; nobody else counts until the transaction ends."""
    await connection.execute(_LOCK_COUNT)
    return int(await connection.fetchval(_COUNT))


async def is_known(connection: Connection, scope: Scope) -> tuple[bool, bool]:
    """Whether there is the product, and the category."""
    row = await connection.fetchrow(_KNOWN, *scope)
    assert row is not None  # it selects values
    return row["has_product"], row["has_category"]


async def is_taken(connection: Connection, kind: SignalKind, scope: Scope) -> bool:
    """Whether there is one of this kind and scope; stays so where the count is held."""
    return bool(await connection.fetchval(_EXISTS, kind, *scope))


async def insert_threshold(
    connection: Connection, threshold_id: UUID, scope: Scope, rule: Rule, author: str, at: datetime
) -> None:
    """Write a new threshold, of which there is none of its kind and scope (`is_taken`)."""
    await connection.execute(
        _INSERT,
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


async def update_threshold(connection: Connection, threshold_id: UUID, rule: Rule, author: str, at: datetime) -> None:
    """Write a held threshold anew; its kind and scope stay."""
    await connection.execute(
        _UPDATE,
        threshold_id,
        rule.is_enabled,
        None if rule.threshold is None else str(rule.threshold),
        rule.count,
        rule.window_seconds,
        str(rule.rearm_percent),
        rule.expires_seconds,
        author,
        at,
    )


async def read_threshold(connection: Connection, threshold_id: UUID) -> ThresholdRecord:
    """A threshold.

    Raises:
        NotFound: There is none.
    """
    row = await connection.fetchrow(_THRESHOLD, threshold_id)
    if row is None:
        raise NotFound("There is no such threshold")
    return _record(row)


async def hold_threshold(connection: Connection, threshold_id: UUID) -> ThresholdRecord:
    """A threshold, locked until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    await connection.execute(_LOCK, threshold_id)
    return await read_threshold(connection, threshold_id)


async def remove_threshold(connection: Connection, threshold_id: UUID) -> None:
    """Delete a held threshold."""
    await connection.execute(_REMOVE, threshold_id)


async def page_of_thresholds(
    connection: Connection, wanted: ThresholdFilters, *, after: UUID | None, limit: int
) -> list[ThresholdRecord]:
    """Up to `limit` thresholds by id, from behind `after`."""
    rows = await connection.fetch(_PAGE, wanted.kind, wanted.product_id, wanted.category_id, after, limit)
    return [_record(row) for row in rows]


async def thresholds_for(connection: Connection, product_ids: Sequence[UUID]) -> list[ThresholdRecord]:
    """Those that may count for products."""
    return [_record(row) for row in await connection.fetch(_FOR, product_ids)]


async def paths_of_products(connection: Connection, product_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The category of each product and those above it, the nearest first; products without one are left out."""
    return {row["product_id"]: row["path"] for row in await connection.fetch(_PATHS, product_ids)}


async def path_of_category(connection: Connection, category_id: UUID) -> list[UUID]:
    """A category that there is and those above it, the nearest first."""
    path: list[UUID] = await connection.fetchval(_PATH_OF_CATEGORY, category_id)
    return path


async def longest_window(connection: Connection, at_least: int) -> int:
    """The longest window of sales that any threshold asks for, in seconds."""
    return max(at_least, int(await connection.fetchval(_LONGEST)))


def _record(row: Record) -> ThresholdRecord:
    values = dict(row)
    for name in ("threshold", "rearm_percent"):
        values[name] = plain_number(row[name])
    return ThresholdRecord(**values)
