"""Products of a catalog in memory, and baskets of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from quote_service.platform.documents.documents import write_document
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook, empty_rulebook
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import book_of, instant_us
from tests.pricing.rulebooks import AT

AT_US = instant_us(AT)
CUSTOMER = "d0000000-0000-4000-8000-000000000000"
SELLER = "a0000000-0000-4000-8000-000000000000"
MAKER = "a0000000-0000-4000-8000-00000000000a"  # the seller in the catalog
CATEGORY = "c0000000-0000-4000-8000-000000000000"
PRODUCT = "b0000000-0000-4000-8000-000000000001"
VARIANT = "b0000000-0000-4000-8000-00000000000f"
STRANGER = "b0000000-0000-4000-8000-000000000009"


def a_price(product_id: str = PRODUCT, **fields: Any) -> ProductPrice:
    """100 TRY, from 50 to 200, and half a kilogram."""
    usual: dict[str, Any] = {
        "variant_id": None,
        "currency": "TRY",
        "category_id": CATEGORY,
        "seller_id": MAKER,
        "tags": ("shoes",),
        "weight_pico": 500_000_000_000,
        "is_active": True,
        "current_micro": 100_000_000,
        "min_micro": 50_000_000,
        "max_micro": 200_000_000,
        "cost_micro": None,
    }
    return ProductPrice(product_id=product_id, **{**usual, **fields})


def book_with(prices: Iterable[ProductPrice], setup: dict[str, Any] | None = None) -> Rulebook:
    """A rulebook that knows these products."""
    book = empty_rulebook() if setup is None else book_of(setup)
    book.catalog = CatalogSnapshot(prices)
    return book


def a_line(product_id: str = PRODUCT, **fields: Any) -> dict[str, Any]:
    return {"product_id": product_id, "quantity": 2, **fields}


def a_basket(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "customer_id": CUSTOMER,
        "seller_id": SELLER,
        "items": list(items),
        "delivery_address": {"country": "TR", "city": "Istanbul"},
        "currency": "TRY",
        **fields,
    }


def completed(book: Rulebook, request: dict[str, Any], *, is_shoppers: bool = False) -> CheckedBasket:
    """A basket as it is priced."""
    checked = decode_basket(write_document(request), book.catalog)
    checked.is_shoppers = is_shoppers
    return complete_basket(QuoteBasis(book, checked, AT_US)).checked
