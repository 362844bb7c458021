"""Units of many items at once, as rows.

Source: docs/spec/inventory.md#stock.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.shop.inventory.model.held_item import HeldItem, Move

STATEMENTS = Statements(__file__, "units")


@STATEMENTS.query(key="item_id")
async def hold_items(connection: Connection, item_ids: Collection[UUID]) -> dict[UUID, HeldItem]:
    """Those of the items whose stock is kept, locked in the order of their ids until the transaction ends."""


@STATEMENTS.query()
async def hold_products(connection: Connection, product_ids: Collection[UUID]) -> None:
    """Lock products in the order of their ids until the transaction ends."""


async def move_units(connection: Connection, moves: Mapping[UUID, Move], actor: str, reason: str) -> None:
    """Change quantities and reservations; triggers write the movements and move prices.

    Raises:
        Invalid: There would be fewer units than are reserved, or more than can be.
    """
    deltas = moves.values()
    await connection.execute(
        STATEMENTS["move_units"],
        list(moves),
        [move.quantity for move in deltas],
        [move.reserved for move in deltas],
        actor,
        reason,
    )
