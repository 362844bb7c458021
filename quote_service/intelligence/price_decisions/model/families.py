"""Sizes of one thing: what the prices of the others allow, and what the best prices of all of them are.

A bigger pack costs no less in all, and no more by unit. Each decision holds its price to what the others cost now, so that this
is so at every moment, whichever of them moves first.

Source: docs/spec/price-decisions.md#families.
"""

import msgspec

from quote_service.intelligence.demand.optimiser.families import choose_ladder
from quote_service.intelligence.demand.optimiser.outlook import Offer
from quote_service.intelligence.demand.optimiser.price_points import candidate_prices
from quote_service.intelligence.price_decisions.model.facts import Facts, FamilyMember
from quote_service.intelligence.price_decisions.model.guardrails import guard_price
from quote_service.intelligence.price_decisions.model.propose import ends_of, offer_of, proposal_of
from quote_service.platform.money.quantities import FACTOR_PLACES

_MICRO = 10**FACTOR_PLACES


def best_in_family(facts: Facts, offer: Offer, risk: float) -> int | None:
    """The price of one size where all sizes together earn most, each within its own bounds.

    Sizes that no machine decides about, or of which too little is known, stay where they are.

    Args:
        facts: Of the size; with a family.
        offer: The size, as the optimiser takes it.
        risk: The chance that a change earns less than it is chosen for.

    Returns:
        None where no prices of all sizes fit each other.
    """
    assert facts.family is not None
    # Beside all prices of its own those that fit the others now, with both ends.
    open_to = sorted({*_may_be(msgspec.structs.replace(facts, family=None)), *_may_be(facts)})
    rungs = [(facts.family.units_micro, offer, open_to)]
    rungs += [(other.units_micro, *_rung(other, facts, offer)) for other in facts.family.others]
    rungs.sort(key=lambda rung: rung[0])
    found = choose_ladder(
        [rung[1] for rung in rungs],
        [rung[2] for rung in rungs],
        [0] * (len(rungs) - 1),
        risk,
        units=[rung[0] for rung in rungs],
    )
    return None if found is None else found[next(at for at, rung in enumerate(rungs) if rung[1] is offer)]


def _rung(other: FamilyMember, facts: Facts, offer: Offer) -> tuple[Offer, list[int]]:
    """Another size with the prices that it may have."""
    known = other.facts
    moves = None if known is None or not _moves(known) else offer_of(known)
    if known is None or moves is None:
        now = other.price_micro * 10**facts.exponent // _MICRO
        return msgspec.structs.replace(offer, current_minor=max(now, 1), units=0.0, target_units=None), [now]
    return moves, sorted({*_may_be(known), known.current_minor})


def _moves(facts: Facts) -> bool:
    """Whether a machine sets the price by itself."""
    known = facts.learned
    is_known = known is not None and known.elasticity.identified and not known.is_contradicted
    return facts.mode == "auto" and is_known and not (facts.obstacles or facts.price_war or facts.is_claimed)


def _may_be(facts: Facts) -> list[int]:
    """The prices that a size may have within its bounds."""
    ends = ends_of(facts, guard_price(proposal_of(facts, facts.current_minor), facts.limits))
    return [] if ends is None else candidate_prices(facts.limits.points, *ends, facts.current_minor)
