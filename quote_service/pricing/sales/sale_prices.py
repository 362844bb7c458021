"""What is on sale, as the quotes of one process see it: whoever knows replaces it, so a quote asks nobody.

Source: docs/spec/flash-sales.md#sale-prices-in-quotes.
"""

from quote_service.pricing.sales.sale_price import SalePrice


class SalePrices:
    """Prices by product, in a dict that is never changed but replaced; `version` rises when it is another one.

    Units that are sold change nothing here until the last one goes, so an answer that was given to the very same request
    under the same version is still right, until the instant that it is good for.
    """

    __slots__ = ("by_product", "version")

    def __init__(self) -> None:
        self.by_product: dict[str, SalePrice] = {}
        self.version = 0

    def replace(self, prices: dict[str, SalePrice]) -> None:
        """Take over what is on sale now; the same prices change nothing."""
        if prices != self.by_product:
            self.by_product = prices
            self.version += 1
