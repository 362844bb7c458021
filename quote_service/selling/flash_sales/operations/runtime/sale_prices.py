"""The prices of the items on sale, as quotes ask for them.

Source: docs/spec/flash-sales.md#sale-prices-in-quotes.
"""

from collections.abc import Iterable

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.selling.flash_sales.model.stock_item import StockItem


def sale_prices_of(items: Iterable[StockItem]) -> dict[str, SalePrice]:
    """By product: of active sales, the items that there is stock of."""
    return {
        str(item.product_id): SalePrice(
            item_id=item.id,
            sale_id=str(item.sale_id),
            currency=item.currency,
            price_micro=item.price_minor * 10 ** (6 - EXPONENTS[item.currency]),
            starts_us=item.starts_ms * 1000,
            ends_us=item.ends_ms * 1000,
        )
        for item in items
        if item.state == "active" and item.sold < item.allocated and item.currency in EXPONENTS
    }
