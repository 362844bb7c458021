"""The catalog as one rulebook sees it: immutable, like everything of a rulebook.

Source: docs/spec/quotes.md#snapshot-and-clock; docs/spec/catalog.md.
"""

from collections.abc import Iterable, Mapping

from quote_service.pricing.catalog.product_price import ProductPrice


class CatalogSnapshot:
    """Prices by product, variant and currency.

    `stock` are the units that can be sold, by variant or product (`ProductPrice.item_id`), of those that have an inventory;
    `demand` the units sold of a product in the last full hours, by product and number of hours; both are read only where a
    price rule asks for them. `parents` are the categories above each category.
    """

    __slots__ = ("_by_item", "_known", "demand", "parents", "stock")

    def __init__(
        self,
        prices: Iterable[ProductPrice] = (),
        stock: Mapping[str, int] | None = None,
        demand: Mapping[tuple[str, int], int] | None = None,
        parents: Mapping[str, str | None] | None = None,
    ) -> None:
        self._by_item = {(price.product_id, price.variant_id, price.currency): price for price in prices}
        self._known = {product_id for product_id, _, _ in self._by_item}
        self.stock: Mapping[str, int] = stock or {}
        self.demand: Mapping[tuple[str, int], int] = demand or {}
        self.parents: Mapping[str, str | None] = parents or {}

    @property
    def is_empty(self) -> bool:
        """Whether there is no product at all."""
        return not self._known

    def find(self, product_id: str, variant_id: str | None, currency: str) -> ProductPrice | None:
        """The price of a product, or of a variant of it, in a currency; ids in canonical form."""
        return self._by_item.get((product_id, variant_id, currency))

    def knows(self, product_id: str) -> bool:
        """Whether there is such a product, in whatever currency."""
        return product_id in self._known
