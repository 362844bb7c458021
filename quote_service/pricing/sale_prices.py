"""What is on sale, as the quotes of one process see it: made when the board is read, so a quote asks nobody.

Source: spec 7, "from a local view that is at most 1 s old".
"""

from collections.abc import Iterable

from quote_service.domain.currencies import EXPONENTS
from quote_service.domain.flash_sales.sale_price import SalePrice
from quote_service.domain.flash_sales.stock_item import StockItem


class SalePrices:
    """Prices by product, in a dict that is never changed but replaced; `version` rises when it is another one.

    Units that are sold change nothing here until the last one goes, so an answer that was given to the very same request
    under the same version is still right, until the instant that it is good for.
    """

    __slots__ = ("by_product", "version")

    def __init__(self) -> None:
        self.by_product: dict[str, SalePrice] = {}
        self.version = 0

    def follow(self, items: Iterable[StockItem]) -> None:
        """Take over what is on sale by the board: of active sales, the items that there is stock of."""
        prices = {
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
        if prices != self.by_product:
            self.by_product = prices
            self.version += 1
