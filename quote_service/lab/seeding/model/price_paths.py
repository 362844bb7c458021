"""How a seeded product's price moves over the history: at night, by whole percents of its base price.

Source: docs/spec/seeding.md#prices.
"""

from typing import Final, NamedTuple

from quote_service.lab.seeding.model.draws import Draws
from quote_service.lab.seeding.model.plan import DAY_US, HISTORY_DAYS, SeedPlan
from quote_service.platform.system.instants import SECOND_US

LOWEST_PERCENT: Final = 80
HIGHEST_PERCENT: Final = 120
_MOVING_PERCENT: Final = 30  # of all products
_MOVES_MAX: Final = 3
REPRICED_US: Final = 3600 * SECOND_US  # each night, one hour after midnight UTC


class PriceMove(NamedTuple):
    """From this day of the history on, a price is so many percent of the base price."""

    day: int
    percent: int


def price_moves(plan: SeedPlan, product: int) -> list[PriceMove]:
    """The moves of a product's price, earliest first; the first price is the base price itself."""
    draws = Draws(plan.seed, "moves", product)
    if not draws.percent(_MOVING_PERCENT):
        return []
    days = sorted({draws.below(HISTORY_DAYS) for _ in range(draws.between(1, _MOVES_MAX))})
    moves = []
    before = 100
    for day in days:
        percent = draws.between(LOWEST_PERCENT // 5, HIGHEST_PERCENT // 5) * 5
        if percent != before:
            moves.append(PriceMove(day, percent))
            before = percent
    return moves


def percent_at(moves: list[PriceMove], at_us: int, plan: SeedPlan) -> int:
    """Where a price stands at an instant of the history."""
    percent = 100
    for move in moves:
        if moved_us(plan, move.day) > at_us:
            break
        percent = move.percent
    return percent


def moved_us(plan: SeedPlan, day: int) -> int:
    """When the prices of a day of the history moved."""
    return plan.until_us - (HISTORY_DAYS - day) * DAY_US + REPRICED_US


def priced(base_minor: int, percent: int) -> int:
    """So many percent of a base price, rounded down to a minor unit."""
    return base_minor * percent // 100
