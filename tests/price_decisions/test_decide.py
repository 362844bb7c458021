"""What is decided about drawn facts never breaks a law of the guardrails, and obstacles and missing knowledge hold the price.

Source: docs/spec/price-decisions.md#decisions; docs/spec/price-decisions.md#laws.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from quote_service.intelligence.demand.model import SecondOpinion
from quote_service.intelligence.demand.optimiser.price_points import PricePoints
from quote_service.intelligence.price_decisions.model.decide import decide_price, judge_price
from quote_service.intelligence.price_decisions.model.facts import CampaignTarget, Facts, Learned, SeenRival
from quote_service.intelligence.price_decisions.model.guardrail_cases import draw_cases
from quote_service.intelligence.price_decisions.model.guardrail_laws import broken_laws
from quote_service.intelligence.price_decisions.model.guardrails import Limits, Proposal, Verdict
from quote_service.intelligence.price_decisions.model.repeated_decision import (
    DecisionSummary,
    breaker_is_open,
    repeats_last,
)
from tests.price_decisions.shop import elastic

CASES = 3000
_ID = UUID(int=1)
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def facts_of(proposal: Proposal, limits: Limits, mean: float = -2.0) -> Facts:
    """The facts that a drawn proposal could have come from."""
    rivals = tuple(
        SeenRival(
            competitor_id=_ID,
            competitor="a rival",
            listing_id=_ID,
            price_minor=rival.price_minor,
            confirmed_at=_AT,
            age_seconds=rival.age_seconds,
            not_comparable=(*(() if rival.comparable else ("not_new",)), *(("doubted",) if rival.anomalous else ())),
        )
        for rival in proposal.rivals
    )
    doubts = () if proposal.identified else ("too_few_prices",)
    return Facts(
        product_id=_ID,
        currency="EUR",
        exponent=2,
        policy_ids=(),
        mode="auto",
        current_minor=proposal.current_minor,
        cost_minor=proposal.cost_minor,
        floor_minor=proposal.floor_minor,
        ceiling_minor=proposal.ceiling_minor,
        minimum_advertised_minor=proposal.minimum_advertised_minor,
        confirmed_minor=proposal.confirmed_minor,
        day_start_minor=proposal.day_start_minor,
        lowest_30_days_minor=proposal.day_start_minor,
        keeps_lowest=False,
        limits=limits,
        rivals=rivals,
        learned=Learned(
            _ID,
            max(1, proposal.current_minor),
            3.0,
            elastic(mean, doubts),  # type: ignore[arg-type]
            second_opinions=(SecondOpinion("instrument", 1.0, 0.1, 50.0, 200),) if proposal.contradicted else (),
        ),
        price_war=proposal.price_war,
        campaign=None if None in proposal.campaign else CampaignTarget(_ID, 9, 0, 24.0, *proposal.campaign),  # type: ignore[arg-type]
    )


def test_no_law_is_broken_by_what_is_decided() -> None:
    outcomes: Counter[str] = Counter()
    for proposal, limits in draw_cases(20, CASES):
        facts = facts_of(proposal, limits)
        decided = decide_price(facts, breaker_open=proposal.breaker_open)
        outcomes[decided.outcome] += 1
        used = [rival.as_rival() for rival in facts.rivals if rival.may_decide(limits)]
        went_by = msgspec.structs.replace(proposal, rivals=tuple(used), by_person=False)
        limited = (None, None) if None in proposal.campaign else proposal.campaign
        went_by = msgspec.structs.replace(went_by, family=(None, None), campaign=limited)
        if decided.outcome == "set":
            assert decided.price_minor is not None
            verdict = Verdict("set", decided.price_minor, None, (), None, None, None, ())
            assert broken_laws(went_by, limits, verdict) == []
        by_hand = judge_price(facts, max(1, proposal.proposed_minor))
        if by_hand.outcome == "set":
            assert by_hand.price_minor is not None
            verdict = Verdict("set", by_hand.price_minor, None, (), None, None, None, ())
            assert broken_laws(msgspec.structs.replace(went_by, by_person=True), limits, verdict) == []
    # Otherwise nothing much was tried.
    assert min(outcomes["set"], outcomes["held"], outcomes["unchanged"]) > CASES / 50, outcomes


def plain(**fields: object) -> Facts:
    proposal = Proposal(
        proposed_minor=100_00,
        current_minor=100_00,
        floor_minor=75_00,
        ceiling_minor=None,
        cost_minor=70_00,
        day_start_minor=100_00,
        confirmed_minor=100_00,
    )
    return msgspec.structs.replace(facts_of(proposal, Limits(highest_margin_bp=6000)), **fields)


def test_what_is_missing_or_in_the_way_holds_the_price() -> None:
    assert decide_price(plain()).price_minor == 105_00
    for name in ("campaign", "change_set", "stale_model", "finer_price"):
        held = decide_price(plain(obstacles=(name,)))
        assert (held.outcome, held.price_minor, held.held_by) == ("held", None, (name,))
    assert decide_price(plain(learned=None)).held_by == ("no_model",)
    assert decide_price(plain(confirmed_minor=0)).held_by == ("no_price",)
    # A person decides all the same, inside the bounds.
    assert judge_price(plain(obstacles=("campaign",), learned=None), 90_00).price_minor == 90_00
    assert (
        judge_price(plain(), 74_00).refused_by == "lowest_margin" or judge_price(plain(), 74_00).refused_by == "floor"
    )


def test_what_is_suggested_where_a_price_is_held_is_what_a_person_may_set() -> None:
    seen = Counter[tuple[str, ...]]()
    for proposal, limits in draw_cases(7, CASES):
        facts = facts_of(proposal, limits)
        decided = decide_price(facts)
        if decided.suggested_minor is None:
            seen["none", *decided.held_by[:1]] += 1
            continue
        accepted = judge_price(facts, decided.suggested_minor)
        assert (accepted.outcome, accepted.price_minor) == ("set", decided.suggested_minor), facts
        seen["suggested", *decided.held_by[:1]] += 1
    kept = {name for name, times in seen.items() if times > 10}
    assert {("suggested", "bounds_exclude_each_other"), ("none", "bounds_exclude_each_other")} <= kept


def test_a_price_that_is_best_stays_even_where_it_would_not_be_written_today() -> None:
    points = PricePoints(every_minor=100, endings_minor=(99,))
    limits = Limits(highest_margin_bp=6000, points=points)
    best = plain(limits=limits, cost_minor=50_00, learned=Learned(_ID, 100_00, 3.0, elastic(-2.0)))
    assert decide_price(best).outcome == "unchanged"
    # Twice the cost is best at an elasticity of -2, and sure to earn more only from a way off.
    assert decide_price(msgspec.structs.replace(best, cost_minor=60_00)).price_minor == 104_99


def test_nothing_goes_below_the_lowest_price_of_thirty_days_where_that_is_kept() -> None:
    cheap = plain(cost_minor=30_00, floor_minor=35_00, limits=Limits(highest_margin_bp=9000))
    assert decide_price(cheap).price_minor == 95_00
    kept = msgspec.structs.replace(cheap, lowest_30_days_minor=98_00, keeps_lowest=True)
    assert decide_price(kept).price_minor == 98_00


def test_nothing_is_said_twice_and_what_a_person_rejected_stays_rejected() -> None:
    suggested = DecisionSummary("suggested", "suggest", 100_00, 105_00, ())
    assert repeats_last(suggested, suggested)
    assert not repeats_last(suggested, None)
    assert not repeats_last(suggested, DecisionSummary("suggested", "suggest", 100_00, 104_00, ()))
    assert repeats_last(suggested, DecisionSummary("rejected", "suggest", 100_00, 105_00, ()))
    assert not repeats_last(suggested, DecisionSummary("rejected", "suggest", 99_00, 105_00, ()))
    applied = DecisionSummary("applied", "auto", 100_00, 105_00, ())
    assert not repeats_last(applied, applied)
    stays = DecisionSummary("unchanged", "auto", 100_00, None, ())
    assert repeats_last(stays, None)
    assert not repeats_last(stays, suggested)  # what waited is over


def test_the_breaker_opens_for_a_catalog_and_not_for_a_few_products() -> None:
    far = (100_00, 104_00)
    assert breaker_is_open([far] * 5, 24, Limits())
    assert not breaker_is_open([far] * 5, 25, Limits())
    assert not breaker_is_open([far] * 4, 4, Limits())
    assert not breaker_is_open([(100_00, 103_00)] * 50, 50, Limits())
