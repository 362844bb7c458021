"""Move units of many items in one transaction, without two of those waiting for each other.

Items are locked in the order of their ids, and then the products whose prices will follow, in the order of theirs: triggers
would lock them as they come.

Source: docs/spec/inventory.md#movements; docs/decisions/reservations.md.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.shop.inventory.model.held_item import HeldItem, Move
from quote_service.shop.inventory.tables import units


async def hold_items(connection: Connection, item_ids: Collection[UUID]) -> dict[UUID, HeldItem]:
    """Those of the items whose stock is kept, held until the transaction ends.

    Args:
        connection: Inside a transaction that holds no item yet.
        item_ids: Products and variants.
    """
    return await units.hold_items(connection, item_ids) if item_ids else {}


async def move_units(
    connection: Connection, held: Mapping[UUID, HeldItem], moves: Mapping[UUID, Move], *, actor: str, reason: str
) -> None:
    """Change quantities and reservations of items that are held.

    Args:
        connection: The one that holds them.
        held: They, as they are.
        moves: By item.
        actor: Whom the movements name.
        reason: Why, as the movements say it.

    Raises:
        Invalid: There would be fewer units than are reserved, or more than can be.
    """
    if not moves:
        return
    products = {held[item].product_id for item, move in moves.items() if held[item].moves_prices(move.quantity)}
    if products:
        await units.hold_products(connection, products)
    await units.move_units(connection, moves, actor, reason)
