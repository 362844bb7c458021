"""What was sold at prices that were decided.

Source: docs/spec/price-experiments.md#performance.
"""

from datetime import date, datetime
from uuid import UUID

import msgspec

from quote_service.intelligence.price_experiments.tables.course import first_id
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "performance")


class SoldAtPrice(msgspec.Struct, frozen=True):
    """What a product sold on a day at the price of a decision; amounts in minor units.

    Attributes:
        mode: `auto`, or `suggest` where a person accepted it.
        confirmed_minor: The price that a person had last confirmed.
        mean: The elasticity that was known then, with its interval; None without a model.
    """

    id: UUID
    product_id: UUID
    currency: str
    exponent: int
    mode: str
    confirmed_minor: int | None
    price_minor: int
    cost_minor: int | None
    mean: float | None
    low: float | None
    high: float | None
    day: date
    units: int
    revenue_minor: int


async def sold_at_decided_prices(
    connection: Connection, begin: datetime, end: datetime, currency: str | None, product_id: UUID | None, zone: str
) -> list[SoldAtPrice]:
    """By day of a time zone and decision; days on which nothing was sold have no row."""
    rows = await connection.fetch(
        STATEMENTS["sold_at_decided_prices"], begin, end, currency, product_id, first_id(begin), first_id(end), zone
    )
    return [SoldAtPrice(**dict(row)) for row in rows]
