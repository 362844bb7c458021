"""Borders at which one minor unit more in the basket changes the total noticeably: thresholds, tiers, bounds, bundles.

Each is found by pricing the basket on both sides, with everything else that acts there in place.

Source: docs/spec/pricing-rules.md#types.
"""

from collections.abc import Callable, Iterator

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.check.book import Book, CheckedRule
from quote_service.pricing.check.finding import Finding, finding
from quote_service.pricing.check.sample_basket import SampleBasket, find_sample_basket

_TRIES_MAX = 1000
_NOTICEABLE_PART = 100  # a hundredth of the total
_SEARCH_FACTOR = 20


def price_cliffs(book: Book) -> Iterator[Finding]:
    """Every border of a rule where the total jumps."""
    left = _TRIES_MAX
    for rule in book.rules:
        if not book.concerns(rule.compiled.id):
            continue
        for what, border_minor in _borders(rule):
            left -= 1
            if left < 0:
                book.is_cut_short = True
                return
            yield from _cliff(book, rule, what, border_minor)
        yield from _bundle(book, rule)


def _borders(rule: CheckedRule) -> Iterator[tuple[str, int]]:
    """The subtotals, in minor units, from which on something is otherwise, and what that is."""
    compiled = rule.compiled
    yield from rule.declared.borders(compiled.effect)
    if compiled.min_subtotal_minor:
        yield "its min_subtotal", compiled.min_subtotal_minor
    if compiled.max_subtotal_minor is not None:
        yield "its max_subtotal", compiled.max_subtotal_minor + 1


def _cliff(book: Book, rule: CheckedRule, what: str, border_minor: int) -> Iterator[Finding]:
    sample_basket = find_sample_basket(book, [rule], total_minor=border_minor)
    if sample_basket is None or border_minor < 2:
        return
    total_minor = _crossing(book, sample_basket, rule, border_minor)
    if total_minor is None:
        return
    below, above = sample_basket.costing(total_minor - 1), sample_basket.costing(total_minor)
    yield from _jump(book, rule, what, below, above, 1)


def _crossing(book: Book, sample_basket: SampleBasket, rule: CheckedRule, border_minor: int) -> int | None:
    """The line total at which the rule itself begins or ceases to act; discounts may put that past the border."""

    def acts(total_minor: int) -> bool:
        quote = sample_basket.costing(total_minor).priced(book.rules_alone)
        return any(applied.id == rule.compiled.id for applied in quote.applied_rules)

    if rule.discount is not None:
        return border_minor  # its tiers and bounds are of the lines as they are, so nothing moves the border
    before, at_border = acts(border_minor - 1), acts(border_minor)
    if before != at_border:
        return border_minor
    return _bisect(acts, before, border_minor, border_minor * _SEARCH_FACTOR)


def _bisect(acts: Callable[[int], bool], before: bool, low: int, high: int) -> int | None:
    if acts(high) == before:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if acts(middle) == before:
            low = middle
        else:
            high = middle
    return high


def _bundle(book: Book, rule: CheckedRule) -> Iterator[Finding]:
    """A number of units, such as a group of which more than one is free, whose last lowers what is paid."""
    discount = rule.discount
    units = None if discount is None else discount.kind.cheaper_from(discount)
    sample_basket = None if units is None else find_sample_basket(book, [rule])
    if units is None or sample_basket is None:
        return
    unit_minor = max(1, -(-sample_basket.unit_minor // (units - 1)))
    below, above = sample_basket.costing(unit_minor, units - 1), sample_basket.costing(unit_minor, units)
    yield from _jump(book, rule, f"{units} units", below, above, unit_minor)


def _jump(
    book: Book, rule: CheckedRule, what: str, below: SampleBasket, above: SampleBasket, more_minor: int
) -> Iterator[Finding]:
    low, high = below.priced(book.rules_alone).total_minor, above.priced(book.rules_alone).total_minor
    change_minor = high - low
    is_less = change_minor < 0
    beyond_minor = -change_minor if is_less else change_minor - more_minor
    if beyond_minor <= max(2, low // _NOTICEABLE_PART):
        return
    exponent = EXPONENTS[below.currency]
    first, second = amount_text(low, exponent), amount_text(high, exponent)
    why = (
        f"{rule.title}: at {what} the basket that is worth more pays {'less' if is_less else 'a jump more'}: "
        f"{first} {below.currency} just below, {second} from there on"
    )
    examples = [below.example(book.rulebook, "just below"), above.example(book.rulebook, "from there on")]
    yield finding("price-cliff", why, [rule.row], examples)
