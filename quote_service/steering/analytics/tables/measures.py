"""What the rollups come to, in a few rows each.

Source: docs/spec/analytics.md#metrics.
"""

from decimal import Decimal
from typing import NamedTuple

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "measures")
_SOLD = _QUERIES["sold"]
_TAKE_RATES = _QUERIES["take_rates"]
_FLAGS = _QUERIES["flags"]
_WAITING = _QUERIES["waiting"]
_AGES = _QUERIES["ages"]


class Sold(NamedTuple):
    """What was sold in a currency, less what came back; minor units."""

    currency: str
    orders: int
    revenue_minor: Decimal
    commission_minor: Decimal


async def read_sold(connection: Connection) -> list[Sold]:
    """Since the first order."""
    return [Sold(*row) for row in await connection.fetch(_SOLD)]


async def read_take_rates(connection: Connection) -> dict[str, float]:
    """Commission of the orders of the last 24 hours by what it is charged on, by currency."""
    return {row["currency"]: float(row["rate"]) for row in await connection.fetch(_TAKE_RATES)}


async def count_shown_flags(connection: Connection, flags_max: int) -> dict[str, int]:
    """Quotes of the last 24 hours by what flags gave (`new_fee=b`), the most frequent."""
    return {row["flag"]: row["quotes"] for row in await connection.fetch(_FLAGS, flags_max)}


async def count_waiting(connection: Connection) -> int:
    """How much is to be counted yet, up to 10 000."""
    return int(await connection.fetchval(_WAITING))


async def read_ages(connection: Connection) -> dict[str, float]:
    """How long ago each source of rollups was last folded, in seconds."""
    return {row["source"]: row["seconds"] for row in await connection.fetch(_AGES)}
