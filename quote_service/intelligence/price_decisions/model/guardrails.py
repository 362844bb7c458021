"""The last word on every price: one pure function of whole numbers, whatever proposed the price.

It fails closed. What is missing (a floor, a cost) or doubtful holds the price where it is; no default fills it in.

Source: docs/spec/price-decisions.md#guardrails.
"""

from typing import Literal

import msgspec

from quote_service.intelligence.demand.optimiser.price_points import PricePoints

Rule = Literal[
    "floor",
    "ceiling",
    "lowest_margin",
    "highest_margin",
    "minimum_advertised",
    "step",
    "day",
    "cumulative",
    "position",
    "family",
    "campaign",
]
Held = Literal[
    "no_floor", "no_cost", "no_price", "bounds_exclude_each_other", "no_legal_price",
    "unfit_rival_price", "not_identified", "second_opinion", "price_war", "circuit_breaker",
]  # fmt: skip
Outcome = Literal["set", "unchanged", "held"]

BASIS = 10_000


class Limits(msgspec.Struct, frozen=True):
    """How far prices may go by themselves, in basis points (1/10 000) unless said otherwise.

    Attributes:
        lowest_margin_bp: Of the price, (price - cost) / price.
        highest_margin_bp: Of the price; 10 000 is no limit.
        step_bp: One change, against the price before it.
        day_bp: All changes of a day, against the price at its start.
        cumulative_bp: All changes since a person last confirmed a price, against that price.
        above_rivals_bp: Over the lowest usable rival price; None is no limit.
        below_rivals_bp: Under it; None is no limit.
        rival_seconds: A rival's price seen longer ago is stale.
        breaker_move_bp: A move of a product by more than this counts for the circuit breaker.
        breaker_share_bp: The share of products that may move so far in one run.
        points: The prices that may be written.
    """

    lowest_margin_bp: int = 500
    highest_margin_bp: int = 3_000
    step_bp: int = 500
    day_bp: int = 1_000
    cumulative_bp: int = 2_000
    above_rivals_bp: int | None = None
    below_rivals_bp: int | None = None
    rival_seconds: int = 86_400
    breaker_move_bp: int = 300
    breaker_share_bp: int = 2_000
    points: PricePoints = PricePoints()

    def __post_init__(self) -> None:
        if not 0 <= self.lowest_margin_bp <= self.highest_margin_bp <= BASIS or self.lowest_margin_bp == BASIS:
            raise ValueError("margins lie between 0 and 10 000 basis points, the lowest below the highest")
        others = (self.step_bp, self.day_bp, self.cumulative_bp, self.above_rivals_bp or 0, self.below_rivals_bp or 0)
        if min(*others, self.rival_seconds, self.breaker_move_bp, self.breaker_share_bp) < 0:
            raise ValueError("no limit is below zero")


class RivalPrice(msgspec.Struct, frozen=True):
    """A rival's price that the proposal went by. Comparable: same currency, pack size, condition, shipping reckoned in."""

    price_minor: int
    age_seconds: int
    comparable: bool = True
    anomalous: bool = False

    def is_usable(self, limits: Limits) -> bool:
        fresh = 0 <= self.age_seconds <= limits.rival_seconds
        return self.price_minor > 0 and fresh and self.comparable and not self.anomalous


class Proposal(msgspec.Struct, frozen=True):
    """A price that something or somebody wants, with what it is judged by; amounts in minor units of one currency.

    All prices and the cost are with tax or all without.

    Attributes:
        proposed_minor: The wanted price.
        current_minor: The price that counts now.
        floor_minor: The lowest price this product may ever have. None: nobody has said, so nothing is changed.
        ceiling_minor: The highest; None is no limit.
        cost_minor: Of one unit. None: not known, so nothing is changed.
        minimum_advertised_minor: What the supplier allows at least; None is no limit.
        day_start_minor: The price at the start of the day.
        confirmed_minor: The price a person last confirmed.
        rivals: The rival prices that the proposal went by.
        family: What the other sizes of the product allow, in minor units; None is no limit on that side.
        campaign: What the campaign that is active allows.
        by_person: A person decides: how far and how often is up to them, and so is doubtful input.
        identified: Whether sales say how demand answers to this product's price.
        contradicted: Whether another method of learning says something else about demand.
        price_war: Whether rivals and we have been undercutting each other.
        breaker_open: Whether too much of the catalog would move in this run; see `breaker_opens`.
    """

    proposed_minor: int
    current_minor: int
    floor_minor: int | None
    ceiling_minor: int | None
    cost_minor: int | None
    day_start_minor: int
    confirmed_minor: int
    minimum_advertised_minor: int | None = None
    rivals: tuple[RivalPrice, ...] = ()
    family: tuple[int | None, int | None] = (None, None)
    campaign: tuple[int | None, int | None] = (None, None)
    by_person: bool = False
    identified: bool = True
    contradicted: bool = False
    price_war: bool = False
    breaker_open: bool = False


class Bound(msgspec.Struct, frozen=True):
    """What one rule allows, both ends included; None is no limit on that side."""

    rule: Rule
    low_minor: int | None
    high_minor: int | None


class Verdict(msgspec.Struct, frozen=True):
    """What becomes of a proposal.

    Attributes:
        outcome: `held`: nothing changes, and a person has to look.
        price_minor: The price that counts from now on: the current one unless the outcome is `set`.
        suggested_minor: For a held proposal: what a person may confirm. Where bounds exclude each other, the floor wins.
        held_by: Why it is held; empty otherwise.
        low_by: The rule that set the lower end of what is allowed.
        high_by: The rule that set the upper end; None: nothing does.
        clamped_by: The rule that kept the price from being the proposed one; None: it is, but for its ending.
        bounds: Every rule that counts here, with what it allows.
    """

    outcome: Outcome
    price_minor: int
    suggested_minor: int | None
    held_by: tuple[Held, ...]
    low_by: Rule | None
    high_by: Rule | None
    clamped_by: Rule | None
    bounds: tuple[Bound, ...]


