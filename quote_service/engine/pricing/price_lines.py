"""Steps 1 and 2: the unit price of each line, its total, and their sum.

Source: spec 2, The steps.
"""

from quote_service.domain.quote import Calculation, QuoteLine
from quote_service.engine.pricing.worksheet import Worksheet


def price_lines(sheet: Worksheet) -> None:
    """Price every line at the unit price that the client gave, rounded to the currency once."""
    seller_id = sheet.basket.seller_id
    scale: int = 10 ** (6 - sheet.exponent)
    half = scale // 2
    item_total_minor = 0
    for item, price_micro in zip(sheet.basket.items, sheet.checked.unit_prices_micro, strict=True):
        total_minor = (price_micro * item.quantity + half) // scale
        item_total_minor += total_minor
        sheet.lines.append(QuoteLine(item, item.seller_id or seller_id, price_micro, total_minor))
    sheet.item_total_minor = item_total_minor
    count = len(sheet.lines)
    sheet.calculations.append(Calculation("items", "1 line" if count == 1 else f"{count} lines", item_total_minor))
