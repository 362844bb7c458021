"""What must be true of every verdict, said another way than the guardrails work it out.

Fractions of whole numbers, and no bound of the verdict is believed. Tests hold the guardrails to these laws, and a decision that
was kept can be held to them again.

Source: docs/spec/price-decisions.md#laws.
"""

from fractions import Fraction

from quote_service.intelligence.price_decisions.model.guardrails import BASIS, Limits, Proposal, Verdict


def broken_laws(proposal: Proposal, limits: Limits, verdict: Verdict) -> list[str]:
    """The names of the laws that the verdict breaks; none of a verdict of `guard_price`."""
    is_set = verdict.outcome == "set"
    has_floor = proposal.floor_minor is not None and proposal.floor_minor > 0
    has_cost = proposal.cost_minor is not None and proposal.cost_minor >= 0
    laws = {
        "a held or unchanged price is the current one": is_set or verdict.price_minor == proposal.current_minor,
        "held says why, and only held does": (verdict.outcome == "held") == bool(verdict.held_by),
        "no price is set without a floor and a cost": not is_set or (has_floor and has_cost),
    }
    if is_set and all(laws.values()):
        laws |= _of_any_price(proposal, limits, verdict.price_minor)
        if not proposal.by_person:
            laws |= _of_unattended(proposal, limits, verdict.price_minor)
    if verdict.suggested_minor is not None and proposal.floor_minor is not None:
        laws["no suggestion lies below the floor"] = verdict.suggested_minor >= proposal.floor_minor
    return [law for law, holds in laws.items() if not holds]


def _of_any_price(proposal: Proposal, limits: Limits, price_minor: int) -> dict[str, bool]:
    assert proposal.floor_minor is not None
    assert proposal.cost_minor is not None
    margin = 1 - Fraction(proposal.cost_minor, price_minor)
    return {
        "it is another price": price_minor != proposal.current_minor,
        "it is a legal price": limits.points.allows(price_minor),
        "it is no lower than the floor": price_minor >= proposal.floor_minor,
        "it is no higher than the ceiling": proposal.ceiling_minor is None or price_minor <= proposal.ceiling_minor,
        "its margin is no lower than the lowest": margin >= Fraction(limits.lowest_margin_bp, BASIS),
        "its margin is no higher than the highest": margin <= Fraction(limits.highest_margin_bp, BASIS),
        "it is no lower than may be advertised": price_minor >= (proposal.minimum_advertised_minor or 0),
    }


def _of_unattended(proposal: Proposal, limits: Limits, price_minor: int) -> dict[str, bool]:
    usable = [
        rival.price_minor
        for rival in proposal.rivals
        if rival.comparable and not rival.anomalous and rival.age_seconds <= limits.rival_seconds
    ]
    laws = {
        "one step is short enough": _moved(proposal.current_minor, price_minor) <= limits.step_bp,
        "the day's way is short enough": _moved(proposal.day_start_minor, price_minor) <= limits.day_bp,
        "the way since a person looked is short enough": _moved(proposal.confirmed_minor, price_minor)
        <= limits.cumulative_bp,
        "no doubtful rival price was used": len(usable) == len(proposal.rivals),
        "demand is known, there is no war, the breaker is closed": proposal.identified
        and not proposal.contradicted
        and not proposal.price_war
        and not proposal.breaker_open,
    }
    for name, (low, high) in (("family", proposal.family), ("campaign", proposal.campaign)):
        laws[f"it is within what the {name} allows"] = (low is None or price_minor >= low) and (
            high is None or price_minor <= high
        )
    if usable:
        over = Fraction((price_minor - min(usable)) * BASIS, min(usable))
        laws["it is not too far above rivals"] = limits.above_rivals_bp is None or over <= limits.above_rivals_bp
        laws["it is not too far below rivals"] = limits.below_rivals_bp is None or -over <= limits.below_rivals_bp
    return laws


def _moved(before_minor: int, after_minor: int) -> Fraction:
    return abs(Fraction((after_minor - before_minor) * BASIS, before_minor))
