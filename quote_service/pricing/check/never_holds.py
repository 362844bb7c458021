"""Rules that cannot count whatever the basket, versions that wait in vain, and discounts or tiers that cannot be reached.

Source: spec 4, Versions and Which rule counts.
"""

from collections.abc import Iterator

from quote_service.domain.currencies import EXPONENTS
from quote_service.domain.instants import instant_text
from quote_service.domain.money import amount_text
from quote_service.engine.checks.book import Book, CheckedRule
from quote_service.engine.checks.finding import Finding, finding
from quote_service.engine.checks.witness import find_witness, first_open
from quote_service.engine.rulebook.effects import FreeDeliveryEffect, SmallBasketEffect

_LISTS = (
    "category_ids",
    "product_ids",
    "seller_ids",
    "tags_any",
    "customer_tiers",
    "customer_segments",
    "ab_test_groups",
)
_SHORT_US = 8 * 86_400 * 1_000_000


def never_holds(book: Book) -> Iterator[Finding]:
    """Every rule that cannot count, with the first reason found, and what of a rule cannot be reached."""
    for rule in book.every_rule:
        if not book.concerns(rule.compiled.id):
            continue
        if not rule.own:
            # Of rules that are over there are many, and nothing is wrong with them; one just written is a slip.
            if book.touched is not None:
                why = f"{rule.title} ended at {instant_text(rule.compiled.effective_to_us)}, which is past"
                yield finding("rule-never-counts", why, [rule.row], [])
        elif not rule.counting:
            yield from _hidden_version(book, rule)
        else:
            reason = _reason(book, rule)
            if reason is not None:
                yield finding("rule-never-counts", f"{rule.title} never counts: {reason}", [rule.row], [])
            else:
                yield from _tiers(book, rule)


def _hidden_version(book: Book, rule: CheckedRule) -> Iterator[Finding]:
    """A version that was to start and never will; one that a later version replaced is as it should be."""
    if rule.compiled.effective_from_us <= book.now_us:
        return
    higher = [
        other
        for other in book.every_rule
        if other.compiled.name == rule.compiled.name and other.compiled.version > rule.compiled.version and other.own
    ]
    why = (
        f"{rule.title} is to start at {instant_text(rule.compiled.effective_from_us)} and never will: versions after it "
        "are effective all that time"
    )
    yield finding("version-never-counts", why, [rule.row, *(other.row for other in higher)], [])


def _reason(book: Book, rule: CheckedRule) -> str | None:
    conditions, compiled = rule.conditions, rule.compiled
    for name in _LISTS:
        if getattr(conditions, name) == []:
            return f"its condition {name} is an empty list, which nothing satisfies"
    if conditions.flag is not None:
        reason = _flag_reason(book, conditions.flag)
        if reason is not None:
            return reason
    if compiled.type == "EXPRESS_FEE" and conditions.express is False:
        return "it is about express deliveries, and its condition excludes them"
    effect = compiled.effect
    lowest, highest = compiled.min_subtotal_minor, compiled.max_subtotal_minor
    if isinstance(effect, FreeDeliveryEffect):
        if conditions.express is True and not effect.includes_express:
            return "its condition wants an express delivery, and it does not include them"
        if highest is not None and highest < effect.min_subtotal_minor:
            return "no subtotal is up to its condition's max_subtotal and as high as its min_subtotal"
    if isinstance(effect, SmallBasketEffect):
        if effect.threshold_minor <= (lowest or 0):
            return "no subtotal is below its threshold and as high as its condition's min_subtotal"
    discount = rule.discount
    if discount is not None:
        if discount.max_minor == 0 or (discount.kind in ("percent", "amount", "buy_x_get_y") and discount.value == 0):
            return "it takes nothing off, whatever the basket"
        if discount.kind == "tiered_percent" and not any(percent for _, percent in discount.tiers):
            return "none of its tiers takes anything off"
    if compiled.window is not None and sum(end - start for start, end in rule.counting) <= _SHORT_US:
        if first_open(rule.counting, [compiled.window]) is None:
            return "its weekdays and times of day are never open while it is effective"
    return None


def _flag_reason(book: Book, key: str) -> str | None:
    flags = [flag for flag in book.rulebook.flags.values() if flag.draft.key == key and not flag.is_archived]
    if not flags:
        return f"its condition asks for the flag {key}, which does not exist"
    if flags[0].draft.type in ("STRING", "NUMBER"):
        return f"its condition asks that the flag {key} be true, and a {flags[0].draft.type} never is"
    return None


def _tiers(book: Book, rule: CheckedRule) -> Iterator[Finding]:
    """Tiers above the highest subtotal that the conditions let through, and tiers that give nothing between others."""
    discount = rule.discount
    if discount is None or discount.kind != "tiered_percent":
        return
    exponent = EXPONENTS[rule.compiled.currency or "TRY"]
    highest = rule.compiled.max_subtotal_minor
    for place, (reached_minor, percent) in enumerate(discount.tiers):
        reached = amount_text(reached_minor, exponent)
        if highest is not None and reached_minor > highest:
            why = f"{rule.title}: its condition ends at {amount_text(highest, exponent)}, below its tier from {reached}"
            yield finding("tier-out-of-reach", why, [rule.row], [])
        elif (
            not percent
            and place > 0
            and discount.tiers[place - 1][1]
            and any(more for _, more in discount.tiers[place:])
        ):
            witness = find_witness(book, [rule], total_minor=reached_minor)
            examples = (
                [] if witness is None else [witness.example(book.rulebook, f"a basket in the tier from {reached}")]
            )
            why = f"{rule.title}: its tier from {reached} takes nothing off, while those below and above it do"
            yield finding("tier-gap", why, [rule.row], examples)
