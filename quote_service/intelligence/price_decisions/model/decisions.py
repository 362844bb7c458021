"""Price decisions as they are kept and shown, and what people ask of them.

Source: docs/spec/price-decisions.md#decisions; docs/spec/price-decisions.md#decisions-in-the-api.
"""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from quote_service.intelligence.price_decisions.model.decide import HeldBy
from quote_service.intelligence.price_decisions.model.grounds import (
    ShownBehaviour,
    ShownCampaign,
    ShownFamily,
    ShownOpinion,
)
from quote_service.intelligence.price_decisions.model.guardrails import Rule
from quote_service.intelligence.price_decisions.model.policies import PolicyMode
from quote_service.intelligence.price_decisions.model.proposed_tests import ProposedTest
from quote_service.intelligence.price_decisions.model.shown import (
    ShownBound,
    ShownCandidate,
    ShownElasticity,
    ShownLimits,
    ShownRival,
)
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.numbers import ExactNumber
from quote_service.shop.catalog.model.prices import Currency, UnitPrice

DecisionMode = Literal["shadow", "suggest", "auto", "manual"]
DecisionOrigin = Literal["loop", "person", "roll_back", "experiment"]
DecisionState = Literal["unchanged", "shadow", "held", "suggested", "applied", "rejected", "superseded", "rolled_back"]
Note = Annotated[str, msgspec.Meta(max_length=2000)]
WAITING: Final = ("held", "suggested")


class DecisionDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision went by, as it is kept."""

    limits: ShownLimits
    bounds: list[ShownBound]
    candidates: list[ShownCandidate]
    elasticity: ShownElasticity | None
    competitors: list[ShownRival]
    lowest_price_30_days: ExactNumber | None
    sure_gain: ExactNumber | None
    horizon_days: int
    stock: int | None


class DecisionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A price decision, as a list shows it."""

    id: UUID
    """Identifies the decision; the price history names it as `source_id`."""
    product_id: UUID
    """The product."""
    currency: str
    """ISO 4217 code."""
    mode: DecisionMode
    """The mode of the policy in force, or `manual` for a person's."""
    origin: DecisionOrigin
    """What it came from: the `loop`, a `person`, a `roll_back`, or a price `experiment`."""
    state: Annotated[DecisionState, Renamed("status")]
    """`held` and `suggested` wait for a person; `applied` has set the price; `superseded`: another came before a person did."""
    current_price: ExactNumber
    """The price that it went by."""
    proposed_price: ExactNumber | None
    """The price that was wanted before the guardrails; null where nothing was."""
    price: ExactNumber | None
    """The price that was set, or that a person may accept; null for none."""
    held_by: list[HeldBy]
    """Why it is held; empty otherwise."""
    lower_bound_by: Rule | None
    """The rule that set the lower end of what was allowed."""
    upper_bound_by: Rule | None
    """The rule that set the upper end."""
    clamped_by: Rule | None
    """The rule that kept the price from being the proposed one; null for none."""
    uses_behaviour: bool
    """Whether what was learnt from shoppers' behaviour went into it."""
    run_id: UUID | None
    """The run of the loop; null for a person's."""
    model_id: UUID | None
    """The version of the model; null without one."""
    note: str | None
    """Why, in words."""
    version: int
    """Version of the decision; `ETag` follows it."""
    created_at: datetime
    """When it was made."""
    created_by: str
    """Id of who made it, or the name of a part of the system."""
    decided_at: datetime | None
    """When it was accepted, rejected or superseded; null while it waits."""
    decided_by: str | None
    """Id of who did; null while it waits."""
    applied_at: datetime | None
    """When the price was set; null where it was not."""


class DecisionDetail(DecisionRecord, frozen=True, kw_only=True):
    """A price decision with everything that explains it."""

    confirmed_price: ExactNumber | None
    """The price that a person had last confirmed."""
    day_start_price: ExactNumber | None
    """The price that moves of 24 hours were measured against."""
    lowest_price_30_days: ExactNumber | None
    """The catalog's lowest price of 30 days at that moment."""
    sure_gain: ExactNumber | None
    """What the proposal was expected to earn more over `horizon_days`, but for one chance in four; null without a model."""
    horizon_days: int
    """Over how many days outcomes are reckoned."""
    stock: int | None
    """Units that could be sold; null for no limit."""
    limits: ShownLimits
    """The policy in force."""
    bounds: list[ShownBound]
    """Every rule with what it allowed."""
    candidates: list[ShownCandidate]
    """Prices with what they were expected to bring, by price."""
    elasticity: ShownElasticity | None
    """What was known of demand; null without a model."""
    competitors: list[ShownRival]
    """Competitors' prices at that moment."""
    second_opinions: list[ShownOpinion]
    """The elasticity by other methods, where they apply; empty for decisions made before these were kept."""
    behaviour: ShownBehaviour | None
    """What shoppers' behaviour told of the product; null where it was not learnt from, or nothing was known."""
    family: ShownFamily | None
    """The sizes that the product is one of; null for none."""
    campaign: ShownCampaign | None
    """The campaign that moves the price; null without one."""
    proposed_test: ProposedTest | None
    """The price experiment that is proposed where sales do not say how demand answers to the price; null otherwise."""


class ManualDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A price that a person decides on."""

    product_id: UUID
    """The product."""
    currency: Currency
    """ISO 4217 code; one that the product is sold in."""
    price: UnitPrice
    """The price, inside the bounds of the policy in force; no finer than the currency."""
    note: Note | None = None
    """Why, in words."""


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person says to a decision."""

    note: Note | None = None
    """Why, in words."""


class RollBackDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which prices go back to the ones that people last confirmed."""

    product_id: UUID | None = None
    """The product; null for all products."""
    currency: Currency | None = None
    """Only prices in this currency; null for all."""
    note: Note | None = None
    """Why, in words."""


class NotRolledBack(msgspec.Struct, frozen=True, kw_only=True):
    """A price that could not go back."""

    product_id: UUID
    """The product."""
    currency: str
    """ISO 4217 code."""
    reason: str
    """Why: the rule that the confirmed price is past, or `busy`."""


class RolledBack(msgspec.Struct, frozen=True, kw_only=True):
    """What a roll back did."""

    rolled_back: int
    """Prices that went back."""
    not_rolled_back: list[NotRolledBack]
    """Prices that could not: repeat the request, or decide them by hand."""


class WhatIfDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What would be decided now, and what some price would bring."""

    product_id: UUID
    """The product."""
    currency: Currency
    """ISO 4217 code; one that the product is sold in."""
    price: UnitPrice | None = None
    """A price to try; null asks only what the loop would decide."""


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """What would be decided now. Nothing is written."""

    product_id: UUID
    """The product."""
    currency: str
    """ISO 4217 code."""
    mode: PolicyMode
    """The mode of the policy in force."""
    current_price: ExactNumber
    """The price now."""
    outcome: Literal["set", "unchanged", "held"]
    """What the loop would do, were the product in `auto`."""
    price: ExactNumber | None
    """The price that it would set, or suggest; null for none."""
    held_by: list[HeldBy]
    """Why it would hold the price."""
    tried: ShownCandidate | None
    """What the price to try is expected to bring; null without one, or without a model."""
    tried_is_allowed: bool | None
    """Whether a person could set it; null without one."""
    tried_clamped_by: Rule | None
    """The rule that it is past; null for none."""
    tried_nearest_price: ExactNumber | None
    """The nearest price that a person could set; null without one, and where no price is allowed."""
    confirmed_price: ExactNumber | None
    """The price that a person last confirmed."""
    day_start_price: ExactNumber | None
    """The price that moves of 24 hours are measured against."""
    lowest_price_30_days: ExactNumber | None
    """The catalog's lowest price of 30 days."""
    sure_gain: ExactNumber | None
    """What the proposal is expected to earn more over `horizon_days`, but for one chance in four."""
    horizon_days: int
    """Over how many days outcomes are reckoned."""
    stock: int | None
    """Units that can be sold; null for no limit."""
    limits: ShownLimits
    """The policy in force."""
    bounds: list[ShownBound]
    """Every rule with what it allows."""
    candidates: list[ShownCandidate]
    """Prices with what they are expected to bring, by price."""
    elasticity: ShownElasticity | None
    """What is known of demand; null without a model."""
    competitors: list[ShownRival]
    """Competitors' prices."""
    uses_behaviour: bool
    """Whether what was learnt from shoppers' behaviour goes into it."""
    second_opinions: list[ShownOpinion]
    """The elasticity by other methods, where they apply."""
    behaviour: ShownBehaviour | None
    """What shoppers' behaviour told of the product; null where it was not learnt from, or nothing was known."""
    family: ShownFamily | None
    """The sizes that the product is one of; null for none."""
    campaign: ShownCampaign | None
    """The campaign that moves the price; null without one."""
    proposed_test: ProposedTest | None
    """The price experiment that is proposed where sales do not say how demand answers to the price; null otherwise."""


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A run of the loop over all products whose policy is not `off`."""

    id: UUID
    """Identifies the run."""
    state: Annotated[Literal["running", "finished", "abandoned"], Renamed("status")]
    """`abandoned`: whoever ran it went away; the next run goes on."""
    started_at: datetime
    """When it started."""
    finished_at: datetime | None
    """When it ended; null while it runs."""
    model_id: UUID | None
    """The newest model at that time."""
    products: int
    """Prices that it looked at."""
    applied: int
    """Prices that it set."""
    suggested: int
    """Decisions that wait for a person to accept."""
    shadowed: int
    """Decisions that were only recorded."""
    held: int
    """Prices that it held."""
    unchanged: int
    """Prices that stay."""
    failed: int
    """Prices that somebody else held at that moment; the next run looks at them again."""
    breaker_open: bool
    """Whether too much of the catalog would have moved, so that nothing did."""
