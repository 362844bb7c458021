"""What a rule type says of a rule that had no part in a quote."""

from typing import Literal

from quote_service.pricing.rulebook.compiled_rule import CompiledRule

RuleReason = Literal[
    "applied",
    "switched off",
    "not effective yet",
    "ended",
    "superseded by a newer version",
    "window closed",
    "other region",
    "other currency",
    "condition not met",
    "less specific region",
    "lower priority",
    "earlier start",
    "later name",
    "not an express delivery",
    "replaced by the express fee",
    "nothing to charge",
    "nothing to discount",
    "stopped by an exclusive rule",
    "exhausted",
    "budget used up",
    "not combinable",
    "another coupon of this code acted",
    "not with promotions",
    "a coupon without promotions costs less",
    "no price to change",
]

# Why, more about it, and the rule that counted in its place.
Verdict = tuple[RuleReason, str | None, CompiledRule | None]
