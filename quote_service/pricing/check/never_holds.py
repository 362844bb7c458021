"""Rules that cannot count whatever the basket, versions that wait in vain, and discounts or tiers that cannot be reached.

Source: docs/spec/pricing-rules.md#versions; docs/spec/pricing-rules.md#which-rule-counts.
"""

from collections.abc import Iterator

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.system.instants import instant_text
from quote_service.pricing.check.book import Book, CheckedRule
from quote_service.pricing.check.finding import Finding, finding
from quote_service.pricing.check.sample_basket import find_sample_basket, first_open
from quote_service.pricing.conditions.line_tests import LINE_CONDITIONS
from quote_service.pricing.conditions.shopper_tests import SHOPPER_CONDITIONS

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
    for name in (*LINE_CONDITIONS, *SHOPPER_CONDITIONS):
        if getattr(conditions, name) == []:
            return f"its condition {name} is an empty list, which nothing satisfies"
    if conditions.flag is not None:
        reason = _flag_reason(book, conditions.flag)
        if reason is not None:
            return reason
    step = rule.declared.adjusts_price
    if step is not None and step.flag is not None:
        reason = _flag_reason(book, step.flag, "its type")
        if reason is not None:
            return reason
    if compiled.is_for_express and conditions.express is False:
        return "it is about express deliveries, and its condition excludes them"
    reason = rule.declared.why_never(compiled, conditions)
    if reason is not None:
        return reason
    if compiled.window is not None and sum(end - start for start, end in rule.counting) <= _SHORT_US:
        if first_open(rule.counting, [compiled.window]) is None:
            return "its weekdays and times of day are never open while it is effective"
    return None


def _flag_reason(book: Book, key: str, who: str = "its condition") -> str | None:
    flags = [flag for flag in book.rulebook.flags.values() if flag.draft.key == key and not flag.is_archived]
    if not flags:
        return f"{who} asks for the flag {key}, which does not exist"
    if flags[0].draft.type in ("STRING", "NUMBER"):
        return f"{who} asks that the flag {key} be true, and a {flags[0].draft.type} never is"
    return None


def _tiers(book: Book, rule: CheckedRule) -> Iterator[Finding]:
    """Tiers above the highest subtotal that the conditions let through, and tiers that give nothing between others."""
    discount = rule.discount
    if discount is None:
        return
    exponent = EXPONENTS[rule.compiled.currency or "TRY"]
    highest = rule.compiled.max_subtotal_minor
    for index, (reached_minor, percent) in enumerate(discount.tiers):
        reached = amount_text(reached_minor, exponent)
        if highest is not None and reached_minor > highest:
            why = f"{rule.title}: its condition ends at {amount_text(highest, exponent)}, below its tier from {reached}"
            yield finding("tier-out-of-reach", why, [rule.row], [])
        elif (
            not percent
            and index > 0
            and discount.tiers[index - 1][1]
            and any(more for _, more in discount.tiers[index:])
        ):
            sample_basket = find_sample_basket(book, [rule], total_minor=reached_minor)
            examples = (
                []
                if sample_basket is None
                else [sample_basket.example(book.rulebook, f"a basket in the tier from {reached}")]
            )
            why = f"{rule.title}: its tier from {reached} takes nothing off, while those below and above it do"
            yield finding("tier-gap", why, [rule.row], examples)
