"""The rule check: every finding about a rulebook, or about some of its rows, worst first.

What is said is proved or shown: a row that never wins by the order in which rates and rules are chosen, a price by
`price_quote` itself.

Source: docs/spec/pricing-rules.md#rule-check.
"""

from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from quote_service.pricing.check.book import RATES_MAX, Book, OutOfTime, Pace
from quote_service.pricing.check.charges_across_sellers import charges_across_sellers
from quote_service.pricing.check.coupon_codes import shared_coupon_codes
from quote_service.pricing.check.deep_discounts import deep_discounts
from quote_service.pricing.check.finding import RANKS, Finding
from quote_service.pricing.check.low_discounts import low_discounts
from quote_service.pricing.check.low_prices import low_prices
from quote_service.pricing.check.missing_rules import currencies_without_rules, subtotal_gaps
from quote_service.pricing.check.never_holds import never_holds
from quote_service.pricing.check.overcharges import overcharges
from quote_service.pricing.check.price_cliffs import price_cliffs
from quote_service.pricing.check.rate_tiers import rate_tier_gaps
from quote_service.pricing.check.rate_ties import rate_ties
from quote_service.pricing.check.rule_ties import rule_ties
from quote_service.pricing.check.shadowed_rates import shadowed_by_touched, shadowed_rates
from quote_service.pricing.check.shadowed_rules import shadowed_rules
from quote_service.pricing.rulebook.rulebook import Rulebook

FINDINGS_MAX = 100  # of one check each: a slip repeated a thousand times is one slip

_CHECKS: tuple[Callable[[Book], Iterator[Finding]], ...] = (
    never_holds,
    shadowed_rules,
    shadowed_rates,
    currencies_without_rules,
    subtotal_gaps,
    rate_tier_gaps,
    shared_coupon_codes,
    rule_ties,
    rate_ties,
    overcharges,
    deep_discounts,
    price_cliffs,
    low_prices,
    low_discounts,
    charges_across_sellers,
)


class Report(msgspec.Struct, frozen=True):
    """What was found, and how much was looked at.

    `is_complete` is false where there were more rates than are looked at, more combinations than are tried, or more findings of a kind than are listed.
    """

    findings: list[Finding]
    """What was found, the most severe first."""
    rulebook_version: int
    """Version of the rules and rates that were checked."""
    rules_checked: int
    """How many pricing rules were checked."""
    rates_checked: int
    """How many commission rates were checked."""
    rates_held: int
    """How many commission rates there are."""
    is_complete: bool
    """Whether everything was checked and every finding is listed."""


def check_rulebook(
    rulebook: Rulebook,
    now_us: int,
    touched: frozenset[str] | None = None,
    *,
    pace: Pace | None = None,
    seconds_max: float = float("inf"),
) -> Report:
    """Check a rulebook as it counts from an instant on.

    Args:
        rulebook: The snapshot; it is only read.
        now_us: What is over by then is left aside.
        touched: Only findings that concern one of these rows (ids), looked for around them; None for the whole.
        pace: Called between steps; None leaves the time that it takes without a bound.
        seconds_max: How much work may go into it. A check may use half of what those before it have left, so that none
            leaves nothing to the others.
    """
    book = Book(rulebook, now_us, touched, pace)
    found: list[Finding] = []
    is_complete = touched is not None or rulebook.rates.count <= RATES_MAX
    checks = _CHECKS if touched is None else (*_CHECKS, shadowed_by_touched)
    for check in checks:
        of_this_kind: list[Finding] = []
        spent = book.spent_seconds()
        book.until_seconds = spent + (seconds_max - spent) / 2
        try:
            for each in islice(check(book), FINDINGS_MAX + 1):
                of_this_kind.append(each)  # noqa: PERF402 (those found before the time was over are kept)
        except OutOfTime:
            is_complete = False
        is_complete = is_complete and len(of_this_kind) <= FINDINGS_MAX
        found += of_this_kind[:FINDINGS_MAX]
    found.sort(key=lambda each: RANKS[each.severity])  # stable: within one severity in the order of the checks
    return Report(
        findings=found,
        rulebook_version=rulebook.version,
        rules_checked=len(book.rules),
        rates_checked=book.rates_seen,
        rates_held=rulebook.rates.count,
        is_complete=is_complete and not book.is_cut_short,
    )
