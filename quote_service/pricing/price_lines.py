"""Steps 1 and 2: the unit price of each line, its total, and their sum.

Source: docs/spec/quotes.md#steps.
"""

from quote_service.pricing.catalog.price_adjustment import PriceAdjustment
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Calculation, QuoteLine


def price_lines(context: PricingContext) -> None:
    """Price every line at the unit price of the catalog or of the request, or at its sale's, rounded to the currency once."""
    checked, sales = context.checked, context.sales
    seller_id = context.basket.seller_id
    scale: int = 10 ** (6 - context.exponent)
    half = scale // 2
    item_total_minor = 0
    prices_micro = checked.unit_prices_micro
    if sales is not None:
        prices_micro = [
            own_micro if sale is None else sale.price_micro
            for own_micro, sale in zip(prices_micro, sales.lines, strict=True)
        ]
    for item, price_micro in zip(context.basket.items, prices_micro, strict=True):
        total_minor = (price_micro * item.quantity + half) // scale
        item_total_minor += total_minor
        context.lines.append(QuoteLine(item, item.seller_id or seller_id, price_micro, total_minor))
    if checked.catalog_prices is not None:
        for line, price in zip(context.lines, checked.catalog_prices, strict=True):
            if price is not None:
                line.price_source = "catalog"
                line.list_price_micro = price.list_price_micro
                if price.adjustments:
                    line.price_adjustments = price.adjustments
                    for adjustment in price.adjustments:
                        if adjustment.rule is not None:
                            context.apply(adjustment.rule)
    if sales is not None:
        for line, sale in zip(context.lines, sales.lines, strict=True):
            if sale is not None:
                if line.price_source == "request":
                    line.list_price_micro = sale.own_price_micro
                line.price_source = "flash_sale"
                line.price_adjustments = [
                    *line.price_adjustments,
                    PriceAdjustment("flash_sale", sale.price_micro - sale.own_price_micro, None, sale.sale_id),
                ]
    context.item_total_minor = item_total_minor
    count = len(context.lines)
    context.calculations.append(Calculation("items", "1 line" if count == 1 else f"{count} lines", item_total_minor))
