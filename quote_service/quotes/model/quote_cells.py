"""Sums of the quotes of one kind: one currency, region, tier and set of flags; and of their lines, a product each.

What one quote that was worked out adds (`PricedQuote`) is kept until it is known whether it is the one that is issued. The quote
itself is let go before Redis answers (`QuoteIssuer.settle`): kept until then, with all that its lines are made of, it would have to be
added up from memory that no cache holds any more, which of 50 lines cost a fifth of the whole request.

Plain classes with slots, as those of a quote (`pricing/quote.py`): compiled, adding to one costs a few instructions.

Source: docs/spec/analytics.md#quotes.
"""

from typing import Any, Final

from quote_service.pricing.quote import Quote, QuoteLine

# As `take` gives them: of quotes, and of lines.
RULE_COLUMNS: Final[tuple[str, ...]] = (
    "rules",
    "rule_counts",
    "rule_gross_minor",
    "rule_total_minor",
    "rule_seller_minor",
    "rule_platform_minor",
)
COLUMNS: Final[tuple[str, ...]] = (
    "is_line",
    "currency",
    "region",
    "tier",
    "flags",
    "seller",
    "category",
    "product",
    *RULE_COLUMNS,
    "lines",
    "units",
    "lines_request",
    "lines_catalog",
    "lines_flash_sale",
    "gross_minor",
    "seller_discount_minor",
    "platform_discount_minor",
    "exclusive_tax_minor",
    "inclusive_tax_minor",
    "total_minor",
    "commission_minor",
    "delivery_fee_minor",
    "small_basket_fee_minor",
    "quotes",
    "priced",
    "local",
    "redis",
    "express",
    "latency_us",
    "latency_100us",
    "latency_1ms",
    "latency_10ms",
    "latency_100ms",
    "latency_1s",
)
# Stands for the values of a dimension that there was no room for.
OTHER: Final = "other"
Row = tuple[Any, ...]
# The largest that a column of PostgreSQL holds, less room to add.
_LARGEST: Final = 9_000_000_000_000_000_000
_NO_RULES: Final[Row] = ([], [], [], [], [], [])
_OF_QUOTES_ALONE: Final[Row] = (0,) * 13


class RuleSums:
    """What a rule did to quotes, or to lines: how many, what these come to, and its discounts by who pays."""

    __slots__ = ("count", "gross_minor", "name", "platform_minor", "seller_minor", "total_minor")

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self.gross_minor = 0
        self.total_minor = 0
        self.seller_minor = 0
        self.platform_minor = 0


class Sums:
    """What is counted of quotes and of lines alike; `rules` by the compiled rule, None before the first."""

    __slots__ = (
        "catalog",
        "commission_minor",
        "exclusive_tax_minor",
        "flash_sale",
        "gross_minor",
        "inclusive_tax_minor",
        "is_dirty",
        "lines",
        "platform_discount_minor",
        "rules",
        "seller_discount_minor",
        "total_minor",
        "units",
    )

    def __init__(self) -> None:
        self.is_dirty = False
        self.rules: dict[Any, RuleSums] | None = None
        self._empty()

    def _empty(self) -> None:
        self.lines = 0
        self.units = 0
        self.catalog = 0
        self.flash_sale = 0
        self.gross_minor = 0
        self.seller_discount_minor = 0
        self.platform_discount_minor = 0
        self.exclusive_tax_minor = 0
        self.inclusive_tax_minor = 0
        self.total_minor = 0
        self.commission_minor = 0

    def rule(self, rule: Any) -> RuleSums:
        """The sums of a compiled rule; its versions, and the same one of another rulebook, have sums of their own."""
        rules = self.rules
        if rules is None:
            rules = self.rules = {}
        sums = rules.get(rule)
        if sums is None:
            sums = rules[rule] = RuleSums(rule.name)
        return sums

    def add(self, more: "Sums") -> None:
        """Add what one quote, or its lines in one place, came to."""
        self.lines += more.lines
        self.units += more.units
        self.catalog += more.catalog
        self.flash_sale += more.flash_sale
        self.gross_minor += more.gross_minor
        self.seller_discount_minor += more.seller_discount_minor
        self.platform_discount_minor += more.platform_discount_minor
        self.exclusive_tax_minor += more.exclusive_tax_minor
        self.inclusive_tax_minor += more.inclusive_tax_minor
        self.total_minor += more.total_minor
        self.commission_minor += more.commission_minor
        if more.rules is not None:
            for rule, theirs in more.rules.items():
                sums = self.rule(rule)
                sums.count += theirs.count
                sums.gross_minor += theirs.gross_minor
                sums.total_minor += theirs.total_minor
                sums.seller_minor += theirs.seller_minor
                sums.platform_minor += theirs.platform_minor

    def take_figures(self) -> Row:
        """The sums, which are 0 from then on."""
        rules, self.rules = self.rules, None
        figures = (
            *(_NO_RULES if rules is None else _rule_columns(rules)),
            self.lines,
            self.units,
            self.lines - self.catalog - self.flash_sale,
            self.catalog,
            self.flash_sale,
            fitting(self.gross_minor),
            fitting(self.seller_discount_minor),
            fitting(self.platform_discount_minor),
            fitting(self.exclusive_tax_minor),
            fitting(self.inclusive_tax_minor),
            fitting(self.total_minor),
            fitting(self.commission_minor),
        )
        self.is_dirty = False
        self._empty()
        return figures


