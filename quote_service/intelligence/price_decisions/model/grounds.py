"""What a decision went by besides, as it is kept and shown: second opinions, behaviour, other sizes, a campaign, and a proposed test.

Source: docs/spec/price-decisions.md#grounds.
"""

from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from quote_service.intelligence.demand.model import Elasticity, SecondOpinion
from quote_service.intelligence.demand.response.contradiction import contradicts, interval_of_opinion, is_believable
from quote_service.intelligence.price_decisions.model.facts import HOURS_A_DAY, BehaviourEffect, Facts
from quote_service.intelligence.price_decisions.model.proposed_tests import ProposedTest, propose_test
from quote_service.platform.money.numbers import ExactNumber, written_number
from quote_service.platform.money.quantities import FACTOR_PLACES
from quote_service.shop.catalog.model.prices import price_number

_DIGITS = 4


class ShownOpinion(msgspec.Struct, frozen=True, kw_only=True):
    """The elasticity of demand by another method, which assumes other things."""

    method: Literal["instrument", "double_ml"]
    """`instrument`: only price moves that the cost caused count. `double_ml`: only those that a learnt model cannot predict."""
    elasticity: float
    """By how many percent demand changes when the price rises by one percent."""
    low: float
    """The end of its interval that is more elastic; nine chances in ten lie between."""
    high: float
    """The end that is less elastic."""
    strength: float
    """First-stage F of an instrument, weak below 10; the share of the price's moves that nothing else explains for `double_ml`."""
    rows: int
    """Days with sales that it was learnt from."""
    is_believable: bool
    """Whether it is strong and narrow enough to count."""
    contradicts: bool
    """Whether it counts, and has another sign or an interval apart from that of the elasticity: then no price is set by itself."""


class ShownBehaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What shoppers did with the product, all of them together, over the last week that was known."""

    views_a_day: float
    """Times its page was seen."""
    carts_a_day: float
    """Times it was put into a cart."""
    units_factor: float
    """Expected units over what they would be, were behaviour of no account: 1.1 is a tenth more."""


class ShownSize(msgspec.Struct, frozen=True, kw_only=True):
    """Another size of the family."""

    product_id: UUID
    """The product."""
    units: ExactNumber
    """How much is in a pack."""
    price: ExactNumber
    """What it cost at that moment."""


class ShownFamily(msgspec.Struct, frozen=True, kw_only=True):
    """The sizes that the product is one of; `family` among the bounds says what they allow."""

    name: str
    """What the sizes share."""
    units: ExactNumber
    """How much is in a pack of this product."""
    others: list[ShownSize]
    """The other sizes that are sold, the smallest first."""


class ShownCampaign(msgspec.Struct, frozen=True, kw_only=True):
    """The campaign that was active; `campaign` among the bounds says how far it may move the price."""

    campaign_id: UUID
    """The campaign."""
    target_units: int
    """Units to be sold in all."""
    sold_units: int
    """Units sold until its last full hour."""
    hours_left: float
    """Hours until its end."""
    units_wanted: int
    """Units to be sold over `horizon_days`, or until its end if that is sooner, so that the target is reached."""


class Grounds(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision went by beside bounds, elasticity and competitors; nothing of decisions made before it was kept."""

    second_opinions: list[ShownOpinion] = []
    behaviour: ShownBehaviour | None = None
    family: ShownFamily | None = None
    campaign: ShownCampaign | None = None
    proposed_test: ProposedTest | None = None


def grounds_of(facts: Facts, *, by_person: bool = False) -> Grounds:
    """What is kept of a decision by these facts; what a person has just set is not to be tested."""
    known = facts.learned
    return Grounds(
        second_opinions=[]
        if known is None
        else [shown_opinion(opinion, known.elasticity) for opinion in known.second_opinions],
        behaviour=None if known is None else shown_behaviour(known.behaviour),
        family=_family(facts),
        campaign=_campaign(facts),
        proposed_test=None if by_person else propose_test(facts),
    )


def _family(facts: Facts) -> ShownFamily | None:
    family = facts.family
    if family is None:
        return None
    return ShownFamily(
        name=family.name,
        units=_units(family.units_micro),
        others=[
            ShownSize(
                product_id=other.product_id,
                units=_units(other.units_micro),
                price=price_number(Decimal(other.price_micro).scaleb(-FACTOR_PLACES), facts.currency),
            )
            for other in family.others
        ],
    )


def _units(micro: int) -> ExactNumber:
    return written_number(f"{Decimal(micro).scaleb(-FACTOR_PLACES).normalize():f}")


def _campaign(facts: Facts) -> ShownCampaign | None:
    campaign = facts.campaign
    if campaign is None:
        return None
    return ShownCampaign(
        campaign_id=campaign.campaign_id,
        target_units=campaign.target_units,
        sold_units=campaign.sold_units,
        hours_left=round(campaign.hours_left, _DIGITS),
        units_wanted=campaign.units_over(facts.horizon_days * HOURS_A_DAY),
    )


def shown_opinion(opinion: SecondOpinion, elasticity: Elasticity) -> ShownOpinion:
    """A second opinion beside the elasticity, as it is shown."""
    low, high = interval_of_opinion(opinion)
    return ShownOpinion(
        method=opinion.method,
        elasticity=round(opinion.elasticity, _DIGITS),
        low=round(low, _DIGITS),
        high=round(high, _DIGITS),
        strength=round(opinion.strength, _DIGITS),
        rows=opinion.rows,
        is_believable=is_believable(opinion),
        contradicts=contradicts(opinion, elasticity),
    )


def shown_behaviour(behaviour: BehaviourEffect | None) -> ShownBehaviour | None:
    """What behaviour told, as it is shown."""
    return None if behaviour is None else ShownBehaviour(**msgspec.structs.asdict(behaviour))
