"""Brackets of a graduated rate that charge nothing while those below and above them do.

Source: spec 3, TIERED; the rule check.
"""

from collections.abc import Iterator

from quote_service.domain.money import amount_text
from quote_service.engine.checks.book import Book, row_of_rate
from quote_service.engine.checks.finding import Finding, finding
from quote_service.engine.checks.witness import find_witness


def rate_tier_gaps(book: Book) -> Iterator[Finding]:
    """Every such bracket of the rates looked at, shown on a line that reaches to its end."""
    for rate in book.rates:
        tiers = rate.tiers or ()
        charging = [place for place, tier in enumerate(tiers) if tier.percent_micro]
        between = range(charging[0] + 1, charging[-1]) if charging else ()
        for place in between:
            tier, above_minor = tiers[place], tiers[place - 1].up_to_minor
            if tier.percent_micro:
                continue
            assert above_minor is not None  # only the last bracket is open
            assert tier.up_to_minor is not None
            start, end = (amount_text(each, rate.exponent) for each in (above_minor, tier.up_to_minor))
            witness = find_witness(book, (), [rate], total_minor=tier.up_to_minor)
            shows = f"a line of which the part above {start} is charged nothing"
            examples = [] if witness is None else [witness.example(book.rulebook, shows)]
            why = f"this rate charges nothing on what lies between {start} and {end}, while it does below and above"
            yield finding("tier-gap", why, [row_of_rate(rate)], examples)
