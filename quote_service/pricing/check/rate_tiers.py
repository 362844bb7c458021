"""Brackets of a graduated rate that charge nothing while those below and above them do.

Source: docs/spec/commission.md#tiers; docs/spec/pricing-rules.md#rule-check.
"""

from collections.abc import Iterator

from quote_service.platform.money.amounts import amount_text
from quote_service.pricing.check.book import Book, row_of_rate
from quote_service.pricing.check.finding import Finding, finding
from quote_service.pricing.check.sample_basket import find_sample_basket


def rate_tier_gaps(book: Book) -> Iterator[Finding]:
    """Every such bracket of the rates looked at, shown on a line that reaches to its end."""
    for rate in book.rates:
        tiers = rate.tiers or ()
        charging = [index for index, tier in enumerate(tiers) if tier.percent_micro]
        between = range(charging[0] + 1, charging[-1]) if charging else ()
        for index in between:
            tier, above_minor = tiers[index], tiers[index - 1].up_to_minor
            if tier.percent_micro:
                continue
            assert above_minor is not None  # only the last bracket is open
            assert tier.up_to_minor is not None
            start, end = (amount_text(each, rate.exponent) for each in (above_minor, tier.up_to_minor))
            sample_basket = find_sample_basket(book, (), [rate], total_minor=tier.up_to_minor)
            shows = f"a line of which the part above {start} is charged nothing"
            examples = [] if sample_basket is None else [sample_basket.example(book.rulebook, shows)]
            why = f"this rate charges nothing on what lies between {start} and {end}, while it does below and above"
            yield finding("tier-gap", why, [row_of_rate(rate)], examples)
