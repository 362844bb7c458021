"""Everything a price decision goes by, in minor units of one currency.

Source: docs/spec/price-decisions.md#decisions.
"""

from datetime import datetime
from math import ceil
from typing import Final, Literal
from uuid import UUID

import msgspec

from quote_service.intelligence.demand.model import Elasticity, SecondOpinion
from quote_service.intelligence.demand.response.contradiction import any_contradicts
from quote_service.intelligence.price_decisions.model.guardrails import Limits, RivalPrice
from quote_service.intelligence.price_decisions.model.policies import PolicyMode

HOURS_A_DAY: Final = 24
#: Why nothing is even proposed, beside what the guardrails hold.
Obstacle = Literal[
    "no_model", "stale_model", "campaign", "flash_sale", "change_set", "moved_by_stock",
    "finer_price", "not_sold", "not_looked_at",
]  # fmt: skip


class BehaviourEffect(msgspec.Struct, frozen=True):
    """What shoppers did with a product, and what of the expected units comes from that.

    Attributes:
        views_a_day: Times it was seen, over the week that was known.
        carts_a_day: Times it was put into a cart.
        units_factor: Expected units over what they would be, were it of no account.
    """

    views_a_day: float
    carts_a_day: float
    units_factor: float


class Learned(msgspec.Struct, frozen=True):
    """What a model says of a product.

    Attributes:
        model_id: The version of the model.
        reference_minor: The price that so many units are expected at.
        units_a_day: Expected at that price.
        elasticity: Of demand to the price.
        uses_behaviour: Whether shoppers' behaviour was learnt from.
        second_opinions: The elasticity by other methods, where they apply.
        behaviour: What behaviour told of the product; None where it was not learnt from, or nothing was known.
    """

    model_id: UUID
    reference_minor: int
    units_a_day: float
    elasticity: Elasticity
    uses_behaviour: bool = False
    second_opinions: tuple[SecondOpinion, ...] = ()
    behaviour: BehaviourEffect | None = None

    @property
    def is_contradicted(self) -> bool:
        """Whether a second opinion speaks against the elasticity."""
        return any_contradicts(self.second_opinions, self.elasticity)


class SeenRival(msgspec.Struct, frozen=True):
    """A competitor's price as it was found, and whether it may decide."""

    competitor_id: UUID
    competitor: str
    listing_id: UUID
    price_minor: int
    confirmed_at: datetime
    age_seconds: int
    not_comparable: tuple[str, ...] = ()

    def as_rival(self) -> RivalPrice:
        """As the guardrails judge it."""
        anomalous = "doubted" in self.not_comparable
        others = [reason for reason in self.not_comparable if reason not in ("doubted", "stale")]
        return RivalPrice(self.price_minor, self.age_seconds, comparable=not others, anomalous=anomalous)

    def may_decide(self, limits: Limits) -> bool:
        return not self.not_comparable and self.as_rival().is_usable(limits)


class FamilyMember(msgspec.Struct, frozen=True):
    """Another size of the family.

    Attributes:
        units_micro: How much is in a pack, in millionths.
        price_micro: Its price now, in millionths of a major unit.
        facts: What bears on its price, without its family.
    """

    product_id: UUID
    units_micro: int
    price_micro: int
    facts: "Facts | None" = None


class Family(msgspec.Struct, frozen=True):
    """The sizes that a product is one of.

    Attributes:
        name: As policies name it.
        units_micro: How much is in a pack of the product, in millionths.
        others: The other sizes that are sold, by size; none has the same.
    """

    name: str
    units_micro: int
    others: tuple[FamilyMember, ...]


class CampaignTarget(msgspec.Struct, frozen=True):
    """What an active campaign wants of a price.

    Attributes:
        target_units: To be sold in all.
        sold_units: Until the last full hour.
        hours_left: Until its end.
        low_minor: How far it may move the price down; `high_minor` up.
    """

    campaign_id: UUID
    target_units: int
    sold_units: int
    hours_left: float
    low_minor: int
    high_minor: int

    def units_over(self, hours: float) -> int:
        """Units that are to be sold over the next hours, so that the target is reached at the end."""
        left = max(0, self.target_units - self.sold_units)
        return left if self.hours_left <= hours else ceil(left * hours / self.hours_left)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """A product's price and all that bears on it at one moment.

    Attributes:
        policy_ids: The policies that together are in force, the nearest first.
        mode: Of the policy in force, after a roll back.
        confirmed_minor: The price that a person last confirmed; 0 where nobody ever has.
        day_start_minor: The price that moves of a day are measured against; 0 where there is none.
        lowest_30_days_minor: Of the catalog's memory; None where it has none.
        keeps_lowest: Whether nothing goes below that.
        rivals: Every competitor's price of the product in this currency.
        learned: Of the newest model; None where it does not know the product.
        obstacles: Why nothing may be proposed now.
        stock: Units that can be sold; None is no limit.
        horizon_days: Over how many days outcomes are reckoned.
        is_claimed: A price experiment has the product: the loop leaves it alone.
        family: The sizes that it is one of; None for no family.
        campaign: What the campaign wants that is active; None without one.
    """

    product_id: UUID
    currency: str
    exponent: int
    policy_ids: tuple[UUID, ...]
    mode: PolicyMode
    current_minor: int
    cost_minor: int | None
    floor_minor: int | None
    ceiling_minor: int | None
    minimum_advertised_minor: int | None
    confirmed_minor: int
    day_start_minor: int
    lowest_30_days_minor: int | None
    keeps_lowest: bool
    limits: Limits
    rivals: tuple[SeenRival, ...] = ()
    learned: Learned | None = None
    obstacles: tuple[Obstacle, ...] = ()
    price_war: bool = False
    stock: int | None = None
    horizon_days: int = 7
    is_claimed: bool = False
    family: Family | None = None
    campaign: CampaignTarget | None = None

    def units_now(self) -> float:
        """Units expected over the horizon at the current price; 0 where nothing is known."""
        known = self.learned
        if known is None or self.current_minor <= 0:
            return 0.0
        moved: float = (self.current_minor / known.reference_minor) ** known.elasticity.mean
        return known.units_a_day * self.horizon_days * moved
