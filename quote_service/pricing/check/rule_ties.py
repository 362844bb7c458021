"""Rules whose order nothing but their names decides, where it makes a difference to a price.

Each tie is shown twice by a basket: as it is, and as it would be if the names had been chosen otherwise.

Source: docs/spec/pricing-rules.md#which-rule-counts.
"""

from collections.abc import Iterator
from itertools import combinations

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.check.book import Book, CheckedRule
from quote_service.pricing.check.finding import Finding, finding
from quote_service.pricing.check.periods import common
from quote_service.pricing.check.reach import currencies_meet, regions_meet
from quote_service.pricing.check.sample_basket import SampleBasket, find_sample_basket
from quote_service.pricing.check.shadowed_rules import SINGLE_TYPES
from quote_service.pricing.quote import Quote
from quote_service.pricing.rulebook.rulebook import Rulebook

_TRIES_MAX = 300


def rule_ties(book: Book) -> Iterator[Finding]:
    """Pairs of rules of equal rank that act on one basket and do not charge alike."""
    tries = 0
    for rules in (*map(book.of_type, SINGLE_TYPES), book.promotions):
        groups: dict[tuple[object, ...], list[CheckedRule]] = {}
        for rule in rules:
            for rank in _ranks(rule):
                groups.setdefault(rank, []).append(rule)
        for members in groups.values():
            for one, other in combinations(sorted(members, key=lambda rule: rule.compiled.name), 2):
                if not book.concerns(one.compiled.id, other.compiled.id) or not _may_meet(one, other):
                    continue
                tries += 1
                if tries > _TRIES_MAX:
                    book.is_cut_short = True
                    return
                yield from (_tie if one.discount is None else _tie_of_discounts)(book, one, other)


def _ranks(rule: CheckedRule) -> Iterator[tuple[object, ...]]:
    """What two rules must share for their names to decide."""
    compiled = rule.compiled
    if compiled.choice == "all":
        yield (compiled.priority,)
        return
    rest = (compiled.priority, compiled.effective_from_us)
    *wider, last = compiled.region_key.split("/")
    if last.startswith("*"):  # a bare name ranks as a city here and as a district there
        yield 2, last[1:], *rest
        yield 3, last[1:], *rest
    else:
        yield len(wider) + 1, last, *rest


def _may_meet(one: CheckedRule, other: CheckedRule) -> bool:
    first, second = one.compiled, other.compiled
    return (
        first.name != second.name
        and first.effect != second.effect
        and currencies_meet(first.currency, second.currency)
        and regions_meet(first.region_key, second.region_key)
        and bool(common(one.counting, other.counting))
    )


def _tie(book: Book, winner: CheckedRule, loser: CheckedRule) -> Iterator[Finding]:
    sample_basket = find_sample_basket(book, [winner, loser])
    if sample_basket is None:
        return
    other_way = book.without(winner.compiled.name)
    for total_minor in _totals(winner, loser, sample_basket.unit_minor):
        tried = sample_basket.costing(total_minor)
        here, there = tried.priced(book.rules_alone), tried.priced(other_way)
        if not (_has_part(here, winner) or _has_part(there, loser)) or _has_part(here, loser):
            continue
        if here.total_minor != there.total_minor and _both_are_asked(book, tried, winner, loser):
            yield _finding(book, tried, other_way, winner, loser)
            return


def _totals(winner: CheckedRule, loser: CheckedRule, total_minor: int) -> Iterator[int]:
    """Basket totals at which two rules of one type can differ."""
    yield total_minor
    for rule in (winner, loser):
        for _, border_minor in rule.declared.borders(rule.compiled.effect):
            if border_minor > 1:
                yield border_minor - 1
            yield border_minor


def _both_are_asked(book: Book, sample_basket: SampleBasket, winner: CheckedRule, loser: CheckedRule) -> bool:
    """Whether each of the two decides this basket when the other is unavailable: both conditions hold, and none precedes them."""
    with_winner = sample_basket.priced(book.without(loser.compiled.name))
    with_loser = sample_basket.priced(book.without(winner.compiled.name))
    with_neither = sample_basket.priced(book.without(winner.compiled.name, loser.compiled.name))
    decides = [
        _has_part(quote, rule) or quote.total_minor != with_neither.total_minor
        for quote, rule in ((with_winner, winner), (with_loser, loser))
    ]
    # Free delivery that is not reached and a threshold that is passed charge nothing of their own, so one may be silent.
    return all(decides) or (winner.declared.may_be_silent and any(decides))


def _tie_of_discounts(book: Book, one: CheckedRule, other: CheckedRule) -> Iterator[Finding]:
    sample_basket = find_sample_basket(book, [one, other])
    if sample_basket is None:
        return
    here = sample_basket.priced(book.rules_alone)
    if not (_has_part(here, one) or _has_part(here, other)):
        return
    other_way = book.with_names_exchanged(one, other)
    there = sample_basket.priced(other_way)
    noticeable_minor = max(2, here.item_total_minor // 1000)  # less than that is how cents are rounded
    if abs(here.total_minor - there.total_minor) > noticeable_minor:
        yield _finding(book, sample_basket, other_way, one, other)


def _has_part(quote: Quote, rule: CheckedRule) -> bool:
    return any(applied.id == rule.compiled.id for applied in quote.applied_rules)


def _finding(
    book: Book, sample_basket: SampleBasket, other_way: Rulebook, winner: CheckedRule, loser: CheckedRule
) -> Finding:
    here, there = sample_basket.priced(book.rules_alone).total_minor, sample_basket.priced(other_way).total_minor
    exponent = EXPONENTS[sample_basket.currency]
    why = (
        f"{winner.title} and {loser.title} have the same rank, so that only their names decide which comes first: this "
        f"basket pays {amount_text(here, exponent)} {sample_basket.currency}, and would pay {amount_text(there, exponent)} "
        "the other way round; give one of them a priority"
    )
    examples = [sample_basket.example(book.rulebook, f"as it is: {winner.compiled.name} comes first")]
    return finding("tie-decided-by-name", why, [winner.row, loser.row], examples)
