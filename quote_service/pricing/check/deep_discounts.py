"""Promotions and coupons that take most of what a basket costs: the likely slips are a digit and a price for the lot.

Each is shown by a basket of units at 100.00, or at the least that the conditions want: one unit, ten, a whole group or set,
and the highest tier. What other discounts take off the same basket counts too.

Source: docs/spec/pricing-rules.md#rule-check.
"""

from collections.abc import Iterator

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.check.book import Book, CheckedRule
from quote_service.pricing.check.finding import Finding, finding
from quote_service.pricing.check.sample_basket import SampleBasket, find_sample_basket
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect

DEEP_PERCENT = 60
_TRIES_MAX = 500
_MANY = 10


def deep_discounts(book: Book) -> Iterator[Finding]:
    """Every promotion or coupon with which more than `DEEP_PERCENT` percent of a basket is taken off."""
    left = _TRIES_MAX
    discounts = [*book.promotions, *book.coupons]
    for rule in discounts:
        effect = rule.discount
        if effect is None or effect.applies_to == "delivery" or not book.concerns(rule.compiled.id):
            continue
        left -= 1
        if left < 0:
            book.is_cut_short = True
            return
        sample_basket = find_sample_basket(book, [rule])
        if sample_basket is None:
            continue
        for tried in _baskets(rule, effect, sample_basket):
            found = _deep(book, rule, tried)
            if found is not None:
                yield found
                break


def _baskets(rule: CheckedRule, effect: DiscountEffect, sample_basket: SampleBasket) -> Iterator[SampleBasket]:
    lowest = rule.compiled.min_subtotal_minor or 0
    unit_minor = sample_basket.unit_minor
    if effect.slots:
        units = sum(slot.quantity for slot in effect.slots)
        yield sample_basket.holding(effect.slots, max(unit_minor, -(-lowest // units)))
        return
    if lowest:
        yield sample_basket.costing(lowest)
    yield sample_basket
    group_units = effect.kind.group_units(effect)
    if group_units > 1:
        yield sample_basket.costing(unit_minor, group_units)
    for reached_minor, _ in effect.tiers[-1:]:
        yield sample_basket.costing(max(1, reached_minor))
    yield sample_basket.costing(unit_minor, _MANY)


def _deep(book: Book, rule: CheckedRule, sample_basket: SampleBasket) -> Finding | None:
    quote = sample_basket.priced(book.rulebook)
    if not any(applied.id == rule.compiled.id for applied in quote.applied_rules):
        return None
    off_minor, whole_minor = quote.discount_minor, quote.item_total_minor
    if off_minor * 100 <= whole_minor * DEEP_PERCENT:
        return None
    off, whole = (amount_text(amount, EXPONENTS[sample_basket.currency]) for amount in (off_minor, whole_minor))
    others = [
        other.title
        for other in (*book.promotions, *book.coupons)
        if other is not rule and any(applied.id == other.compiled.id for applied in quote.applied_rules)
    ]
    who = rule.title + (f" together with {' and '.join(others[:3])}" if others else "")
    why = f"{who} can take {off} {sample_basket.currency} off a basket of {whole}, more than {DEEP_PERCENT} %"
    return finding(
        "deep-discount", why, [rule.row], [sample_basket.example(book.rulebook, f"{off} of {whole} is taken off")]
    )
