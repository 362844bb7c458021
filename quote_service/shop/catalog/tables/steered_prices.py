"""The prices that other subjects move: those of products, and those that variants have of their own.

Source: docs/spec/catalog.md#moving-a-price.
"""

from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "steered_prices")


class SteeredPrice(NamedTuple):
    """A current price and its bounds."""

    current: Decimal
    lowest: Decimal
    highest: Decimal | None


async def read_steered_price(connection: Connection, item_id: UUID, currency: str) -> SteeredPrice | None:
    """The price of a product, or of a variant that has one of its own; None where there is none in this currency."""
    row = await connection.fetchrow(STATEMENTS["steered_price"], item_id, currency)
    if row is None:
        return None
    current, lowest, highest = row
    return SteeredPrice(Decimal(current), Decimal(lowest), None if highest is None else Decimal(highest))
