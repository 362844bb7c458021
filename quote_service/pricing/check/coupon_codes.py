"""Coupon codes that two rules use at one time in one place: only the first of them that applies is redeemed.

Source: docs/spec/pricing-rules.md#coupons.
"""

from collections.abc import Iterator
from itertools import combinations

from quote_service.pricing.check.book import Book, CheckedRule
from quote_service.pricing.check.finding import Finding, finding
from quote_service.pricing.check.periods import common
from quote_service.pricing.check.reach import currencies_meet, regions_meet
from quote_service.pricing.check.sample_basket import find_sample_basket

_PAIRS_MAX = 1000


def shared_coupon_codes(book: Book) -> Iterator[Finding]:
    """Every two coupons of different names with one code that can meet in a basket."""
    by_code: dict[str, list[CheckedRule]] = {}
    for rule in book.coupons:
        if rule.compiled.code is not None:
            by_code.setdefault(rule.compiled.code, []).append(rule)
    left = _PAIRS_MAX
    for code, coupons in by_code.items():
        coupons.sort(key=lambda rule: (-rule.compiled.priority, rule.compiled.name))
        for one, other in combinations(coupons, 2):
            if book.concerns(one.compiled.id, other.compiled.id) and _meet(one, other):
                left -= 1
                if left < 0:
                    book.is_cut_short = True
                    return
                yield from _shared(book, code, one, other)


def _meet(one: CheckedRule, other: CheckedRule) -> bool:
    first, second = one.compiled, other.compiled
    return (
        first.name != second.name
        and currencies_meet(first.currency, second.currency)
        and regions_meet(first.region_key, second.region_key)
        and bool(common(one.counting, other.counting))
    )


def _shared(book: Book, code: str, one: CheckedRule, other: CheckedRule) -> Iterator[Finding]:
    sample_basket = find_sample_basket(book, [one, other])
    if sample_basket is None:
        return
    outcome = next((each for each in sample_basket.priced(book.rulebook).coupons if each.rule is not None), None)
    if outcome is None or outcome.rule.id not in (one.compiled.id, other.compiled.id):
        return
    by = "their names" if one.compiled.priority == other.compiled.priority else "their priorities"
    why = f"{one.title} and {other.title} share the code {code}: for this basket {by} decide that {outcome.rule.name} acts alone"
    example = sample_basket.example(book.rulebook, f"the code redeems {outcome.rule.name}")
    yield finding("coupon-code-shared", why, [one.row, other.row], [example])
