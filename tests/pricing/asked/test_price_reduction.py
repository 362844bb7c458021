"""Which reductions may be announced, and against what: a table of cases, and a reference that looks at every day.

Source: docs/spec/price-reductions.md; directive 98/6/EC, article 6a; CJEU C-330/23.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.pricing.asked.price_reduction import (
    PERIOD_US,
    AskedPrice,
    OfNewProducts,
    PriorPrice,
    find_prior_price,
)

DAY = PERIOD_US // 30
NOW = 1_000 * DAY
Move = tuple[float, int | None]  # how many days before now, and the price from then on
Found = tuple[int | None, int | None, int | None]  # lowest, prior price of the announcement, percentage

CASES: list[tuple[str, list[Move], Found]] = [
    ("no price at all", [], (None, None, None)),
    ("one price", [(90, 100)], (100, None, None)),
    ("one price since this instant", [(0, 100)], (100, None, None)),
    ("200 until a year ago, 100 ever since", [(800, 200), (365, 100)], (100, None, None)),
    ("that, and 80 since today", [(800, 200), (365, 100), (0, 80)], (100, 100, 20)),
    ("100 for years, then 180, then 150", [(800, 100), (10, 180), (1, 150)], (100, None, None)),
    ("the same where 180 held for long", [(800, 100), (50, 180), (1, 150)], (180, 180, 16)),
    ("reduced today", [(90, 100), (0, 80)], (100, 100, 20)),
    ("raised for a day before the sale", [(90, 100), (1, 150), (0, 99)], (100, 100, 1)),
    ("raised for a day before a sale that is none", [(90, 100), (1, 150), (0, 100)], (100, None, None)),
    ("raised before it was reduced", [(90, 100), (40, 70), (20, 100), (1, 90)], (70, None, None)),
    ("in force for 30 days to the tick", [(90, 100), (30, 80)], (100, 100, 20)),
    ("a tick longer", [(90, 100), (30 + 1 / DAY, 80)], (80, None, None)),
    ("in force for long, and lowered since", [(90, 100), (40, 80), (3, 60)], (80, 80, 25)),
    ("lower until 30 days before it began", [(90, 60), (31, 100), (1, 90)], (100, 100, 10)),
    ("lower until a tick later", [(90, 60), (31 - 1 / DAY, 100), (1, 90)], (60, None, None)),
    ("ever lower: the first prior price", [(90, 100), (20, 80), (10, 60), (1, 50)], (100, 100, 50)),
    ("ever lower over more than 30 days", [(99, 100), (50, 90), (25, 80), (1, 70)], (100, 100, 30)),
    ("ever lower, with a rest of 31 days", [(99, 100), (50, 90), (19, 80), (1, 70)], (90, 90, 22)),
    ("interrupted by a rise", [(90, 100), (20, 80), (10, 100), (1, 70)], (80, 80, 12)),
    ("interrupted, and no lower than before", [(90, 100), (20, 80), (10, 100), (1, 80)], (80, None, None)),
    ("raised within the sale", [(90, 100), (20, 60), (10, 80)], (60, None, None)),
    ("a lower sale over another that goes on", [(90, 100), (20, 80), (10, 60), (9, 80)], (60, None, None)),
    ("a moment of a low price", [(90, 100), (10, 10), (10 - 1 / DAY, 100), (1, 99)], (10, None, None)),
    ("not sold in between", [(90, 100), (20, None), (10, 120), (1, 90)], (100, 100, 10)),
    ("back on sale for less", [(90, 100), (20, None), (10, 80)], (80, None, None)),
    ("not sold now", [(90, 100), (20, None)], (None, None, None)),
    ("sold for 30 days before to the tick", [(31, 100), (1, 90)], (100, 100, 10)),
    ("sold for a tick less", [(31 - 1 / DAY, 100), (1, 90)], (100, None, None)),
    ("new again after 30 days off sale", [(90, 60), (50, None), (20, 120), (1, 90)], (120, None, None)),
    ("free", [(90, 100), (0, 0)], (100, 100, 100)),
    ("less than one percent", [(90, 1000), (0, 999)], (1000, 1000, 0)),
    ("never rounded up", [(90, 300), (0, 101)], (300, 300, 66)),
    ("whole yen", [(90, 199), (0, 198)], (199, 199, 0)),
    ("two steps of one instant: the last one counts", [(90, 100), (1, 50), (1, 80)], (100, 100, 20)),
    ("the same price asked by something else", [(90, 100), (20, 80), (10, 80)], (100, 100, 20)),
    ("extended beyond 30 days", [(90, 100), (40, 80), (10, 80)], (80, None, None)),
]


def steps(moves: list[Move]) -> list[AskedPrice]:
    return [AskedPrice(NOW - round(ago * DAY), price) for ago, price in moves]


def shown(found: PriorPrice) -> Found:
    reduction = found.reduction
    if reduction is None:
        return found.lowest_micro, None, None
    return found.lowest_micro, reduction.prior_micro, reduction.percent_off


@pytest.mark.parametrize(("name", "moves", "wanted"), CASES, ids=[name for name, *_ in CASES])
def test_a_case(name: str, moves: list[Move], wanted: Found) -> None:
    assert shown(find_prior_price(steps(moves), NOW)) == wanted


def test_a_new_product_is_compared_with_the_lowest_since_it_is_sold_where_the_shop_says_so() -> None:
    new = steps([(20, 100), (10, 90), (1, 70)])
    assert find_prior_price(new, NOW).reduction is None
    reduction = find_prior_price(new, NOW, "lowest").reduction
    assert reduction is not None
    assert (reduction.prior_micro, reduction.percent_off, reduction.began_us) == (100, 30, NOW - 10 * DAY)


def test_a_reduction_says_when_it_began_and_what_asks_for_it_now() -> None:
    asked = [
        AskedPrice(NOW - 90 * DAY, 100),
        AskedPrice(NOW - 9 * DAY, 80, "price_rule"),
        AskedPrice(NOW - 8 * DAY, 80, "flash_sale"),
        AskedPrice(NOW + DAY, 10),
    ]
    reduction = find_prior_price(asked, NOW).reduction
    assert reduction is not None
    assert (reduction.began_us, reduction.cause, reduction.price_micro) == (NOW - 9 * DAY, "flash_sale", 80)


@pytest.mark.parametrize(
    ("ago", "until", "is_reported"),
    [(90, 32, True), (90, 31, True), (90, 30.5, False), (10, 9, False), (0.5, 0, False)],
)
def test_nothing_is_said_of_a_time_whose_prices_are_not_known(ago: float, until: float, is_reported: bool) -> None:
    """Reduced a day ago: the 30 days before, and all since, have to be known."""
    known = [(95, True), (ago, False), (until, True), (1, True)]
    asked = [
        AskedPrice(NOW - round(days * DAY), 80 if days <= 1 else 100, is_sure=is_sure)
        for days, is_sure in sorted(known, reverse=True)
    ]
    found = find_prior_price(asked, NOW)
    assert (found.lowest_micro, found.reduction is not None) == ((100, True) if is_reported else (None, False))


def by_the_day(prices: list[int | None], of_new: OfNewProducts) -> Found:
    """What the law says of one price a day, the last of them today's, day by day and by nothing else.

    `prices` begins with the first day that anything is known of.
    """
    today = len(prices) - 1
    price = prices[today]
    if price is None:
        return None, None, None

    def same_since(day: int) -> int:
        while day > 0 and prices[day - 1] == prices[day]:
            day -= 1
        return day

    def lowest(first: int, last: int) -> int:
        return min(each for each in prices[max(0, first) : last + 1] if each is not None)

    # The day on which the present reduction began: back over cuts, each of which held for at most 30 days.
    began, until, day = None, today, same_since(today)
    while day > 0:
        before, here = prices[day - 1], prices[day]
        if before is None or here is None or before < here or until - day > 30:
            break
        began, until, day = day, day, same_since(day - 1)
    if began is None:
        return lowest(today - 30, today), None, None
    prior = lowest(began - 30, began - 1)
    # A day of the 30 before on which it was not sold is no harm, 30 in a row and it is new.
    on_sale = [day for day in range(began) if prices[day] is not None]
    gaps = [later - earlier for earlier, later in pairwise(on_sale)]
    first = max([0, *(place + 1 for place, gap in enumerate(gaps) if gap > 30)])
    is_new = on_sale[first] > began - 30
    if price >= prior or (is_new and of_new == "nothing"):
        return prior, None, None
    percent = next(each for each in range(100, -1, -1) if Fraction(prior * (100 - each), 100) >= price)
    return prior, prior, percent


_STRETCH = st.tuples(
    st.one_of(st.sampled_from([1, 29, 30, 31]), st.integers(1, 40)), st.sampled_from([None, *range(6)])
)


@given(st.lists(_STRETCH, min_size=1, max_size=9), st.sampled_from(["nothing", "lowest"]))
def test_any_history_is_as_the_days_say(stretches: list[tuple[int, int | None]], of_new: OfNewProducts) -> None:
    scaled = [(days, None if price is None else price * 37) for days, price in stretches]
    prices = [price for days, price in scaled for _ in range(days)]
    asked, day = [], NOW - (len(prices) - 1) * DAY
    for days, price in scaled:
        asked.append(AskedPrice(day, price))
        day += days * DAY
    assert shown(find_prior_price(asked, NOW, of_new)) == by_the_day(prices, of_new)


@given(st.lists(_STRETCH, min_size=2, max_size=9), st.integers(1, 10**12))
def test_what_is_announced_is_true_in_every_currency(stretches: list[tuple[int, int | None]], scale: int) -> None:
    asked, day = [], NOW - sum(days for days, _ in stretches) * DAY
    for days, price in stretches:
        asked.append(AskedPrice(day, None if price is None else price * scale))
        day += days * DAY
    found = find_prior_price(asked, NOW, "lowest")
    reduction = found.reduction
    if reduction is None:
        return
    assert reduction.price_micro < reduction.prior_micro == found.lowest_micro
    assert reduction.percent_off * reduction.prior_micro <= (reduction.prior_micro - reduction.price_micro) * 100
    assert (reduction.percent_off + 1) * reduction.prior_micro > (reduction.prior_micro - reduction.price_micro) * 100
    assert reduction.began_us <= NOW
    within = [step for step in asked if reduction.began_us - PERIOD_US <= step.from_us < reduction.began_us]
    assert all(step.price_micro is None or step.price_micro >= reduction.prior_micro for step in within)
