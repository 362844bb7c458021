"""An offer as it was read, before anybody knows which product of ours it is.

Source: docs/spec/competitors.md#what-is-read.
"""

from decimal import Decimal
from typing import Literal

import msgspec

Availability = Literal["in_stock", "low_stock", "preorder", "backorder", "out_of_stock", "discontinued", "unknown"]
Condition = Literal["new", "refurbished", "used", "damaged", "unknown"]
PackUnit = Literal["piece", "g", "ml", "mm", "cm2"]

#: There is nothing to buy, so that a price may be missing.
NOT_SOLD: frozenset[Availability] = frozenset({"out_of_stock", "discontinued"})


class FoundOffer(msgspec.Struct, frozen=True, kw_only=True):
    """One offer. Amounts are in major units and exact; `price` is None only where nothing is sold."""

    external_id: str
    currency: str
    price: Decimal | None
    list_price: Decimal | None = None
    shipping: Decimal | None = None
    availability: Availability = "unknown"
    condition: Condition = "unknown"
    valid_until: str | None = None
    seller: str | None = None
    title: str | None = None
    brand: str | None = None
    gtin: str | None = None
    sku: str | None = None
    url: str | None = None
    pack_quantity: Decimal | None = None
    pack_unit: PackUnit | None = None
    unit_price: Decimal | None = None
    """For one of `pack_unit`'s customary measures, as the page says it or as the pack gives it."""
    read_from: str = ""
    """Where in the document it stood, such as `json-ld offers` or `row 12`."""
    excerpt: str | None = None
    """What it was read from, cut short: evidence."""
