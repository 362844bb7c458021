"""Decide on a price: the best that the bounds allow, by what is known, and whatever it is, the guardrails last. Pure.

Source: docs/spec/price-decisions.md#decisions.
"""

from typing import Literal

import msgspec

from quote_service.intelligence.demand.optimiser.choose_price import USUAL_RISK, choose_price, reaches_target, sure_gain
from quote_service.intelligence.demand.optimiser.outlook import Outlook, doubtful_ends, outlook
from quote_service.intelligence.demand.optimiser.price_points import candidate_prices
from quote_service.intelligence.price_decisions.model.facts import Facts, Obstacle
from quote_service.intelligence.price_decisions.model.families import best_in_family
from quote_service.intelligence.price_decisions.model.guardrails import (
    Bound,
    Held,
    Outcome,
    Proposal,
    Rule,
    Verdict,
    guard_price,
)
from quote_service.intelligence.price_decisions.model.propose import ends_of, offer_of, proposal_of
from quote_service.platform.money.amounts import AMOUNT_MAJOR_MAX

_SHOWN_PERCENT = 5

Label = Literal["now", "minus_5_percent", "plus_5_percent", "proposed", "decided", "confirmed", "lowest", "highest"]
HeldBy = Held | Obstacle


class Candidate(msgspec.Struct, frozen=True):
    """What a price is expected to bring, and what it is: the present one, the decided one, an end of the bounds."""

    labels: tuple[Label, ...]
    outlook: Outlook


class Decided(msgspec.Struct, frozen=True):
    """What is decided about a price.

    Attributes:
        outcome: `set`, `unchanged` or `held`.
        price_minor: What is to be set; None unless the outcome is `set`.
        suggested_minor: What a person may confirm where it is held; None for nothing.
        proposed_minor: What the optimiser, or a person, wanted before the guardrails.
        held_by: Why it is held.
        sure_gain_minor: What the proposal earns more over the horizon, but for the risk; None without a model.
        bounds: Every rule with what it allows.
        candidates: The prices that are shown with what they would bring; empty without a model.
    """

    outcome: Outcome
    price_minor: int | None
    suggested_minor: int | None
    proposed_minor: int | None
    held_by: tuple[HeldBy, ...]
    low_by: Rule | None
    high_by: Rule | None
    clamped_by: Rule | None
    bounds: tuple[Bound, ...]
    sure_gain_minor: float | None
    candidates: tuple[Candidate, ...]

    @property
    def refused_by(self) -> str:
        """Why a price that was wanted is not the one decided."""
        return self.clamped_by or (self.held_by[0] if self.held_by else "price_points")

    def nearest_minor(self, current_minor: int) -> int | None:
        """The nearest price that a person could set, the current one among them; None where none is allowed."""
        return None if self.held_by else self.price_minor or current_minor


def decide_price(facts: Facts, *, breaker_open: bool = False, risk: float = USUAL_RISK) -> Decided:
    """What a machine decides about a price.

    Args:
        facts: Of one moment.
        breaker_open: Whether too much of the catalog would move in this run.
        risk: The chance that a change earns less than it is chosen for.
    """
    bounds = guard_price(proposal_of(facts, facts.current_minor, breaker_open=False), facts.limits)
    wanted, gain = _best(facts, bounds, risk)
    return _judged(facts, wanted, gain, proposal_of(facts, wanted, breaker_open=breaker_open))


def judge_price(facts: Facts, price_minor: int) -> Decided:
    """What becomes of a price that a person wants: bounds hold, and nothing else does."""
    proposal = msgspec.structs.replace(proposal_of(facts, price_minor, breaker_open=False), by_person=True)
    return _judged(facts, price_minor, None, proposal)


def _judged(facts: Facts, wanted: int, gain: float | None, proposal: Proposal) -> Decided:
    verdict = guard_price(proposal, facts.limits)
    if proposal.by_person:
        return _decided(facts, wanted, gain, verdict, (), is_person=True)
    obstacles = list(facts.obstacles)
    if facts.learned is None and "no_model" not in obstacles:
        obstacles.append("no_model")
    return _decided(facts, wanted, gain, verdict, tuple(obstacles))


