"""Products and their variants: what is written, and what is shown.

Source: docs/spec/catalog.md#products-and-variants.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.money.quantities import Factor
from quote_service.shop.catalog.model.prices import PriceDraft, PriceField, PriceRecord, VariantPriceDraft

Sku = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[!-~]+( [!-~]+)*$")]
ProductName = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"\S")]
Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
Tags = Annotated[list[Tag], msgspec.Meta(max_length=50)]
Attributes = Annotated[dict[str, Any], msgspec.Meta(max_length=100)]
ATTRIBUTES_BYTES_MAX = 16 * 1024
ATTRIBUTES_DEPTH_MAX = 5
CURRENCIES_MAX = 50
VARIANTS_MAX = 200


class VariantDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A variant as it is written; its SKU says which one it is."""

    sku: Sku
    """Identifies the variant; unique among all products and variants."""
    id: UUID | None = None
    """Id of the variant that has this SKU, where it is sent back as it was shown."""
    name: ProductName
    """Name of the variant."""
    attributes: Attributes = {}
    """What sets the variant apart, such as its colour; at most 16 KiB and five levels of JSON."""
    prices: Annotated[list[VariantPriceDraft], msgspec.Meta(max_length=CURRENCIES_MAX)] = []
    """What the variant has of its own of the product's prices."""


class ProductDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A product as it is written."""

    sku: Sku
    """Identifies the product for people and other systems; unique among all products and variants."""
    name: ProductName
    """Name of the product."""
    description: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    """What the product is, in words."""
    category_id: UUID | None = None
    """The product's category."""
    seller_id: UUID | None = None
    """Who sells the product."""
    is_active: bool = True
    """Whether the product is sold; shoppers do not see one that is not."""
    weight: Factor | None = None
    """Weight of a unit in kilograms."""
    tags: Tags = []
    """Words that the product is found by."""
    attributes: Attributes = {}
    """Anything else, by name; at most 16 KiB and five levels of JSON."""
    prices: Annotated[list[PriceDraft], msgspec.Meta(max_length=CURRENCIES_MAX)] = []
    """Prices, one entry for each currency that the product is sold in."""
    variants: Annotated[list[VariantDraft], msgspec.Meta(max_length=VARIANTS_MAX)] = []
    """Variants such as sizes; one that is left out is removed."""


_COST: frozenset[PriceField] = frozenset({"cost_price"})
_BOUNDS: frozenset[PriceField] = frozenset({"min_price", "max_price"})


class VariantRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A variant as it is kept."""

    id: UUID
    """Identifies the variant."""
    sku: str
    """Identifies the variant; unique among all products and variants."""
    name: str
    """Name of the variant."""
    attributes: dict[str, Any]
    """What sets the variant apart."""
    prices: list[PriceRecord]
    """The variant's prices in every currency of its product; `own` names what is not the product's."""


class ProductRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A product as it is kept."""

    id: UUID
    """Identifies the product."""
    sku: str
    """Identifies the product; unique among all products and variants."""
    name: str
    """Name of the product."""
    description: str
    """What the product is, in words."""
    category_id: UUID | None
    """The product's category."""
    seller_id: UUID | None
    """Who sells the product."""
    is_active: bool
    """Whether the product is sold."""
    weight: ExactNumber | None
    """Weight of a unit in kilograms."""
    tags: list[str]
    """Words that the product is found by."""
    attributes: dict[str, Any]
    """Anything else, by name."""
    prices: list[PriceRecord]
    """Prices by currency."""
    variants: list[VariantRecord]
    """Variants, in the order in which they were written."""
    version: int
    """Version of the product, from 1; it goes up with every change, prices included, and `ETag` follows it."""
    created_at: datetime
    """When the product was created."""
    updated_at: datetime
    """When this version was made."""
    created_by: str | UnsetType = UNSET
    """Id of who created the product. Left out for shoppers and checkouts."""
    changed_by: Annotated[str | UnsetType, Renamed("updated_by")] = UNSET
    """Id of who made this version. Left out for shoppers and checkouts."""


def shoppers_form(product: ProductRecord, *, with_bounds: bool = False) -> ProductRecord:
    """The product without what a shopper has no business with: what it costs the shop, how far its prices may move, and who
    works there; `with_bounds` shows how far all the same."""
    shown = _without(product, _COST if with_bounds else _COST | _BOUNDS)
    return msgspec.structs.replace(shown, created_by=UNSET, changed_by=UNSET)


def without_bounds(product: ProductRecord) -> ProductRecord:
    """The product without how far its prices may move."""
    return _without(product, _BOUNDS)


def _without(product: ProductRecord, hidden: frozenset[PriceField]) -> ProductRecord:
    replace = msgspec.structs.replace

    def shown(prices: list[PriceRecord]) -> list[PriceRecord]:
        return [
            replace(price, own=[each for each in price.own if each not in hidden], **dict.fromkeys(hidden, UNSET))
            for price in prices
        ]

    return replace(
        product,
        prices=shown(product.prices),
        variants=[replace(variant, prices=shown(variant.prices)) for variant in product.variants],
    )
