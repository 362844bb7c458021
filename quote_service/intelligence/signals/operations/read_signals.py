"""What signals tell of products now: for the subjects above, which decide by it.

Source: docs/spec/signals.md#for-decisions.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from quote_service.intelligence.signals.model.signals import SignalKind, SignalRecord
from quote_service.intelligence.signals.tables.signals import prices_pending, signals_in_effect
from quote_service.platform.postgres.pool import Connection

__all__ = ["open_signals_of", "prices_pending", "products_at_war"]


async def open_signals_of(
    connection: Connection, product_ids: Sequence[UUID], at: datetime, kinds: Sequence[SignalKind] | None = None
) -> list[SignalRecord]:
    """Signals of products whose matter goes on: neither resolved nor expired. That a person has seen one ends nothing.

    What was written within the last moments may not have been looked at; `prices_pending` tells of which products.

    Args:
        connection: To read with.
        product_ids: Ours; variants come with their products.
        at: Now.
        kinds: Only these; None for all.
    """
    return await signals_in_effect(connection, product_ids, kinds, at)


async def products_at_war(connection: Connection, product_ids: Sequence[UUID], at: datetime) -> frozenset[UUID]:
    """Those of the products whose prices are in a price war now, which following would only feed."""
    found = await signals_in_effect(connection, product_ids, ("price_war",), at)
    return frozenset(each.product_id for each in found if each.product_id is not None)
