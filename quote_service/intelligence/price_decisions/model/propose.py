"""A price as the optimiser and the guardrails take it, out of everything that bears on it. Pure.

Source: docs/spec/price-decisions.md#decisions.
"""

from quote_service.intelligence.demand.optimiser.outlook import Offer
from quote_service.intelligence.price_decisions.model.facts import HOURS_A_DAY, Facts
from quote_service.intelligence.price_decisions.model.guardrails import Proposal, Verdict
from quote_service.platform.money.quantities import FACTOR_PLACES

_FAR_OFF = 1 << 62
_MICRO = 10**FACTOR_PLACES


def offer_of(facts: Facts) -> Offer | None:
    """The product as the optimiser takes it; None where nothing was learnt, or price or cost is not known."""
    if facts.learned is None or facts.cost_minor is None or facts.current_minor <= 0:
        return None
    campaign = facts.campaign
    target = None if campaign is None else campaign.units_over(facts.horizon_days * HOURS_A_DAY)
    return Offer(
        facts.current_minor, facts.cost_minor, facts.units_now(), facts.learned.elasticity, facts.stock, target
    )


def ends_of(facts: Facts, bounds: Verdict) -> tuple[int, int] | None:
    """The lowest and the highest price to choose from; None where there is no lowest."""
    lows = [bound.low_minor for bound in bounds.bounds if bound.low_minor is not None]
    highs = [bound.high_minor for bound in bounds.bounds if bound.high_minor is not None]
    if not lows:
        return None
    low, now = max(lows), facts.current_minor
    if facts.keeps_lowest and facts.lowest_30_days_minor is not None:
        low = max(low, min(facts.lowest_30_days_minor, now))
    return low, min(*highs, low + 10 * now, _FAR_OFF)


def family_bound(facts: Facts) -> tuple[int | None, int | None]:
    """The lowest and the highest price in minor units that the other sizes allow; None is no limit."""
    if facts.family is None:
        return None, None
    scale, own = 10**facts.exponent, facts.family.units_micro
    lows, highs = [], []
    for other in facts.family.others:
        same_by_unit = other.price_micro * own * scale
        if other.units_micro < own:
            lows.append(-(-other.price_micro * scale // _MICRO))
            highs.append(same_by_unit // (other.units_micro * _MICRO))
        else:
            lows.append(-(-same_by_unit // (other.units_micro * _MICRO)))
            highs.append(other.price_micro * scale // _MICRO)
    return max(lows, default=None), min(highs, default=None)


def proposal_of(facts: Facts, wanted_minor: int, *, breaker_open: bool = False) -> Proposal:
    """A wanted price with everything that the guardrails judge it by."""
    limits, known, campaign = facts.limits, facts.learned, facts.campaign
    goes_by = [rival for rival in facts.rivals if rival.may_decide(limits)]
    if not goes_by and (limits.above_rivals_bp is not None or limits.below_rivals_bp is not None):
        # A position that cannot be told holds the price; nobody is known is no position.
        goes_by = list(facts.rivals)
    return Proposal(
        proposed_minor=wanted_minor,
        current_minor=facts.current_minor,
        floor_minor=facts.floor_minor,
        ceiling_minor=facts.ceiling_minor,
        cost_minor=facts.cost_minor,
        day_start_minor=facts.day_start_minor,
        confirmed_minor=facts.confirmed_minor,
        minimum_advertised_minor=facts.minimum_advertised_minor,
        rivals=tuple(rival.as_rival() for rival in goes_by),
        identified=known is None or known.elasticity.identified,
        contradicted=known is not None and known.is_contradicted,
        price_war=facts.price_war,
        family=family_bound(facts),
        campaign=(None, None) if campaign is None else (campaign.low_minor, campaign.high_minor),
        breaker_open=breaker_open,
    )
