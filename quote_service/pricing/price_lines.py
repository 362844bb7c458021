"""Steps 1 and 2: the unit price of each line, its total, and their sum.

Source: docs/spec/quotes.md#steps.
"""

from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Calculation, QuoteLine


def price_lines(context: PricingContext) -> None:
    """Price every line at the unit price that the client gave, or at its sale's, rounded to the currency once."""
    sales = context.sales
    seller_id = context.basket.seller_id
    scale: int = 10 ** (6 - context.exponent)
    half = scale // 2
    item_total_minor = 0
    prices_micro = context.checked.unit_prices_micro
    if sales is not None:
        prices_micro = [
            own_micro if sale is None else sale.price_micro
            for own_micro, sale in zip(prices_micro, sales.lines, strict=True)
        ]
    for item, price_micro in zip(context.basket.items, prices_micro, strict=True):
        total_minor = (price_micro * item.quantity + half) // scale
        item_total_minor += total_minor
        context.lines.append(QuoteLine(item, item.seller_id or seller_id, price_micro, total_minor))
    if sales is not None:
        for line, sale in zip(context.lines, sales.lines, strict=True):
            line.sale = sale
    context.item_total_minor = item_total_minor
    count = len(context.lines)
    context.calculations.append(Calculation("items", "1 line" if count == 1 else f"{count} lines", item_total_minor))