class QuoteCell(Sums):
    """Quotes of one kind; `lines_by_product` are the sums of their lines, `unknown_lines` those of no known product."""

    __slots__ = (
        "currency",
        "delivery_fee_minor",
        "express",
        "flags",
        "latency_1ms",
        "latency_1s",
        "latency_10ms",
        "latency_100ms",
        "latency_100us",
        "latency_us",
        "lines_by_product",
        "local",
        "priced",
        "quotes",
        "redis",
        "region",
        "small_basket_fee_minor",
        "tier",
        "unknown_lines",
    )

    def __init__(self, currency: str, region: str, tier: str, flags: list[str]) -> None:
        super().__init__()
        self.currency = currency
        self.region = region
        self.tier = tier
        self.flags = flags
        self.lines_by_product: dict[str, LineCell] = {}
        self.unknown_lines: LineCell | None = None
        self._empty_quotes()

    def _empty_quotes(self) -> None:
        self.quotes = 0
        self.priced = 0
        self.local = 0
        self.redis = 0
        self.express = 0
        self.delivery_fee_minor = 0
        self.small_basket_fee_minor = 0
        self.latency_us = 0
        self.latency_100us = 0
        self.latency_1ms = 0
        self.latency_10ms = 0
        self.latency_100ms = 0
        self.latency_1s = 0

    def take(self) -> Row:
        """The figures of quotes, in the order of COLUMNS; they are 0 from then on."""
        row = (
            False,
            self.currency,
            self.region,
            self.tier,
            self.flags,
            "",
            "",
            "",
            *self.take_figures(),
            fitting(self.delivery_fee_minor),
            fitting(self.small_basket_fee_minor),
            self.quotes,
            self.priced,
            self.local,
            self.redis,
            self.express,
            self.latency_us,
            self.latency_100us,
            self.latency_1ms,
            self.latency_10ms,
            self.latency_100ms,
            self.latency_1s,
        )
        self._empty_quotes()
        return row


class LineCell(Sums):
    """Lines of a product in quotes of one kind, with the seller and category that they had."""

    __slots__ = ("category", "product", "quotes", "seller")

    def __init__(self, quotes: QuoteCell, seller: str, category: str, product: str) -> None:
        super().__init__()
        self.quotes = quotes
        self.seller = seller
        self.category = category
        self.product = product

    def take(self) -> Row:
        """The figures of lines, in the order of COLUMNS; they are 0 from then on."""
        quotes = self.quotes
        return (
            True,
            quotes.currency,
            quotes.region,
            quotes.tier,
            quotes.flags,
            self.seller,
            self.category,
            self.product,
            *self.take_figures(),
            *_OF_QUOTES_ALONE,
        )


def fitting(amount_minor: int) -> int:
    """An amount that its column holds."""
    return min(amount_minor, _LARGEST)


def _rule_columns(rules: dict[Any, RuleSums]) -> Row:
    sums = list(rules.values())
    return (
        [each.name for each in sums],
        [each.count for each in sums],
        [fitting(each.gross_minor) for each in sums],
        [fitting(each.total_minor) for each in sums],
        [fitting(each.seller_minor) for each in sums],
        [fitting(each.platform_minor) for each in sums],
    )


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
