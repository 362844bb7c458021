"""What a decision went by, in the form in which it is kept and shown.

Source: docs/spec/price-decisions.md#decisions.
"""

from quote_service.intelligence.price_decisions.model.decide import Candidate, Decided
from quote_service.intelligence.price_decisions.model.decisions import DecisionDetails
from quote_service.intelligence.price_decisions.model.facts import Facts
from quote_service.intelligence.price_decisions.model.policies import BP_PLACES
from quote_service.intelligence.price_decisions.model.shown import (
    ShownBound,
    ShownCandidate,
    ShownElasticity,
    ShownLimits,
    ShownRival,
    shown_amount,
    shown_or_none,
)
from quote_service.platform.money.amounts import decimal_text
from quote_service.platform.money.numbers import ExactNumber, written_number

_DIGITS = 4


def details_of(facts: Facts, decided: Decided) -> DecisionDetails:
    """Inputs, bounds, candidates, elasticity and competitors of a decision."""
    exponent = facts.exponent
    return DecisionDetails(
        limits=limits_of(facts),
        bounds=[
            ShownBound(
                rule=bound.rule,
                lowest=shown_or_none(bound.low_minor, exponent),
                highest=shown_or_none(bound.high_minor, exponent),
            )
            for bound in decided.bounds
        ],
        candidates=[shown_candidate(candidate, exponent) for candidate in decided.candidates],
        elasticity=_elasticity(facts),
        competitors=[
            ShownRival(
                competitor_id=rival.competitor_id,
                competitor=rival.competitor,
                listing_id=rival.listing_id,
                price=shown_amount(rival.price_minor, exponent),
                confirmed_at=rival.confirmed_at,
                may_decide=rival.may_decide(facts.limits),
                not_comparable=list(rival.not_comparable),
            )
            for rival in facts.rivals
        ],
        lowest_price_30_days=shown_or_none(facts.lowest_30_days_minor, exponent),
        sure_gain=None if decided.sure_gain_minor is None else shown_amount(round(decided.sure_gain_minor), exponent),
        horizon_days=facts.horizon_days,
        stock=facts.stock,
    )


def limits_of(facts: Facts) -> ShownLimits:
    """The policy in force, as it is shown."""
    exponent, limits = facts.exponent, facts.limits
    return ShownLimits(
        policy_ids=list(facts.policy_ids),
        floor_price=shown_or_none(facts.floor_minor, exponent),
        ceiling_price=shown_or_none(facts.ceiling_minor, exponent),
        minimum_advertised_price=shown_or_none(facts.minimum_advertised_minor, exponent),
        cost=shown_or_none(facts.cost_minor, exponent),
        lowest_margin_percent=percent_number(limits.lowest_margin_bp),
        highest_margin_percent=percent_number(limits.highest_margin_bp),
        step_percent=percent_number(limits.step_bp),
        day_percent=percent_number(limits.day_bp),
        cumulative_percent=percent_number(limits.cumulative_bp),
    )


def shown_candidate(candidate: Candidate, exponent: int) -> ShownCandidate:
    """What a price is expected to bring, as it is shown."""
    reported = candidate.outlook
    return ShownCandidate(
        labels=list(candidate.labels),
        price=shown_amount(reported.price_minor, exponent),
        units=round(reported.units, _DIGITS),
        units_low=round(reported.units_low, _DIGITS),
        units_high=round(reported.units_high, _DIGITS),
        revenue=shown_amount(reported.revenue_minor, exponent),
        profit=shown_amount(reported.profit_minor, exponent),
    )


def percent_number(basis_points: int) -> ExactNumber:
    """Basis points as a percentage: 550 is 5.5."""
    return written_number(decimal_text(basis_points, BP_PLACES))


def _elasticity(facts: Facts) -> ShownElasticity | None:
    known = None if facts.learned is None else facts.learned.elasticity
    if known is None:
        return None
    return ShownElasticity(
        mean=round(known.mean, _DIGITS),
        low=round(known.low, _DIGITS),
        high=round(known.high, _DIGITS),
        own_weight=round(known.own_weight, _DIGITS),
        rows=known.variation.rows,
        distinct_prices=known.variation.distinct_prices,
        doubts=list(known.doubts),
    )
