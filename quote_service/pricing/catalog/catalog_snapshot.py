"""The catalog as one rulebook sees it: immutable, like everything of a rulebook.

Source: docs/spec/quotes.md#snapshot-and-clock; docs/spec/catalog.md; docs/decisions/catalog-in-memory.md.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final
from uuid import UUID

from quote_service.pricing.catalog.price_rows import NO_CURRENCY, PriceRows, PriceRowsEdit, no_price_rows
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.packed_rows import ID_BYTES, id_bytes

# Prices taken out of their rows and kept ready: about 32 MB at the most, copied in half a millisecond at a change.
READY_MAX: Final = 65_536

_Key = tuple[str, str | None, str]


class Ready:
    """Prices that were asked for, as they were taken out of their rows.

    `variants` are the keys of variants by product, `currencies` all that were asked for: what has to be forgotten of a
    product that changes is looked up, and not searched for.
    """

    __slots__ = ("currencies", "prices", "variants")

    def __init__(self) -> None:
        self.prices: dict[_Key, ProductPrice] = {}
        self.variants: dict[str, list[_Key]] = {}
        self.currencies: set[str] = set()

    def keep(self, key: _Key, price: ProductPrice) -> None:
        """Keep a price, making room where there is none."""
        if len(self.prices) >= READY_MAX:
            self.prices.clear()
            self.variants.clear()
        product_id, variant_id, currency = key
        self.prices[key] = price
        self.currencies.add(currency)
        if variant_id is not None:
            self.variants.setdefault(product_id, []).append(key)

    def without(self, products: Iterable[str]) -> "Ready":
        """What is kept, but for some products. A check on another thread may keep prices here meanwhile."""
        others = Ready()
        others.prices = self.prices.copy()
        others.variants = self.variants.copy()
        others.currencies = self.currencies.copy()
        for product_id in products:
            for currency in others.currencies:
                others.prices.pop((product_id, None, currency), None)
            for key in others.variants.pop(product_id, ()):
                others.prices.pop(key, None)
        return others


class CatalogSnapshot:
    """Prices by product, variant and currency.

    `stock` are the units that can be sold, by variant or product (`ProductPrice.item_id`), of those that have an inventory;
    `demand` the units sold of a product in the last hours, by product and number of hours, of those that sold any: of one
    without an entry nothing was sold in hours of `demand_hours`, and nothing is known in others. Both are read only where a
    price rule asks for them. `parents` are the categories above each category, `seller_regions` where sellers are, as far as
    that is known.
    """

    __slots__ = ("_ready", "demand", "demand_hours", "parents", "rows", "seller_regions", "stock")

    def __init__(
        self,
        prices: Iterable[ProductPrice] = (),
        stock: Mapping[str, int] | None = None,
        demand: Mapping[tuple[str, int], int] | None = None,
        parents: Mapping[str, str | None] | None = None,
        demand_hours: frozenset[int] = frozenset(),
        *,
        rows: PriceRows | None = None,
        ready: Ready | None = None,
        seller_regions: Mapping[str, str] | None = None,
    ) -> None:
        """A catalog of some prices, or of `rows`; `ready` are some of their prices, to be shared with who has the same."""
        self.rows = rows if rows is not None else _changed(no_price_rows(), prices, ())
        self._ready = ready if ready is not None else Ready()
        self.stock: Mapping[str, int] = stock if stock is not None else {}
        self.demand: Mapping[tuple[str, int], int] = demand if demand is not None else {}
        self.parents: Mapping[str, str | None] = parents if parents is not None else {}
        self.seller_regions: Mapping[str, str] = seller_regions if seller_regions is not None else {}
        self.demand_hours = demand_hours

    @property
    def is_empty(self) -> bool:
        """Whether there is no product at all."""
        return not self.rows.products.count

    @property
    def count(self) -> int:
        """How many prices of products there are, those of variants not among them."""
        return self.rows.products.count

    def some(self, count_max: int) -> Iterator[ProductPrice]:
        """Up to so many prices of products, as if by chance; variants and products without a price are passed over."""
        for key in islice(self.rows.products.keys(), count_max):
            currency = key[ID_BYTES:].decode()
            price = self.rows.find(str(UUID(bytes=key[:ID_BYTES])), None, currency)
            if price is not None and currency != NO_CURRENCY:
                yield price

    def find(self, product_id: str, variant_id: str | None, currency: str) -> ProductPrice | None:
        """The price of a product, or of a variant of it, in a currency; ids in canonical form."""
        key = (product_id, variant_id, currency)
        price = self._ready.prices.get(key)
        if price is None:
            price = self.rows.find(product_id, variant_id, currency)
            if price is not None:
                self._ready.keep(key, price)
        return price

    def knows(self, product_id: str) -> bool:
        """Whether there is such a product, in whatever currency."""
        return self.rows.knows(product_id)

    def with_changes(self, prices: Iterable[ProductPrice], gone: Iterable[str] = ()) -> "CatalogSnapshot":
        """The catalog after some products changed.

        Args:
            prices: All prices of each changed product, its variants' too: they replace what was held of it.
            gone: Products that are to be held no more.
        """
        prices, gone = list(prices), set(gone)
        changed = gone | {price.product_id for price in prices}
        return self.with_rows(_changed(self.rows, prices, changed), changed)

    def with_rows(self, rows: PriceRows, changed: set[str] | None) -> "CatalogSnapshot":
        """The catalog with other rows, of which those of `changed` products differ; None for all."""
        return CatalogSnapshot(
            stock=self.stock,
            demand=self.demand,
            parents=self.parents,
            demand_hours=self.demand_hours,
            rows=rows,
            ready=None if changed is None else self._ready.without(changed),
            seller_regions=self.seller_regions,
        )

    def with_figures(
        self,
        stock: Mapping[str, int],
        demand: Mapping[tuple[str, int], int],
        parents: Mapping[str, str | None],
        demand_hours: frozenset[int] = frozenset(),
    ) -> "CatalogSnapshot":
        """The same prices beside other stock, demand (in hours that are followed) and categories."""
        return CatalogSnapshot(
            stock=stock,
            demand=demand,
            parents=parents,
            demand_hours=demand_hours,
            rows=self.rows,
            ready=self._ready,
            seller_regions=self.seller_regions,
        )

    def with_seller_regions(self, seller_regions: Mapping[str, str]) -> "CatalogSnapshot":
        """The same catalog, with sellers elsewhere."""
        return CatalogSnapshot(
            stock=self.stock,
            demand=self.demand,
            parents=self.parents,
            demand_hours=self.demand_hours,
            rows=self.rows,
            ready=self._ready,
            seller_regions=seller_regions,
        )


def _changed(held: PriceRows, prices: Iterable[ProductPrice], changed: Iterable[str]) -> PriceRows:
    edit = PriceRowsEdit(held)
    for product_id in changed:
        edit.drop(id_bytes(product_id))
    of_variants: set[str] = set()
    of_products: set[str] = set()
    for price in prices:
        (of_products if price.variant_id is None else of_variants).add(price.product_id)
        edit.add_price(price)
    for product_id in of_variants - of_products:
        nothing = (0, 0, None, None)
        edit.add(id_bytes(product_id), None, NO_CURRENCY, nothing, None, None, None, (), is_active=False)
    return edit.rows()
