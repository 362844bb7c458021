"""Move a price of the catalog because of a decision, in the decision's transaction.

Source: docs/spec/price-decisions.md#one-mover.
"""

from decimal import Decimal
from uuid import UUID

from quote_service.intelligence.price_decisions.model.errors import PriceMovedSince
from quote_service.intelligence.price_decisions.model.facts import Facts
from quote_service.intelligence.price_decisions.tables.facts import Item
from quote_service.platform.postgres.pool import Connection
from quote_service.shop.catalog.operations.steer_price import SteeredPrice, hold_price, steer_price


async def hold_item(connection: Connection, item: Item) -> SteeredPrice | None:
    """Keep a product from others until the transaction ends; None where it is not sold in this currency."""
    return await hold_price(connection, item[0], None, item[1])


async def set_price(
    connection: Connection, held: SteeredPrice, facts: Facts, price_minor: int, decision_id: UUID, actor: str, note: str
) -> None:
    """Move a price that is held to what was decided; the history names the decision.

    Raises:
        PriceMovedSince: It is not the one that the decision goes by.
    """
    scale = Decimal(1).scaleb(-facts.exponent)
    # One that is finer than its currency is decided about by people, who go by what it is cut down to.
    if int(held.current / scale) != facts.current_minor:
        raise PriceMovedSince("The price has moved since the decision was made")
    await steer_price(
        connection,
        facts.product_id,
        facts.currency,
        held,
        price_minor * scale,
        reason="intelligence",
        source_id=str(decision_id),
        actor=actor,
        note=note,
    )
