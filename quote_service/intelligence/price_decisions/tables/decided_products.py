"""What is so of single prices: taken out of the loop, put back to suggestions, or moved away from what a person confirmed.

Source: docs/spec/price-decisions.md#roll-back; docs/spec/price-decisions.md#experiments.
"""

from datetime import datetime
from uuid import UUID

from quote_service.intelligence.price_decisions.tables.facts import Item
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "decided_products")


@STATEMENTS.query()
async def demote_item(connection: Connection, item: Item, at: datetime) -> None:
    """From now on what would be set is suggested, until somebody confirms."""


@STATEMENTS.query()
async def promote_item(connection: Connection, item: Item) -> None:
    """Somebody has confirmed a price: what was rolled back may be set by itself again."""


@STATEMENTS.query()
async def claim_item(connection: Connection, item: Item, claimed_by: UUID) -> bool:
    """Take a price out of the loop; False where somebody else has it."""


@STATEMENTS.query()
async def release_items(connection: Connection, claimed_by: UUID) -> None:
    """Give prices back to the loop."""


@STATEMENTS.query()
async def items_to_roll_back(connection: Connection, product_id: UUID | None, currency: str | None) -> list[Item]:
    """Prices that decisions have moved away from what a person last confirmed."""


@STATEMENTS.query()
async def applied_by_itself(connection: Connection, item: Item) -> list[UUID]:
    """Decisions that have set a price by themselves and were not taken back, oldest first."""
