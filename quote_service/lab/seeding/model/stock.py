"""How many units there are of the seeded products, and when they are few or many.

Source: docs/spec/seeding.md#what-is-there.
"""

from collections.abc import Iterator
from typing import NamedTuple

from quote_service.lab.seeding.model.draws import Draws
from quote_service.lab.seeding.model.plan import SeedPlan
from quote_service.lab.seeding.model.products import SeedProduct

_DYNAMIC_PERCENT = 20
_LOW_PERCENT = 6  # of the products that are few
_HIGH_PERCENT = 6


class SeedStock(NamedTuple):
    """The stock of a product without variants, or of one variant."""

    product_id: str
    variant_id: str | None
    quantity: int
    low_threshold: int
    high_threshold: int
    low_adjust_percent: int
    high_adjust_percent: int
    is_dynamic: bool


def stock_of(plan: SeedPlan, product: SeedProduct) -> Iterator[SeedStock]:
    """The stock of a product, or of each of its variants."""
    draws = Draws(plan.seed, "stock", product.number)
    is_dynamic = draws.percent(_DYNAMIC_PERCENT)
    items: list[str | None] = [variant.id for variant in product.variants]
    for variant_id in items or [None]:
        low = draws.between(5, 20)
        high = low * draws.between(20, 40)
        chance = draws.below(100)
        if chance < _LOW_PERCENT:
            quantity = draws.below(low + 1)
        elif chance < _LOW_PERCENT + _HIGH_PERCENT:
            quantity = draws.between(high, 2 * high)
        else:
            quantity = draws.between(low + 1, high - 1)
        yield SeedStock(product.id, variant_id, quantity, low, high, 10, 10, is_dynamic)
