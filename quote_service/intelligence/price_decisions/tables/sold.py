"""What was sold, and what is sold: what demand is learnt from.

Source: docs/spec/price-decisions.md#models.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from quote_service.intelligence.price_decisions.model.sales_days import CostStep
from quote_service.intelligence.price_decisions.tables.facts import Item
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "sold")


class SoldDay(NamedTuple):
    """What was sold of a product on a day; amounts in minor units."""

    product_id: UUID
    currency: str
    day: date
    units: int
    gross_minor: int
    discount_minor: int


class PricedProduct(NamedTuple):
    """What a product costs now; `current_minor` is 0 where that is less than a minor unit."""

    category: str
    current_minor: int
    cost_minor: int | None


@STATEMENTS.query()
async def sold_days(connection: Connection, since: datetime, until: datetime, zone: str) -> list[SoldDay]:
    """Days with sales from `since` to before `until`, by product, currency and day."""


async def priced_products(connection: Connection, product_ids: Sequence[UUID]) -> dict[Item, PricedProduct]:
    """Prices and categories of products now; those that are not sold any more have nothing."""
    return {
        (row["product_id"], row["currency"]): PricedProduct(
            row["category"], int(Decimal(row["current_units"])), row["cost_minor"]
        )
        for row in await connection.fetch(STATEMENTS["priced_products"], list(product_ids))
    }


async def costs_of_past(
    connection: Connection, product_ids: Sequence[UUID], until: datetime
) -> dict[Item, list[CostStep]]:
    """What products cost before an instant, by time, as far as that was noted."""
    found: dict[Item, list[CostStep]] = defaultdict(list)
    for row in await connection.fetch(STATEMENTS["costs_of_past"], list(product_ids), until):
        found[row["product_id"], row["currency"]].append(CostStep(row["at"], row["cost_minor"]))
    return found


@STATEMENTS.query()
async def has_sold(connection: Connection) -> bool:
    """Whether anything was sold that demand could be learnt from."""


@asynccontextmanager
async def learning_alone(connection: Connection) -> AsyncIterator[bool]:
    """Whether nobody else learns, until the block ends; a process that dies gives it back too.

    Args:
        connection: One that the block keeps.
    """
    is_alone = bool(await connection.fetchval(STATEMENTS["try_learning"]))
    try:
        yield is_alone
    finally:
        if is_alone and not connection.is_closed():
            await connection.execute(STATEMENTS["end_learning"])
