"""Rates that charge the lines of all sellers together, so that what one seller pays depends on what others sell beside it.

Source: docs/spec/commission.md#what-a-rate-charges; docs/spec/pricing-rules.md#rule-check.
"""

from collections.abc import Iterator

from quote_service.pricing.check.book import Book, row_of_rate
from quote_service.pricing.check.finding import Finding, finding
from quote_service.pricing.commission.compiled_rate import SELLER

_WHY = (
    "this rate has the scope QUOTE and names no seller: it is charged once on the lines of all sellers together, so what"
    " one of them pays depends on what others sell in the same quote; with the scope ORDER each seller pays it alone"
)


def charges_across_sellers(book: Book) -> Iterator[Finding]:
    """Every such rate of those looked at."""
    for rate in book.rates:
        if rate.scope == "QUOTE" and not rate.named & SELLER:
            yield finding("commission-across-sellers", _WHY, [row_of_rate(rate)], [])
