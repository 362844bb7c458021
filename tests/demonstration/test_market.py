"""The simulated market is what its page says, and the judge of ways of pricing distinguishes them.

Source: docs/spec/demonstration.md.
"""

from collections.abc import Mapping
from itertools import pairwise

import pytest

from quote_service.intelligence.demand.response.learn import learn_response
from quote_service.intelligence.price_decisions.model.guardrails import Proposal, guard_price
from quote_service.lab.demonstration.judging.judge import CHEAP, LIMITS, Judged, judge
from quote_service.lab.demonstration.judging.panel_of import panel_of
from quote_service.lab.demonstration.model.goods import GOODS, POINTS
from quote_service.lab.demonstration.model.history import (
    CHANGED_DAYS,
    DROP_PERCENT,
    HISTORY_DAYS,
    RISE_PERCENT,
    SURGE_DAYS,
    EventfulHistory,
    eventful_history,
    first_decided,
    quiet_history,
)
from quote_service.lab.demonstration.model.market import DayOfGood, Market
from quote_service.lab.demonstration.model.price_war import NIGHT_MOVES, WAR_DAYS
from quote_service.lab.demonstration.model.rivals import FOLLOWER, RIVALS, STEADY

SEED = 3


@pytest.fixture(scope="module")
def shown() -> list[DayOfGood]:
    return eventful_history(Market(SEED), SEED)


@pytest.fixture(scope="module")
def judged() -> Mapping[str, Judged]:
    return judge(SEED, CHEAP)


def number_of(story: str) -> int:
    [found] = [at for at, good in enumerate(GOODS) if good.story == story]
    return found


def days_of(shown: list[DayOfGood], story: str) -> list[DayOfGood]:
    return [day for day in shown if day.good == number_of(story)]


