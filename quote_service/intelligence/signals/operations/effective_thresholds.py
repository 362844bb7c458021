"""Which figures raise each kind of signal, built in or set by people.

Source: docs/spec/signals.md#thresholds.
"""

from typing import get_args
from uuid import UUID

from quote_service.intelligence.signals.model.signals import SignalKind
from quote_service.intelligence.signals.model.thresholds import EffectiveThreshold, effective, rule_for
from quote_service.intelligence.signals.tables.thresholds import path_of_category, paths_of_products, thresholds_for
from quote_service.platform.postgres.pool import Connection


async def effective_thresholds(
    connection: Connection, product_id: UUID | None, category_id: UUID | None
) -> list[EffectiveThreshold]:
    """One for each kind, for a product or a category that there is, or for everything; never for both."""
    path: list[UUID] = []
    if product_id is not None:
        path = (await paths_of_products(connection, [product_id])).get(product_id, [])
    elif category_id is not None:
        path = await path_of_category(connection, category_id)
    scoped = await thresholds_for(connection, [] if product_id is None else [product_id])
    return [effective(rule_for(kind, scoped, product_id, path)) for kind in get_args(SignalKind)]
