"""The lowest list price of 30 days, by which price decisions go: a table of cases, and a model that looks at every moment at which anything happens.

Source: docs/spec/price-reductions.md#where-it-is-shown.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.new_ids import new_id

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOURS = timedelta(hours=720)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
Move = tuple[timedelta, int | None]  # how long before NOW, and the price from then on


def days(number: float) -> timedelta:
    return timedelta(days=number)


CASES: list[tuple[str, list[Move], int | None]] = [
    ("no price at all", [], None),
    ("one price", [(days(90), 100)], 100),
    ("one price that begins now", [(days(0), 100)], 100),
    ("reduced today", [(days(90), 100), (days(0), 80)], 100),
    ("reduced long ago, and so for long", [(days(400), 100), (days(200), 80)], 80),
    ("reduced 30 days ago to the tick", [(days(400), 100), (days(30), 80)], 100),
    ("reduced a tick earlier", [(days(400), 100), (days(30) + TICK, 80)], 80),
    ("raised before it was reduced", [(days(90), 100), (days(40), 70), (days(20), 100), (days(1), 90)], 70),
    ("cheaper, but before the 30 days", [(days(90), 60), (days(40), 100), (days(1), 90)], 100),
    ("cheaper up to the border", [(days(90), 60), (days(31), 100), (days(1), 90)], 100),
    ("cheaper up to a moment behind it", [(days(90), 60), (days(31) - TICK, 100), (days(1), 90)], 60),
    ("reduced twice: the second reduction counts", [(days(90), 100), (days(10), 80), (days(5), 70)], 80),
    ("raised at last: no reduction", [(days(90), 100), (days(10), 80), (days(5), 90)], 80),
    ("raised long ago", [(days(90), 80), (days(60), 100)], 100),
    ("a moment of a low price", [(days(90), 100), (days(10), 10), (days(10) - TICK, 100), (days(1), 99)], 10),
    ("sold for less than 30 days", [(days(9), 100), (days(1), 90)], 100),
    ("not sold in between", [(days(90), 100), (days(20), None), (days(10), 120), (days(1), 90)], 100),
    ("not sold for long", [(days(90), 60), (days(50), None), (days(10), 120), (days(1), 90)], 120),
    ("back on sale for less: no reduction", [(days(90), 100), (days(20), None), (days(10), 80)], 80),
    ("not sold now", [(days(90), 100), (days(20), None)], None),
]


def model(moves: list[Move]) -> int | None:
    """By trying: which prices were in force at any tick of the window."""
    steps = [(NOW - before, price) for before, price in moves]

    def in_force(at: datetime) -> int | None:
        return next((price for since, price in reversed(steps) if since <= at), None)

    if in_force(NOW) is None:
        return None
    began, price = steps[-1]
    before = in_force(began - TICK)
    is_reduction = before is not None and price is not None and price < before and NOW - began <= HOURS
    last = began - TICK if is_reduction else NOW
    first = (began if is_reduction else NOW) - HOURS
    moments = [first, last, *(since for since, _ in steps if first <= since <= last)]
    prices = [found for moment in moments if (found := in_force(moment)) is not None]
    return min(prices, default=None)


async def lowest(connection: Connection, moves: list[Move]) -> int | None:
    """What PostgreSQL says of a history of an item of its own."""
    item, before = UUID(new_id()), None
    for ago, price in moves:
        await connection.execute(
            "INSERT INTO price_history (product_id, currency, old_price, new_price, reason, actor, at) "
            "VALUES ($1, 'TRY', $2, $3, 'manual', 'test', $4)",
            item,
            before,
            price,
            NOW - ago,
        )
        before = price
    found: Decimal | None = await connection.fetchval("SELECT lowest_price_30_days($1, 'TRY', $2)", item, NOW)
    return None if found is None else int(found)


@pytest.mark.parametrize(("name", "moves", "wanted"), CASES, ids=[name for name, *_ in CASES])
async def test_a_case(database: Database, name: str, moves: list[Move], wanted: int | None) -> None:
    assert model(moves) == wanted, name
    async with database.transaction() as connection:
        assert await lowest(connection, moves) == wanted


# Around the borders of the 30 days, and anywhere.
_AGO = st.one_of(
    st.sampled_from(
        [days(30) + shift + other for shift in (-TICK, timedelta(0), TICK) for other in (days(0), days(7))]
    ),
    st.integers(0, 70).map(days),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Move]:
    ages = sorted(draw(st.sets(_AGO, max_size=7)), reverse=True)
    moves: list[Move] = []
    before: int | None = None
    for ago in ages:
        prices: list[int | None] = [None, 60, 70, 80, 90, 100]
        price = draw(st.sampled_from([each for each in prices if each != before]))
        moves.append((ago, price))
        before = price
    return moves if not moves or moves[0][1] is not None else moves[1:]


# The fixture holds over all examples: each history is one of an item of its own.
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(cases=st.lists(histories(), min_size=1, max_size=4))
async def test_any_history_is_as_the_model_says(database: Database, cases: list[list[Move]]) -> None:
    async with database.transaction() as connection:
        for moves in cases:
            assert await lowest(connection, moves) == model(moves), moves
