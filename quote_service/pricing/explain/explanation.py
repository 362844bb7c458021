"""Why a quote is what it is: every rule and rate considered, and what became of it.

Source: docs/spec/quotes.md#explain-a-quote.
"""

from typing import Any, Literal

import msgspec

from quote_service.platform.documents.document_changes import FieldChange
from quote_service.pricing.commission.rate import CommissionScope, CommissionType
from quote_service.pricing.explain.verdict import RuleReason
from quote_service.pricing.rule_types.registry import RuleType

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
    """What became of one version of a rule; `beaten_by` is the rule that counted instead."""

    id: str
    """Id of the version of the rule."""
    name: str
    """Name of the rule."""
    version: int
    """Number of the version."""
    type: RuleType
    """Type of the rule."""
    region: str | None
    """The rule's region; null for everywhere."""
    currency: str | None
    """The rule's currency (ISO 4217); null for every currency."""
    priority: int
    """The rule's priority."""
    won: bool
    """Whether the rule had an effect."""
    reason: RuleReason
    """Why the rule had an effect or not."""
    detail: str | None = None
    """More about the reason; null if there is nothing more to say."""
    beaten_by: str | None = None
    """Id of the version of the rule that counted instead; null if none did."""


class RateVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one commission rate at the lines of one seller and category; `lines` are positions in the basket."""

    id: str
    """Id of the commission rate."""
    lines: list[int]
    """Positions of the lines in the basket, from 0."""
    dimensions: list[str]
    """What the rate is charged for."""
    commission_type: CommissionType
    """How the rate is charged."""
    scope: CommissionScope
    """What the rate is charged once for."""
    region: str | None
    """The rate's region; null for everywhere."""
    currency: str | None
    """The rate's currency (ISO 4217); null for every currency."""
    priority: int
    """The rate's priority."""
    won: bool
    """Whether the rate was charged."""
    reason: RateReason
    """Why the rate was charged or not."""
    detail: str | None = None
    """More about the reason; null if there is nothing more to say."""
    beaten_by: str | None = None
    """Id of the rate that was charged instead; null if none was."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """An explained quote.

    `is_recomputed`: priced again from its request and the rulebook version that it was priced with; where that cannot be
    done, `detail` says why, and there are the calculations alone. `agrees`: every figure came out as it was issued;
    `differences` are those that did not, as issued and as recomputed.
    """

    quote_id: str
    """Identifies the quote."""
    priced_at: str
    """When the quote was priced."""
    rulebook_version: int | None
    """Version of the rules and rates that the quote was priced with; null if unknown."""
    is_recomputed: bool
    """Whether the quote was priced again from its request and the rules of its time."""
    agrees: bool | None
    """Whether every figure came out as issued; null if the quote was not priced again."""
    detail: str | None
    """Why the quote could not be priced again; null if it was."""
    differences: list[FieldChange]
    """Figures that did not come out as issued."""
    calculations: list[Any]
    """The steps of the calculation."""
    rules: list[RuleVerdict]
    """Every pricing rule considered, and what became of it."""
    rates: list[RateVerdict]
    """Every commission rate considered, and what became of it."""
    left_out: int
    """How many rules and rates are not listed because there are too many."""
