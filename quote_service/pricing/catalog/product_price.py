"""What the rulebook knows of a product, or a variant, in one currency.

Source: docs/spec/catalog.md.
"""

import msgspec


class ProductPrice(msgspec.Struct, frozen=True, gc=False):
    """Prices are millionths of a major unit of `currency`; `weight_pico` is 10**-12 kg a unit, None where it is not known.

    `variant_id` is None for the product itself; what a variant has not of its own is its product's. `current_micro` is the
    price before rules, within `min_micro` and `max_micro` (None: no bound). Who is not active is not sold.
    """

    product_id: str
    variant_id: str | None
    currency: str
    category_id: str | None
    seller_id: str | None
    tags: tuple[str, ...]
    weight_pico: int | None
    is_active: bool
    current_micro: int
    min_micro: int
    max_micro: int | None
    cost_micro: int | None

    @property
    def item_id(self) -> str:
        """What stock and history are of: the variant, or the product."""
        return self.variant_id or self.product_id

    @property
    def item(self) -> "ProductPrice":
        """Itself: conditions about lines look at it as at the line of a quote (`conditions/line_tests.py`)."""
        return self
