"""What a quote that was worked out adds to the sums of its kind, until it is known whether it is the one that is issued.

The quote itself is let go before Redis answers (`QuoteIssuer.settle`). Kept until then, with all that its lines are made of, it would
have to be added up from memory that no cache holds any more: of 50 lines that cost a fifth of the whole request.

Source: docs/spec/analytics.md#quotes.
"""

from quote_service.pricing.quote import Quote, QuoteLine
from quote_service.quotes.model.quote_cells import LineCell, QuoteCell, Sums


class LineSums(Sums):
    """What lines that stand one after the other and are of one product add to the sums of their place."""

    __slots__ = ("place",)

    def __init__(self, place: LineCell) -> None:
        super().__init__()
        self.place = place

    def add_line(self, line: QuoteLine) -> None:
        """Add a line, without its commission and what rules took off it."""
        self.lines += 1
        source = line.price_source
        if source == "catalog":
            self.catalog += 1
        elif source == "flash_sale":
            self.flash_sale += 1
        quantity: int = line.item.quantity
        self.units += quantity
        gross_minor, discount_minor, tax_minor = line.total_minor, line.discount_minor, line.tax_minor
        self.gross_minor += gross_minor
        if discount_minor:
            self.seller_discount_minor += line.seller_discount_minor
            self.platform_discount_minor += discount_minor - line.seller_discount_minor
        if line.is_tax_included:
            self.inclusive_tax_minor += tax_minor
            self.total_minor += gross_minor - discount_minor
        else:
            self.exclusive_tax_minor += tax_minor
            self.total_minor += gross_minor - discount_minor + tax_minor


class PricedQuote(Sums):
    """What a quote adds to its cell, and `of_lines` to those of its lines, which `QuoteCounts.sum_up` finds."""

    __slots__ = ("cell", "delivery_fee_minor", "is_express", "of_lines", "small_basket_fee_minor")

    def __init__(self, quote: Quote, cell: QuoteCell) -> None:
        super().__init__()
        self.cell = cell
        self.of_lines: list[LineSums] = []
        self.is_express = quote.basket.is_express_delivery
        self.gross_minor = quote.item_total_minor
        self.seller_discount_minor = quote.seller_discount_minor
        self.platform_discount_minor = quote.discount_minor - quote.seller_discount_minor
        self.exclusive_tax_minor = quote.exclusive_tax_minor
        self.inclusive_tax_minor = quote.inclusive_tax_minor
        self.delivery_fee_minor = quote.delivery_fee_minor
        self.small_basket_fee_minor = quote.small_basket_fee_minor
        self.total_minor = quote.total_minor
        for rule in quote.applied_rules:
            sums = self.rule(rule)
            sums.count += 1
            sums.gross_minor += self.gross_minor
            sums.total_minor += self.total_minor

    def add_lines(self, more: LineSums) -> None:
        """Add what a quote's lines count for the quote; amounts are those of the quote already."""
        self.lines += more.lines
        self.units += more.units
        self.catalog += more.catalog
        self.flash_sale += more.flash_sale
        self.commission_minor += more.commission_minor
