"""What a page says of one product before one of its offers is chosen.

Source: docs/spec/competitors.md#what-is-read.
"""

from decimal import Decimal
from typing import NamedTuple

from quote_service.intelligence.competitors.model.found_offers import Availability, Condition


class PageOffer(NamedTuple):
    """An offer of a product.

    Attributes:
        highest: Set where `price` is the lowest of several that are not distinguished.
        is_least: Whether prices only begin at `price`, and nothing says where they end.
        valid_until: A day, or an instant in UTC, until which the price holds; or what the page says that is neither.
        may_change: Whether it is limited in time so that the same page may tell another price later.
        is_over: Whether its price is limited in time, and does not count now; it has none then.
    """

    currency: str
    price: Decimal | None
    highest: Decimal | None = None
    is_least: bool = False
    is_over: bool = False
    may_change: bool = False
    list_price: Decimal | None = None
    shipping: Decimal | None = None
    availability: Availability = "unknown"
    condition: Condition = "unknown"
    valid_until: str | None = None
    seller: str | None = None
    sku: str | None = None
    gtin: str | None = None
    url: str | None = None
    unit_price: Decimal | None = None
    read_from: str = ""
    excerpt: str | None = None


class PageProduct(NamedTuple):
    """A product, or a variant of one, with its offers."""

    title: str | None
    brand: str | None
    sku: str | None
    gtin: str | None
    url: str | None
    offers: tuple[PageOffer, ...]
    size: str | None = None
