"""The history of current prices, as triggers write it.

Source: docs/spec/catalog.md#price-history.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.shop.catalog.model.price_changes import PriceMove, Reason
from quote_service.shop.catalog.model.price_chart import Moved
from quote_service.shop.catalog.model.prices import price_number

STATEMENTS = Statements(__file__, "price_history")


class MoveFilter(NamedTuple):
    """Which moves; None is all. `from_at <= at < to_at`."""

    variant_id: UUID | None = None
    currency: str | None = None
    reason: Reason | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None


def _move(row: Record) -> PriceMove:
    values = dict(row)
    for name in ("old_price", "new_price"):
        if values[name] is not None:
            values[name] = price_number(Decimal(values[name]), values["currency"])
    return PriceMove(**values)


@STATEMENTS.query()
async def is_item(connection: Connection, product_id: UUID, variant_id: UUID | None) -> bool:
    """Whether there is such a product, and the variant is or was one of it."""


@STATEMENTS.query(row=_move)
async def page_of_moves(
    connection: Connection, product_id: UUID, wanted: MoveFilter, *, before: int | None, limit: int
) -> list[PriceMove]:
    """Up to `limit` moves of a product's prices, newest first, from below the number `before`."""


async def read_chart(
    connection: Connection, item_id: UUID, currency: str, begin: datetime, end: datetime, width: timedelta
) -> tuple[Decimal | None, dict[int, Moved]]:
    """The price in force before `begin`, and what the moves within each stretch came to, by its number."""
    before = await connection.fetchval(STATEMENTS["price_before"], item_id, currency, begin)
    rows = await connection.fetch(STATEMENTS["buckets"], item_id, currency, begin, end, width)
    moved = {
        row["place"]: Moved(
            _number(row["lowest"]),
            _number(row["highest"]),
            _number(row["last"]),
            row["is_sold"],
            is_at_start=row["first_at"] == begin + row["place"] * width,
        )
        for row in rows
    }
    return _number(before), moved


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