def _decided(
    facts: Facts,
    wanted: int,
    gain: float | None,
    verdict: Verdict,
    obstacles: tuple[Obstacle, ...],
    *,
    is_person: bool = False,
) -> Decided:
    held: tuple[HeldBy, ...] = (*obstacles, *verdict.held_by)
    price = verdict.price_minor if verdict.outcome == "set" else verdict.suggested_minor
    if wanted == facts.current_minor and verdict.clamped_by is None and not verdict.held_by:
        price = None  # it may stay as it is, be it a price that would not be written today
    elif price == facts.current_minor:
        price = None
    if price is not None and price >= AMOUNT_MAJOR_MAX * 10**facts.exponent:
        # A margin of 99.99 % of a cost in trillions: the catalog has no such price.
        price, held = None, held or ("bounds_exclude_each_other",)
    outcome: Outcome = "held" if held else "unchanged" if price is None else "set"
    if held and price is not None and not is_person and judge_price(facts, price).price_minor != price:
        price = None  # what bounds exclude that people are held to as well, nobody could accept
    final, suggested = (None, price) if held else (price, None)
    proposed = None if facts.learned is None and not is_person else wanted
    return Decided(
        outcome=outcome,
        price_minor=final,
        suggested_minor=suggested,
        proposed_minor=proposed if proposed is None or proposed > 0 else None,
        held_by=held,
        low_by=verdict.low_by,
        high_by=verdict.high_by,
        clamped_by=verdict.clamped_by,
        bounds=verdict.bounds,
        sure_gain_minor=gain,
        candidates=shown_candidates(facts, proposed, final or suggested, verdict.bounds),
    )


def shown_candidates(
    facts: Facts, proposed_minor: int | None, decided_minor: int | None, bounds: tuple[Bound, ...]
) -> tuple[Candidate, ...]:
    """What is shown beside a decision, by price ascending: each price once, with all that it is."""
    offer = offer_of(facts)
    if offer is None:
        return ()
    points, now = facts.limits.points, facts.current_minor
    lows = [bound.low_minor for bound in bounds if bound.low_minor is not None]
    highs = [bound.high_minor for bound in bounds if bound.high_minor is not None]
    prices: dict[Label, int | None] = {
        "now": now,
        "minus_5_percent": points.nearest_within(now * (100 - _SHOWN_PERCENT) // 100, 1, now),
        "plus_5_percent": points.at_or_above(now * (100 + _SHOWN_PERCENT) // 100),
        "proposed": proposed_minor,
        "decided": decided_minor,
        "confirmed": facts.confirmed_minor or None,
        "lowest": max(lows) if lows else None,
        "highest": min(highs) if highs else None,
    }
    labels: dict[int, list[Label]] = {}
    for label, price in prices.items():
        if price is not None and price > 0:
            labels.setdefault(price, []).append(label)
    return tuple(Candidate(tuple(labels[price]), outlook(offer, price)) for price in sorted(labels))


def _best(facts: Facts, bounds: Verdict, risk: float) -> tuple[int, float | None]:
    """The price that earns most inside the bounds, and what it surely gains; the current one where nothing is better."""
    offer, now = offer_of(facts), facts.current_minor
    ends = ends_of(facts, bounds)
    if offer is None or ends is None:
        return now, None
    likely = doubtful_ends(offer.elasticity, risk)
    if facts.family is not None and facts.family.others:
        wanted = best_in_family(facts, offer, risk)
        if wanted is not None:
            return wanted, sure_gain(offer, wanted, likely)
    low, high = ends
    choice = choose_price(offer, candidate_prices(facts.limits.points, low, high, now), risk)
    stays = low <= now <= high and reaches_target(offer, now, likely)
    if choice is None or (choice.sure_gain_minor <= 0 and stays):
        # Nothing is surely better: a price that is inside its bounds stays, be it one that would not be written today.
        return now, 0.0
    return choice.price_minor, choice.sure_gain_minor
