"""What a price rule may look at: who is offered how many units of what.

Source: docs/spec/pricing-rules.md#price-rules.
"""

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.product_price import ProductPrice


class Offer:
    """A product, or a variant of it, offered to a customer of a tier: `quantity` units of it, of `product_quantity` units of
    the product with all its variants."""

    __slots__ = ("catalog", "customer_tier", "product", "product_quantity", "quantity")

    def __init__(
        self,
        product: ProductPrice,
        quantity: int,
        product_quantity: int,
        customer_tier: str | None,
        catalog: CatalogSnapshot,
    ) -> None:
        self.product = product
        self.quantity = quantity
        self.product_quantity = product_quantity
        self.customer_tier = customer_tier
        self.catalog = catalog
