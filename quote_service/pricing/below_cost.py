"""The warning that a line is sold for less than its units cost the seller; the cost itself is not shown.

Source: docs/spec/quotes.md#warnings.
"""

from typing import Final

from quote_service.pricing.catalog.price_adjustment import CatalogPrice
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Warning

BELOW_COST: Final = "below_cost"


def warn_below_cost(context: PricingContext, prices: list[CatalogPrice | None]) -> None:
    """Warn of each line whose price after discounts is below the `cost_price` of its units.

    Args:
        context: The quote, after every discount.
        prices: What the catalog says of each line.
    """
    scale: int = 10 ** (6 - context.exponent)
    for index, price in enumerate(prices):
        if price is None or price.cost_micro is None:
            continue
        line = context.lines[index]
        if line.net_minor * scale < price.cost_micro * line.item.quantity:
            detail = "The line is sold below the cost_price of its product"
            context.warnings.append(Warning(BELOW_COST, detail, f"/items/{index}"))
