"""What the rollups come to, in a few rows each.

Source: docs/spec/analytics.md#metrics.
"""

from decimal import Decimal
from typing import NamedTuple

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "measures")


class Sold(NamedTuple):
    """What was sold in a currency, less what came back; minor units."""

    currency: str
    orders: int
    revenue_minor: Decimal
    commission_minor: Decimal


@STATEMENTS.query()
async def read_sold(connection: Connection) -> list[Sold]:
    """Since the first order."""


async def read_take_rates(connection: Connection) -> dict[str, float]:
    """Commission of the orders of the last 24 hours by what it is charged on, by currency."""
    return {row["currency"]: float(row["rate"]) for row in await connection.fetch(STATEMENTS["take_rates"])}


@STATEMENTS.query()
async def count_shown_flags(connection: Connection, flags_max: int) -> dict[str, int]:
    """Quotes of the last 24 hours by what flags gave (`new_fee=b`), the most frequent."""


@STATEMENTS.query()
async def count_waiting(connection: Connection) -> int:
    """How much is to be counted yet, up to 10 000."""


@STATEMENTS.query()
async def read_ages(connection: Connection) -> dict[str, float]:
    """How long ago each source of rollups was last folded, in seconds."""
