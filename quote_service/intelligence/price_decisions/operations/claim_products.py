"""A price experiment takes products out of the loop, and gives them back.

Source: docs/spec/price-decisions.md#experiments.
"""

from collections.abc import Sequence
from uuid import UUID

from quote_service.intelligence.price_decisions.operations.confirm_decision import supersede_waiting
from quote_service.intelligence.price_decisions.operations.set_price import hold_item
from quote_service.intelligence.price_decisions.tables.decided_products import claim_item, release_items
from quote_service.intelligence.price_decisions.tables.facts import Item
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection


async def claim_products(change: Change, items: Sequence[Item], claimed_by: UUID) -> list[Item]:
    """Take prices out of the loop; those that another experiment has are answered and stay its own.

    What waits for a person is over: whoever accepted it would end the experiment without knowing.

    Args:
        change: Who takes them.
        items: Products and currencies.
        claimed_by: The experiment.
    """
    taken = []
    for item in sorted(items):
        await hold_item(change.connection, item)
        if not await claim_item(change.connection, item, claimed_by):
            taken.append(item)
        await supersede_waiting(change, item)
    return taken


async def release_products(connection: Connection, claimed_by: UUID) -> None:
    """Give an experiment's prices back to the loop."""
    await release_items(connection, claimed_by)
