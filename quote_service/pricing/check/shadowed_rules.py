"""Rules that are never chosen: others precede them at every instant and apply wherever they would.

A proof, not a guess: the others reach every address, every basket and every instant of the rule, and stand before it.

Source: docs/spec/pricing-rules.md#which-rule-counts.
"""

from collections.abc import Iterator

from quote_service.pricing.check.book import Book, CheckedRule
from quote_service.pricing.check.finding import Finding, finding
from quote_service.pricing.check.periods import Period, common, less
from quote_service.pricing.check.reach import holds_wherever, is_as_specific, region_contains
from quote_service.pricing.check.sample_basket import find_sample_basket
from quote_service.pricing.rule_types.registry import RULE_TYPES

SINGLE_TYPES = tuple(name for name, declared in RULE_TYPES.items() if declared.choice == "first")
_PAIRS_MAX = 400_000


def shadowed_rules(book: Book) -> Iterator[Finding]:
    """Every rule of a single type that is never chosen, and every promotion that an exclusive one keeps out."""
    left = _PAIRS_MAX
    for kind in SINGLE_TYPES:
        by_region: dict[str, list[CheckedRule]] = {}
        for rule in book.of_type(kind):
            by_region.setdefault(rule.compiled.region_key, []).append(rule)
        for rule in book.of_type(kind):
            key = rule.compiled.region_key
            rivals = by_region[key] + (by_region.get("*" + key.rpartition("/")[2], []) if "/" in key else [])
            left -= len(rivals)
            if left < 0:
                book.is_cut_short = True
                return
            ahead = [rival for rival in rivals if _outranks(rival, rule)]
            yield from _never_chosen(book, rule, ahead)
    promotions = book.promotions
    stoppers = [rule for rule in promotions if _always_stops(rule)]
    for rule in promotions:
        left -= len(stoppers)
        if left < 0:
            book.is_cut_short = True
            return
        yield from _kept_out(book, rule, [stopper for stopper in stoppers if _stands_before(stopper, rule)])
    enders = [rule for rule in stoppers if rule.discount is not None and rule.discount.excludes_all]
    for rule in book.coupons if enders else ():
        left -= len(enders)
        if left < 0:
            book.is_cut_short = True
            return
        # One that stands without promotions can win against them.
        if rule.discount is not None and rule.discount.with_promotions:
            yield from _kept_out(book, rule, [ender for ender in enders if _reaches(ender, rule)])


def _outranks(rival: CheckedRule, rule: CheckedRule) -> bool:
    one, other = rival.compiled, rule.compiled
    if one.name == other.name or not is_as_specific(one.region_key, other.region_key):
        return False
    ranks = [(-each.priority, -each.effective_from_us, each.name) for each in (one, other)]
    return ranks[0] < ranks[1] and holds_wherever(rival, rule)


def _never_chosen(book: Book, rule: CheckedRule, ahead: list[CheckedRule]) -> Iterator[Finding]:
    needed = _covering(rule, ahead)
    if not needed or not book.concerns(rule.compiled.id, *(rival.compiled.id for rival in needed)):
        return
    sample_basket = find_sample_basket(book, [rule])
    examples = []
    if sample_basket is not None:
        if any(applied.id == rule.compiled.id for applied in sample_basket.priced(book.rules_alone).applied_rules):
            return
        examples.append(
            sample_basket.example(book.rulebook, f"all conditions of {rule.compiled.name} hold, yet it has no part")
        )
    who = " and ".join(rival.title for rival in needed[:3])
    why = f"{rule.title} is never chosen: wherever and whenever it could be, {who} stands before it and applies too"
    yield finding("rule-never-chosen", why, [rule.row, *(rival.row for rival in needed)], examples)


def _covering(rule: CheckedRule, ahead: list[CheckedRule]) -> list[CheckedRule]:
    """Those of the rules ahead that together count whenever this one does; none if they leave it an instant."""
    needed: list[CheckedRule] = []
    left: tuple[Period, ...] = rule.counting
    for rival in ahead:
        if common(left, rival.counting):
            needed.append(rival)
            left = less(left, rival.counting)
            if not left:
                return needed
    return []


def _always_stops(rule: CheckedRule) -> bool:
    effect = rule.discount
    # One with a budget acts only as long as something is left of it.
    if effect is None or not effect.is_exclusive or effect.max_minor == 0 or effect.has_budget:
        return False
    return effect.applies_to == "delivery" or (effect.kind.always_acts and effect.value > 0)


def _stands_before(stopper: CheckedRule, rule: CheckedRule) -> bool:
    one, other = stopper.compiled, rule.compiled
    return (
        one.name != other.name and (-one.priority, one.name) < (-other.priority, other.name) and _reaches(stopper, rule)
    )


def _reaches(stopper: CheckedRule, rule: CheckedRule) -> bool:
    one, other = stopper.compiled, rule.compiled
    return region_contains(one.region_key, other.region_key) and holds_wherever(stopper, rule)


def _kept_out(book: Book, rule: CheckedRule, ahead: list[CheckedRule]) -> Iterator[Finding]:
    needed = _covering(rule, ahead)
    if not needed or not book.concerns(rule.compiled.id, *(rival.compiled.id for rival in needed)):
        return
    sample_basket = find_sample_basket(book, [rule])
    if sample_basket is None:
        return
    if any(applied.id == rule.compiled.id for applied in sample_basket.priced(book.rules_alone).applied_rules):
        return
    who = " and ".join(rival.title for rival in needed[:3])
    why = (
        f"{rule.title} never takes anything off beside {who}, which is exclusive, stands before it and applies wherever "
        "it does; only where that one rounds to nothing could it act"
    )
    example = sample_basket.example(book.rulebook, f"all conditions of {rule.compiled.name} hold, yet it has no part")
    yield finding("rule-never-chosen", why, [rule.row, *(rival.row for rival in needed)], [example])