def guard_price(proposal: Proposal, limits: Limits) -> Verdict:
    """Decide what becomes of a proposed price. Runs last; nothing changes a price after it.

    Returns:
        A verdict that holds every bound exactly. It never raises for odd amounts: they are held.

    Source: docs/spec/price-decisions.md#guardrails.
    """
    missing = _missing(proposal)
    if missing:
        return Verdict("held", proposal.current_minor, None, missing, None, None, None, ())
    bounds = _bounds(proposal, limits)
    low, low_by = max(((b.low_minor, b.rule) for b in bounds if b.low_minor is not None), key=lambda end: end[0])
    highs = [(b.high_minor, b.rule) for b in bounds if b.high_minor is not None]
    high, high_by = min(highs, key=lambda end: end[0]) if highs else (None, None)
    doubts = _doubts(proposal, limits)
    wanted = proposal.proposed_minor
    top = max(wanted, low) + limits.points.every_minor if high is None else high
    price = limits.points.nearest_within(wanted, low, top) if low <= top else None
    if price is None:
        reason: Held = "bounds_exclude_each_other" if low > top else "no_legal_price"
        suggested = limits.points.at_or_above(_lowest_ever(bounds))
        return Verdict(
            "held", proposal.current_minor, suggested, (reason, *doubts), low_by, high_by, None, tuple(bounds)
        )
    clamped = low_by if wanted < low else high_by if high is not None and wanted > high else None
    if price == proposal.current_minor:
        return Verdict("unchanged", price, None, (), low_by, high_by, clamped, tuple(bounds))
    if doubts:
        return Verdict("held", proposal.current_minor, price, doubts, low_by, high_by, clamped, tuple(bounds))
    return Verdict("set", price, None, (), low_by, high_by, clamped, tuple(bounds))


def breaker_opens(moves: list[tuple[int, int]], products: int, limits: Limits) -> bool:
    """Whether too many products would move too far in one run: then none moves.

    Args:
        moves: The price now and the price wanted of each product that would change.
        products: How many products the run looked at.
    """
    far = sum(abs(new - old) * BASIS > limits.breaker_move_bp * old for old, new in moves)
    return far * BASIS > limits.breaker_share_bp * products


def _missing(proposal: Proposal) -> tuple[Held, ...]:
    found: list[Held] = []
    if proposal.floor_minor is None or proposal.floor_minor <= 0:
        found.append("no_floor")
    if proposal.cost_minor is None or proposal.cost_minor < 0:
        found.append("no_cost")
    judged_by = (proposal.current_minor, proposal.day_start_minor, proposal.confirmed_minor)
    if proposal.proposed_minor <= 0 or (not proposal.by_person and min(judged_by) <= 0):
        found.append("no_price")
    return tuple(found)


def _doubts(proposal: Proposal, limits: Limits) -> tuple[Held, ...]:
    if proposal.by_person:
        return ()
    found: list[Held] = []
    if not all(rival.is_usable(limits) for rival in proposal.rivals):
        found.append("unfit_rival_price")
    if not proposal.identified:
        found.append("not_identified")
    if proposal.contradicted:
        found.append("second_opinion")
    if proposal.price_war:
        found.append("price_war")
    if proposal.breaker_open:
        found.append("circuit_breaker")
    return tuple(found)


def _bounds(proposal: Proposal, limits: Limits) -> list[Bound]:
    cost = proposal.cost_minor
    assert cost is not None
    bounds = [
        Bound("floor", proposal.floor_minor, None),
        Bound("lowest_margin", _divided_up(cost * BASIS, BASIS - limits.lowest_margin_bp), None),
    ]
    if limits.highest_margin_bp < BASIS:
        bounds.append(Bound("highest_margin", None, cost * BASIS // (BASIS - limits.highest_margin_bp)))
    if proposal.ceiling_minor is not None:
        bounds.append(Bound("ceiling", None, proposal.ceiling_minor))
    if proposal.minimum_advertised_minor is not None:
        bounds.append(Bound("minimum_advertised", proposal.minimum_advertised_minor, None))
    if not proposal.by_person:
        bounds.append(_around("step", proposal.current_minor, limits.step_bp, limits.step_bp))
        bounds.append(_around("day", proposal.day_start_minor, limits.day_bp, limits.day_bp))
        bounds.append(_around("cumulative", proposal.confirmed_minor, limits.cumulative_bp, limits.cumulative_bp))
        usable = [rival.price_minor for rival in proposal.rivals if rival.is_usable(limits)]
        if usable:
            bounds.append(_around("position", min(usable), limits.below_rivals_bp, limits.above_rivals_bp))
        if proposal.family != (None, None):
            bounds.append(Bound("family", *proposal.family))
        if proposal.campaign != (None, None):
            bounds.append(Bound("campaign", *proposal.campaign))
    return bounds


def _around(rule: Rule, middle_minor: int, below_bp: int | None, above_bp: int | None) -> Bound:
    low = None if below_bp is None else _divided_up(middle_minor * (BASIS - below_bp), BASIS)
    high = None if above_bp is None else middle_minor * (BASIS + above_bp) // BASIS
    return Bound(rule, low, high)


def _lowest_ever(bounds: list[Bound]) -> int:
    """The floor in the wide sense: what holds whatever else does not."""
    wide = ("floor", "lowest_margin", "minimum_advertised")
    return max(bound.low_minor for bound in bounds if bound.rule in wide and bound.low_minor is not None)


def _divided_up(amount: int, by: int) -> int:
    return -(-amount // by)
