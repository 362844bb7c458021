"""Why a quote is what it is: every rule and rate considered, and what became of it.

Source: spec 2, `GET /api/v1/quotes/{id}/explain`.
"""

from typing import Any, Literal

import msgspec

from quote_service.domain.document_changes import FieldChange
from quote_service.domain.rates import CommissionScope, CommissionType
from quote_service.domain.rules.rule import RuleType

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
    "not combinable",
    "another coupon of this code acted",
]
RateReason = Literal[
    "applied",
    "other logistics provider",
    "not effective yet",
    "ended",
    "other region",
    "other currency",
    "lower priority",
    "fewer dimensions",
    "less specific region",
    "earlier start",
    "lower id",
    "names no dimension",
]


class RuleVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one version of a rule; `beaten_by` is the rule that counted in its place."""

    id: str
    name: str
    version: int
    type: RuleType
    region: str | None
    currency: str | None
    priority: int
    won: bool
    reason: RuleReason
    detail: str | None = None
    beaten_by: str | None = None


class RateVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one commission rate at the lines of one seller and category; `lines` are places in the basket."""

    id: str
    lines: list[int]
    dimensions: list[str]
    commission_type: CommissionType
    scope: CommissionScope
    region: str | None
    currency: str | None
    priority: int
    won: bool
    reason: RateReason
    detail: str | None = None
    beaten_by: str | None = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """An explained quote.

    `is_recomputed`: priced again from its request and the rulebook version that it was priced with; where that cannot be
    done, `detail` says why, and there are the calculations alone. `agrees`: every figure came out as it was issued;
    `differences` are those that did not, as issued and as recomputed.
    """

    quote_id: str
    priced_at: str
    rulebook_version: int | None
    is_recomputed: bool
    agrees: bool | None
    detail: str | None
    differences: list[FieldChange]
    calculations: list[Any]
    rules: list[RuleVerdict]
    rates: list[RateVerdict]
    left_out: int
