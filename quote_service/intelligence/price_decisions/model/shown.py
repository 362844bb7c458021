"""What a decision went by, as it is shown: bounds, candidates, elasticity, competitors and the policy in force.

Source: docs/spec/price-decisions.md#decisions.
"""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from quote_service.intelligence.price_decisions.model.decide import Label
from quote_service.intelligence.price_decisions.model.guardrails import Rule
from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.numbers import ExactNumber, written_number

DecisionMode = Literal["shadow", "suggest", "auto", "manual"]
DecisionOrigin = Literal["loop", "person", "roll_back", "experiment"]
DecisionState = Literal["unchanged", "shadow", "held", "suggested", "applied", "rejected", "superseded", "rolled_back"]
Note = Annotated[str, msgspec.Meta(max_length=2000)]
WAITING: Final = ("held", "suggested")


class ShownBound(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule allows."""

    rule: Rule
    """The rule."""
    lowest: ExactNumber | None
    """The lowest price it allows; null for no limit."""
    highest: ExactNumber | None
    """The highest price it allows; null for no limit."""


class ShownCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """What a price is expected to bring over `horizon_days`: an estimate."""

    labels: list[Label]
    """What it is: the price now, 5 % less or more, the one proposed, decided or confirmed, or an end of the bounds."""
    price: ExactNumber
    """The price."""
    units: float
    """Expected units."""
    units_low: float
    """Expected units at one end of the elasticity's interval."""
    units_high: float
    """Expected units at the other end."""
    revenue: ExactNumber
    """Expected revenue."""
    profit: ExactNumber
    """Expected revenue less cost."""


class ShownElasticity(msgspec.Struct, frozen=True, kw_only=True):
    """By how many percent demand changes when the price rises by one percent, as far as is known."""

    mean: float
    """The elasticity."""
    low: float
    """The end of its interval that is more elastic; nine chances in ten lie between."""
    high: float
    """The end that is less elastic."""
    own_weight: float
    """From 0, all from other products, to 1, all from its own sales."""
    rows: int
    """Days with sales that it was learnt from."""
    distinct_prices: int
    """Prices that were seen, distinguished by half a percent."""
    doubts: list[str]
    """Why no price is set on it by itself; empty when it is identified."""


class ShownRival(msgspec.Struct, frozen=True, kw_only=True):
    """A competitor's price at that moment, of one unit of ours."""

    competitor_id: UUID
    """The competitor."""
    competitor: str
    """Its name."""
    listing_id: UUID
    """The listing."""
    price: ExactNumber
    """What one unit cost there; 0 where it may not be compared."""
    confirmed_at: datetime
    """When it was last seen to be so."""
    may_decide: bool
    """Whether the decision went by it."""
    not_comparable: list[str]
    """Why it did not, such as `stale` or `doubted`."""


class ShownLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The policy in force at that moment."""

    policy_ids: list[UUID]
    """The policies that it came from: the product's, its category's, that of all products."""
    floor_price: ExactNumber | None
    """The lowest price the product may ever have; null where nobody has said."""
    ceiling_price: ExactNumber | None
    """The highest; null for no limit."""
    minimum_advertised_price: ExactNumber | None
    """What the supplier allows at least; null for no limit."""
    cost: ExactNumber | None
    """What a unit costs; null if unknown."""
    lowest_margin_percent: ExactNumber
    """The lowest margin."""
    highest_margin_percent: ExactNumber
    """The highest margin."""
    step_percent: ExactNumber
    """How far one decision may move the price."""
    day_percent: ExactNumber
    """How far all decisions of 24 hours may."""
    cumulative_percent: ExactNumber
    """How far decisions may move it from the confirmed price."""


def shown_amount(amount_minor: int, exponent: int) -> ExactNumber:
    """An amount with the currency's digits."""
    return written_number(amount_text(amount_minor, exponent))


def shown_or_none(amount_minor: int | None, exponent: int) -> ExactNumber | None:
    """An amount with the currency's digits, or None."""
    return None if amount_minor is None else shown_amount(amount_minor, exponent)
