"""What is so of single prices: taken out of the loop, put back to suggestions, or moved away from what a person confirmed.

Source: docs/spec/price-decisions.md#roll-back; docs/spec/price-decisions.md#experiments.
"""

from datetime import datetime
from uuid import UUID

from quote_service.intelligence.price_decisions.tables.facts import Item
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "decided_products")
_DEMOTE = _QUERIES["demote"]
_PROMOTE = _QUERIES["promote_item"]
_CLAIM = _QUERIES["claim_item"]
_RELEASE = _QUERIES["release_items"]
_TO_ROLL_BACK = _QUERIES["items_to_roll_back"]
_BY_ITSELF = _QUERIES["applied_by_itself"]


async def demote_item(connection: Connection, item: Item, at: datetime) -> None:
    """From now on what would be set is suggested, until somebody confirms."""
    await connection.execute(_DEMOTE, *item, at)


async def promote_item(connection: Connection, item: Item) -> None:
    """Somebody has confirmed a price: what was rolled back may be set by itself again."""
    await connection.execute(_PROMOTE, *item)


async def claim_item(connection: Connection, item: Item, claimed_by: UUID) -> bool:
    """Take a price out of the loop; False where somebody else has it."""
    return await connection.fetchval(_CLAIM, *item, claimed_by) is not None


async def release_items(connection: Connection, claimed_by: UUID) -> None:
    """Give prices back to the loop."""
    await connection.execute(_RELEASE, claimed_by)


async def items_to_roll_back(connection: Connection, product_id: UUID | None, currency: str | None) -> list[Item]:
    """Prices that decisions have moved away from what a person last confirmed."""
    rows = await connection.fetch(_TO_ROLL_BACK, product_id, currency)
    return [(row["product_id"], row["currency"]) for row in rows]


async def applied_by_itself(connection: Connection, item: Item) -> list[UUID]:
    """Decisions that have set a price by themselves and were not taken back, oldest first."""
    return [row["id"] for row in await connection.fetch(_BY_ITSELF, *item)]
