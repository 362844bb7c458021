"""What the analytics of a flash sale count: aggregates over one sale's items, each bounded by an index.

All of it is asked of one snapshot, or figures would not add up while the sale goes on.

Source: docs/spec/flash-sales.md#analytics.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.selling.flash_sales.model.counted import Count, CountedBuyers, CountedPeak, Peaks, SoldBefore
from quote_service.selling.flash_sales.model.purchase import PurchaseStatus
from quote_service.selling.flash_sales.model.sale import SaleState

STATEMENTS = Statements(__file__, "analytics")


class SaleTimes(NamedTuple):
    """A sale, and until when it has been on sale so far; None where it has not."""

    state: SaleState
    starts_at: datetime
    on_sale_until: datetime | None
    at: datetime


class ViewedItem(NamedTuple):
    """An item of a sale, and how many quotes showed its sale price."""

    id: int
    product_id: UUID
    currency: str
    allocated: int
    views: int


class CountedByItem(NamedTuple):
    """What became of purchases, by item."""

    outcomes: dict[int, dict[PurchaseStatus, Count]]
    buyers: dict[int | None, CountedBuyers]


@STATEMENTS.query(missing="There is no such flash sale")
async def sale_times(connection: Connection, sale_id: UUID) -> SaleTimes:
    """When a sale was on sale.

    Raises:
        NotFound: There is no such sale.
    """


@STATEMENTS.query()
async def viewed_items(connection: Connection, sale_id: UUID) -> list[ViewedItem]:
    """The items of a sale."""


async def count_purchases(connection: Connection, item_ids: Sequence[int]) -> CountedByItem:
    """What became of purchases, and who bought; the buyers of no item are those of all together."""
    outcomes: dict[int, dict[PurchaseStatus, Count]] = {item_id: {} for item_id in item_ids}
    for row in await connection.fetch(STATEMENTS["outcomes"], item_ids):
        outcomes[row["item_id"]][row["status"]] = _count(row)
    buyers = {
        row["item_id"]: CountedBuyers(row["customers"], row["first_at"], row["last_at"])
        for row in await connection.fetch(STATEMENTS["buyers"], item_ids)
    }
    return CountedByItem(outcomes, buyers)


async def count_days(
    connection: Connection, item_ids: Sequence[int], day_starts: Sequence[datetime]
) -> dict[int, dict[int, Count]]:
    """What was bought, by item and by index of the day among those that begin at `day_starts`."""
    days: dict[int, dict[int, Count]] = {item_id: {} for item_id in item_ids}
    for row in await connection.fetch(STATEMENTS["days"], item_ids, day_starts):
        days[row["item_id"]][row["day"]] = _count(row)
    return days


async def find_peaks(
    connection: Connection, item_ids: Sequence[int], hour_starts: Sequence[datetime]
) -> dict[int | None, Peaks]:
    """The peak minute and hour, by item, and of all together under None; hours begin at `hour_starts`."""
    found: dict[int | None, dict[str, CountedPeak]] = {}
    for row in await connection.fetch(STATEMENTS["peaks"], item_ids, hour_starts):
        peak = CountedPeak(row["starts_at"], int(row["purchases"]), int(row["units"]))
        found.setdefault(row["item_id"], {})[row["span"]] = peak
    return {item_id: Peaks(**spans) for item_id, spans in found.items()}


async def sold_in_earlier_sales(
    connection: Connection, item_ids: Sequence[int], starts_at: datetime, ends_at: datetime
) -> dict[int, SoldBefore]:
    """What other sales sold of the items' products, in the same currency, in some time."""
    return _sold(await connection.fetch(STATEMENTS["earlier_sales"], item_ids, starts_at, ends_at))


async def sold_by_quotes(
    connection: Connection, item_ids: Sequence[int], starts_at: datetime, ends_at: datetime
) -> dict[int, SoldBefore]:
    """What accepted quotes sold of the items' products, in the same currency and not at a sale's price, in some time."""
    return _sold(await connection.fetch(STATEMENTS["accepted_quotes"], item_ids, starts_at, ends_at))


def _sold(rows: Sequence[Record]) -> dict[int, SoldBefore]:
    return {row["id"]: SoldBefore(_count(row), row["first_at"]) for row in rows}


def _count(row: Record) -> Count:
    # Sums of many amounts come as numeric, whole and exact.
    return Count(row["purchases"], row["units"], int(row["amount_minor"]))
