"""Prices of products and variants as packed rows: 73 bytes a price, and what products share held once.

A row of a product has the key product, currency; one of a variant the key product, variant, currency, so that a product is
replaced with its variants. A product without any price has a row of no currency: it is known.

Source: docs/decisions/catalog-in-memory.md.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.interned import Interned
from quote_service.pricing.packed_rows import ID_BYTES, PackedRows, PackedRowsEdit, id_bytes

NO_CURRENCY: Final = "---"

_CURRENCY_BYTES: Final = 3
# Current, min, max, cost and weight; then category, seller, tags, and which are there.
_RECORD: Final = Struct(">QQQQQIIIB")
_NUMBERS: Final = Struct(">IIIB")
_FIGURES_BYTES: Final = _RECORD.size - _NUMBERS.size
# PostgreSQL has no unsigned numbers: it sends the five with their first bits turned over (`packed_figures`).
_FIRST_BITS: Final = int.from_bytes(bytes([128, 0, 0, 0, 0, 0, 0, 0]) * 5)
_HAS_MAX: Final = 1
_HAS_COST: Final = 2
_HAS_WEIGHT: Final = 4
_IS_ACTIVE: Final = 8
# Weights are kept as PostgreSQL keeps them, in millionths of a kilogram: 10**19 of them fit into 64 bits.
_PICO_IN_MICRO: Final = 1_000_000


class PriceRows:
    """The rows of one catalog, and the values that they name."""

    __slots__ = ("categories", "products", "sellers", "tags", "variants")

    def __init__(
        self,
        products: PackedRows,
        variants: PackedRows,
        categories: Interned[str],
        sellers: Interned[str],
        tags: Interned[tuple[str, ...]],
    ) -> None:
        self.products = products
        self.variants = variants
        self.categories = categories
        self.sellers = sellers
        self.tags = tags

    @property
    def count(self) -> int:
        """How many prices there are."""
        return self.products.count + self.variants.count

    @property
    def size_bytes(self) -> int:
        """About how much memory the rows take."""
        return self.products.size_bytes + self.variants.size_bytes

    @property
    def values(self) -> int:
        """How many values there are that rows can name."""
        return len(self.categories.values) + len(self.sellers.values) + len(self.tags.values)

    def find(self, product_id: str, variant_id: str | None, currency: str) -> ProductPrice | None:
        """The price that a row holds, None where there is no such row or an id is none."""
        product = id_bytes(product_id)
        if variant_id is None:
            record = self.products.find(product, product, product + currency.encode())
        else:
            variant = id_bytes(variant_id)
            record = self.variants.find(product, variant, product + variant + currency.encode())
        if record is None:
            return None
        current, lowest, highest, cost, weight, category, seller, tags, has = _RECORD.unpack(record)
        return ProductPrice(
            product_id,
            variant_id,
            currency,
            self.categories.values[category],
            self.sellers.values[seller],
            self.tags.values[tags] or (),
            weight * _PICO_IN_MICRO if has & _HAS_WEIGHT else None,
            bool(has & _IS_ACTIVE),
            current,
            lowest,
            highest if has & _HAS_MAX else None,
            cost if has & _HAS_COST else None,
        )

    def knows(self, product_id: str) -> bool:
        """Whether there is a row of a product."""
        product = id_bytes(product_id)
        return self.products.find(product, product, product) is not None


def no_price_rows() -> PriceRows:
    """The rows of a catalog without products."""
    return PriceRows(
        PackedRows(ID_BYTES + _CURRENCY_BYTES, _RECORD.size),
        PackedRows(2 * ID_BYTES + _CURRENCY_BYTES, _RECORD.size),
        Interned(),
        Interned(),
        Interned(),
    )


class PriceRowsEdit:
    """Rows that are being changed; see `PackedRowsEdit`."""

    __slots__ = ("_products", "_variants", "held")

    def __init__(self, held: PriceRows) -> None:
        self.held = held
        self._products = PackedRowsEdit(held.products)
        self._variants = PackedRowsEdit(held.variants)

    def drop(self, product: bytes) -> None:
        """Take away what is held of a product and its variants."""
        self._products.drop(product)
        self._variants.drop_tagged_otherwise(product)

    def add(
        self,
        product: bytes,
        variant: bytes | None,
        currency: str,
        prices: tuple[int, int, int | None, int | None],
        weight_micro: int | None,
        category_id: str | None,
        seller_id: str | None,
        tags: tuple[str, ...],
        is_active: bool,
    ) -> None:
        """Add a price that is not held: current, lowest, highest and cost, in millionths; the weight in those of a kg."""
        current, lowest, highest, cost = prices
        held = self.held
        record = _RECORD.pack(
            current,
            lowest,
            highest or 0,
            cost or 0,
            weight_micro or 0,
            held.categories.number(category_id),
            held.sellers.number(seller_id),
            held.tags.number(tags or None),
            (highest is not None) * _HAS_MAX
            + (cost is not None) * _HAS_COST
            + (weight_micro is not None) * _HAS_WEIGHT
            + is_active * _IS_ACTIVE,
        )
        if variant is None:
            self._products.add(product, product, product + currency.encode() + record)
        else:
            self._variants.add(product, variant, product + variant + currency.encode() + record)

    def add_packed(
        self,
        product: bytes,
        variant: bytes | None,
        currency: str,
        figures: bytes,
        category: int,
        seller: int,
        tags: int,
        has: int,
    ) -> None:
        """Add a price that is not held, as PostgreSQL packs it; category, seller and tags are numbers of the values held."""
        record = (int.from_bytes(figures) ^ _FIRST_BITS).to_bytes(_FIGURES_BYTES) + _NUMBERS.pack(
            category, seller, tags, has
        )
        if variant is None:
            self._products.add(product, product, product + currency.encode() + record)
        else:
            self._variants.add(product, variant, product + variant + currency.encode() + record)

    def add_price(self, price: ProductPrice) -> None:
        """Add a price that is not held.

        Raises:
            ValueError: Its weight is finer than a millionth of a kilogram.
        """
        weight, finer = divmod(price.weight_pico or 0, _PICO_IN_MICRO)
        if finer:
            raise ValueError(f"a weight of {price.weight_pico} * 10**-12 kg is finer than the catalog's")
        self.add(
            id_bytes(price.product_id),
            None if price.variant_id is None else id_bytes(price.variant_id),
            price.currency,
            (price.current_micro, price.min_micro, price.max_micro, price.cost_micro),
            None if price.weight_pico is None else weight,
            price.category_id,
            price.seller_id,
            price.tags,
            price.is_active,
        )

    def freeze(self) -> Iterator[None]:
        """Make what was touched unchangeable; whoever runs this may let others run between the steps."""
        yield from self._products.freeze()
        yield from self._variants.freeze()

    def rows(self) -> PriceRows:
        """The rows, frozen."""
        held = self.held
        return PriceRows(self._products.rows(), self._variants.rows(), held.categories, held.sellers, held.tags)
