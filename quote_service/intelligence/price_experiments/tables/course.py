"""How price experiments go: what their clusters sold, and what spoils what they would say.

Source: docs/spec/price-experiments.md#course; docs/spec/price-experiments.md#estimates.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.instants import to_micros

STATEMENTS = Statements(__file__, "course")


class Sold(msgspec.Struct, frozen=True):
    """What a cluster sold in a stretch of time; amounts in minor units, after discounts and before tax."""

    units: Decimal = Decimal(0)
    revenue: Decimal = Decimal(0)
    profit: Decimal = Decimal(0)


NOTHING_SOLD = Sold()


class MixedUp(NamedTuple):
    """A product that spoils what an experiment would say: it is not sold any more, or else somebody has moved its price."""

    product_id: UUID
    is_sold: bool


@STATEMENTS.query()
async def mixed_up(connection: Connection, experiment_id: UUID) -> MixedUp | None:
    """The first such product; None where all are sold at the prices that the experiment has set."""


async def sold_in(
    connection: Connection, experiment_id: UUID, currency: str, spans: Sequence[tuple[datetime, datetime]]
) -> dict[tuple[int, int], Sold]:
    """What each cluster sold in each span of time, by their numbers from 0; nothing sold has no entry."""
    rows = await connection.fetch(
        STATEMENTS["sold"],
        experiment_id,
        [first_id(begin) for begin, _ in spans],
        [first_id(end) for _, end in spans],
        currency,
    )
    return {(row["cluster"], row["stretch"] - 1): Sold(row["units"], row["revenue"], row["profit"]) for row in rows}


def first_id(instant: datetime) -> UUID:
    """Not above any id that is made from this instant on."""
    return UUID(int=to_micros(instant) // 1000 << 80)
