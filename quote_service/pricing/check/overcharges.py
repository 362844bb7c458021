"""Lines on which the commission, or the commission and the discounts together, come to more than the price.

Looked for where it is likeliest: the highest rates of each kind against each other, and against every discount at the
smallest basket that it takes. Fixed amounts are tried only where a condition says how small a basket may be, since any
amount is too much for a basket small enough.

Source: docs/spec/commission.md#payouts.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.check.book import Book, CheckedRule, row_of_rate
from quote_service.pricing.check.finding import Finding, finding
from quote_service.pricing.check.sample_basket import SampleBasket, find_sample_basket
from quote_service.pricing.commission.compiled_rate import CompiledRate

_TOP = 3
_COMBINED_MAX = 24
_TOUCHED_MAX = 12
_TRIES_MAX = 600


def overcharges(book: Book) -> Iterator[Finding]:
    """Combinations of rates, and of a discount with rates, that take more than the price of a line."""
    highest = _highest(book)
    percentages = sorted(
        (rate for rate in highest if rate.commission_type == "PERCENTAGE"), key=lambda rate: (-rate.charge, rate.id)
    )[:_COMBINED_MAX]
    for count in (1, 2, 3):
        for rates in combinations(percentages, count):
            if _may_stand_together(rates) and book.concerns(*(rate.id for rate in rates)):
                yield from _above_price(book, (), rates)
    left = _TRIES_MAX
    for rule in (*book.promotions, *book.coupons):
        if rule.discount is None or rule.discount.applies_to == "delivery":
            continue
        for rates in ((), *((rate,) for rate in highest)):
            if not rates or not _is_scaled(rule, rates[0]) or not book.concerns(rule.compiled.id, rates[0].id):
                continue
            left -= 1
            if left < 0:
                book.is_cut_short = True
                return
            found = list(_above_price(book, (rule,), rates))
            yield from found
            if found:
                break


def _highest(book: Book) -> list[CompiledRate]:
    """The rates that charge most, some for each set of dimensions, type and currency; and the touched ones."""
    groups: dict[tuple[object, ...], list[CompiledRate]] = {}
    for rate in book.sampled_rates:
        groups.setdefault((rate.named, rate.commission_type, rate.currency), []).append(rate)
    top: dict[str, CompiledRate] = {}
    if book.touched is not None:
        for rate in sorted(book.rates, key=_charge, reverse=True)[:_TOUCHED_MAX]:
            top[rate.id] = rate
    for rates in groups.values():
        top.update((rate.id, rate) for rate in sorted(rates, key=_charge, reverse=True)[:_TOP])
    return list(top.values())


def _charge(rate: CompiledRate) -> tuple[int, str]:
    return max(rate.charge, rate.min_minor or 0), rate.id


def _may_stand_together(rates: Sequence[CompiledRate]) -> bool:
    """Whether together they charge more than the whole, by dimensions of their own; bounds aside."""
    if any(rate.min_minor is not None or rate.max_minor is not None for rate in rates):
        return False
    if len(rates) > 1 and any(one.covered & other.covered for one, other in combinations(rates, 2)):
        return False
    return sum(rate.charge for rate in rates) > 100 * 1_000_000


def _is_scaled(rule: CheckedRule, rate: CompiledRate) -> bool:
    """Whether how small the basket may be is known: all is in percent, or the rule says from which sum on it acts."""
    effect = rule.discount
    assert effect is not None
    if rule.compiled.min_subtotal_minor:
        return True
    has_amounts = rate.commission_type == "FLAT" or rate.min_minor is not None
    return not has_amounts and effect.kind.is_proportional


def _above_price(book: Book, rules: Sequence[CheckedRule], rates: Sequence[CompiledRate]) -> Iterator[Finding]:
    sample_basket = find_sample_basket(book, rules, rates)
    if sample_basket is None:
        return
    for tried in _baskets(sample_basket, rules):
        quote = tried.priced(book.rulebook)
        paid = {detail.rate.id for detail in quote.commission.details}
        applied = {rule.id for rule in quote.applied_rules}
        if not (paid >= {rate.id for rate in rates} and applied >= {rule.compiled.id for rule in rules}):
            continue
        taken_minor = quote.commission.total_minor + quote.discount_minor
        if taken_minor > quote.item_total_minor:
            yield _finding(book, tried, rules, rates, taken_minor, quote.item_total_minor)
            return


def _baskets(sample_basket: SampleBasket, rules: Sequence[CheckedRule]) -> Iterator[SampleBasket]:
    """The smallest basket that the rules take first, then where their tiers or bundles begin."""
    for rule in rules:
        lowest = rule.compiled.min_subtotal_minor
        if lowest:
            yield sample_basket.costing(lowest)
        effect = rule.discount
        assert effect is not None
        group_units = effect.kind.group_units(effect)
        if group_units > 1:
            yield sample_basket.costing(sample_basket.unit_minor, group_units)
        for reached_minor, _ in effect.tiers[-1:]:
            yield sample_basket.costing(max(1, reached_minor))
    yield sample_basket


def _finding(
    book: Book,
    sample_basket: SampleBasket,
    rules: Sequence[CheckedRule],
    rates: Sequence[CompiledRate],
    taken_minor: int,
    price_minor: int,
) -> Finding:
    exponent = EXPONENTS[sample_basket.currency]
    taken, price = amount_text(taken_minor, exponent), amount_text(price_minor, exponent)
    who = " and ".join([*(rule.title for rule in rules), f"{len(rates)} rate{'s' if len(rates) > 1 else ''}"])
    what = "commission and discount" if rules else "the commission"
    why = f"{who} can meet on a line, where {what} come to {taken} {sample_basket.currency} of a price of {price}"
    example = sample_basket.example(book.rulebook, f"{taken} of {price} is taken")
    rows = [*(rule.row for rule in rules), *map(row_of_rate, rates)]
    return finding("commission-and-discount-above-price", why, rows, [example])
