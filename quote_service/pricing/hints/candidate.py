"""What might become a hint: a rule that does not pay yet, what it would take, and how to see that it does.

Source: docs/spec/hints.md.
"""

from collections.abc import Callable

import msgspec

from quote_service.pricing.hints.hint import Change, HintCode
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Quote
from quote_service.pricing.rulebook.compiled_rule import CompiledRule


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A change that is worth pricing.

    `worth_minor` is about what it may save: the most promising are priced first. `comes_true` says of the changed basket's
    quote whether the rule pays there. Where goods of an amount are to reach a threshold, `lacking` says by how many minor
    units that quote still misses it, 0 or less where it does not.
    """

    code: HintCode
    rule: CompiledRule
    change: Change
    worth_minor: int
    comes_true: Callable[[Quote], bool]
    lacking: Callable[[Quote], int] | None = None
    gives: str
    """What it gives, in words that follow what is missing."""
    coupon_code: str | None = None


def taken_minor(quote: Quote, rule: CompiledRule) -> int:
    """What a rule takes off a quote, delivery included."""
    return -sum(each.amount_minor for each in quote.calculations if each.rule is rule and each.amount_minor < 0)


def takes_more(now: PricingContext, rule: CompiledRule) -> Callable[[Quote], bool]:
    """Whether a rule takes more off another quote than off this one."""
    before_minor = taken_minor(now, rule)
    return lambda then: taken_minor(then, rule) > before_minor