def test_shoppers_answer_to_prices_as_it_is_reported_of_them() -> None:
    market = Market(SEED)
    for at, (good, shoppers) in enumerate(zip(GOODS, market.shoppers, strict=True)):
        rivals = market.usual_rivals(at)
        assert shoppers.elasticity(good.usual_minor, rivals) == pytest.approx(good.elasticity, abs=1e-6)
        # The same by a small step, and the truth of a day is the same shoppers'.
        step = max(1, good.usual_minor // 1_000)
        up, down = (shoppers.share(good.usual_minor + sign * step, rivals) for sign in (1, -1))
        assert (up - down) / (up + down) / (step / good.usual_minor) == pytest.approx(good.elasticity, rel=1e-3)
        asked = [market.expected_units(at, good.usual_minor * percent // 100) for percent in (80, 100, 120)]
        assert asked == sorted(asked, reverse=True), "who asks more sells less"


def test_the_same_seed_is_the_same_market_and_another_is_not(shown: list[DayOfGood]) -> None:
    assert eventful_history(Market(SEED), SEED, days=40) == eventful_history(Market(SEED), SEED, days=40)
    assert quiet_history(Market(SEED), SEED, days=5) != quiet_history(Market(SEED + 1), SEED + 1, days=5)
    assert len(shown) == (HISTORY_DAYS + 1) * len(GOODS), "today has begun"
    assert not any(day.units for day in shown if day.day == HISTORY_DAYS), "of which nothing is over"
    assert all(POINTS.allows(day.price_minor) and day.price_minor > day.cost_minor for day in shown)
    assert all(len(day.rivals_minor) == len(RIVALS) and min(day.rivals_minor) > 0 for day in shown)


def test_every_product_has_its_story(shown: list[DayOfGood]) -> None:
    assert len({day.price_minor for day in days_of(shown, "never_moved")}) == 1
    war = days_of(shown, "price_war")[-WAR_DAYS - 1 : -1]
    falls = [after.price_minor < before.price_minor for before, after in pairwise(war)]
    assert falls == [True, False] * (WAR_DAYS // 2 - 1) + [True], "we undercut on every other day"
    assert [day.rivals_minor[FOLLOWER] < day.price_minor for day in war] == [True, False] * (WAR_DAYS // 2)
    surge = [day.visits for day in days_of(shown, "surge")]
    assert min(surge[-SURGE_DAYS - 1 : -1]) > 4 * max(surge[-28 : -SURGE_DAYS - 1])
    for story, percent in (("rival_drops", DROP_PERCENT), ("rival_rises", RISE_PERCENT)):
        usual = GOODS[number_of(story)].usual_minor
        assert {day.rivals_minor[STEADY] for day in days_of(shown, story)[-CHANGED_DAYS - 1 :]} == {
            usual * percent // 100
        }
        before = days_of(shown, story)[-CHANGED_DAYS - 2].rivals_minor[STEADY]
        assert abs(percent * usual / 100 / before - 1) >= 0.15, "a signal by any usual threshold"


def test_the_price_war_ends_in_a_night_of_undercuts() -> None:
    history = EventfulHistory(Market(SEED), SEED, HISTORY_DAYS)
    while not history.is_over:
        history.sell(history.morning())
    assert [move.is_ours for move in history.night] == [False, True] * (NIGHT_MOVES // 2)
    prices = [move.price_minor for move in history.night]
    assert prices == sorted(prices, reverse=True)
    assert len(set(prices)) == NIGHT_MOVES
    today = days_of(history.days_sold, "price_war")[-1]
    assert (today.rivals_minor[FOLLOWER], today.price_minor) == tuple(prices[-2:])


def test_prices_are_left_alone_from_the_day_on_which_they_are_decided(shown: list[DayOfGood]) -> None:
    for at, good in enumerate(GOODS):
        asked = [day.price_minor for day in shown if day.good == at and day.day >= first_decided(HISTORY_DAYS)]
        if good.story == "rival_rises":
            assert len(set(asked)) > 3, "its policy is off"
        elif good.story != "price_war":
            assert len(set(asked)) == 1, good.name
    decided = [
        [good.usual_minor + 10 * day for good in GOODS] for day in range(HISTORY_DAYS + 1 - first_decided(HISTORY_DAYS))
    ]
    replayed = eventful_history(Market(SEED), SEED, decided=decided)
    first = first_decided(HISTORY_DAYS) * len(GOODS)
    assert replayed[:first] == shown[:first]
    assert [day.price_minor for day in replayed[first:]] == [price for day in decided for price in day]


def test_elasticities_are_found_again_where_prices_moved(shown: list[DayOfGood]) -> None:
    learnt = learn_response(panel_of(shown), [good.sku for good in GOODS], [good.category for good in GOODS], 1)
    for good, found in zip(GOODS, learnt.elasticities, strict=True):
        if good.story == "never_moved":
            assert not found.identified
        elif good.story not in ("price_war", "surge"):
            assert found.identified, (good.name, found.doubts)
            assert found.mean == pytest.approx(good.elasticity, abs=0.6), good.name


def test_ours_earns_nine_tenths_of_what_the_oracle_gains(judged: Mapping[str, Judged]) -> None:
    assert judged["oracle"].share == 1
    assert judged["keep"].share == 0
    assert judged["ours"].share >= 0.9
    for naive in ("lowest rival less 1 %", "margin of 30 %"):
        assert judged[naive].share < judged["ours"].share
    assert judged["lowest rival less 1 %"].share < 0, "being the cheapest costs money"


def test_no_way_of_pricing_passes_the_guardrails() -> None:
    """What is asked is whatever a repricer likes; what is set keeps every law."""
    asked: list[tuple[int, int]] = []

    def wild(morning: object) -> list[int]:
        current = list(morning.current)  # type: ignore[attr-defined]
        asked.extend((at, price) for at, price in enumerate(current))
        return [price * 3 if at % 2 else 1 for at, price in enumerate(current)]

    judge(SEED, {**CHEAP, "wild": wild}, weeks=6)
    start = [good.usual_minor for good in GOODS]
    assert len(asked) == 6 * len(GOODS)
    assert any(price != start[at] for at, price in asked)
    for at, price in asked:
        assert abs(price - start[at]) * 10_000 <= LIMITS.cumulative_bp * start[at]
        assert guard_price(Proposal(price, price, 1, None, 0, price, price), LIMITS).price_minor == price
