"""Proposals and limits drawn from a seed, odd ones among them: what the guardrails are tried on.

Source: docs/spec/price-decisions.md#laws.
"""

from collections.abc import Callable, Iterator
from random import Random

from quote_service.intelligence.demand.optimiser.price_points import PricePoints
from quote_service.intelligence.price_decisions.model.guardrails import Limits, Proposal, RivalPrice

_POINTS = (
    PricePoints(),
    PricePoints(every_minor=5),
    PricePoints(every_minor=100, endings_minor=(99,)),
    PricePoints(every_minor=100, endings_minor=(0, 49, 95, 99)),
    PricePoints(every_minor=1000, endings_minor=(900, 990)),
)


def draw_cases(seed: int, count: int) -> Iterator[tuple[Proposal, Limits]]:
    """As many proposals as asked for; the same seed draws the same ones."""
    draw = Random(seed)  # noqa: S311 - cases to try, no secrets
    for _ in range(count):
        yield _proposal(draw), _limits(draw)


def _proposal(draw: Random) -> Proposal:
    current = _amount(draw)

    def near(by: int = 3_000) -> int:
        return max(1, current + current * draw.randint(-by, by) // 10_000)

    def odd() -> int:
        return draw.choice((0, -1, 1))

    return Proposal(
        proposed_minor=draw.choice((near, near, near, lambda: _amount(draw), odd))(),
        current_minor=current if draw.random() < 0.99 else 0,
        floor_minor=_sometimes(draw, 0.05, current * draw.randint(0, 10_500) // 10_000),
        ceiling_minor=_sometimes(draw, 0.3, current * draw.randint(8_000, 30_000) // 10_000),
        cost_minor=_sometimes(
            draw, 0.05, current * draw.randint(3_000, 10_500) // 10_000 * draw.choice((*[1] * 40, -1))
        ),
        day_start_minor=near(1_000),
        confirmed_minor=near(2_000),
        minimum_advertised_minor=_sometimes(draw, 0.8, near()),
        rivals=tuple(
            RivalPrice(near(), draw.choice((0, 60, 86_400, 86_401, 10**6)), draw.random() < 0.9, draw.random() < 0.1)
            for _ in range(draw.choice((0, 0, 0, 1, 2, 5)))
        ),
        family=_ends(draw, near),
        campaign=_ends(draw, near),
        by_person=draw.random() < 0.2,
        identified=draw.random() < 0.9,
        contradicted=draw.random() < 0.05,
        price_war=draw.random() < 0.05,
        breaker_open=draw.random() < 0.05,
    )


def _limits(draw: Random) -> Limits:
    lowest = draw.choice((0, 500, draw.randint(0, 9_999)))
    return Limits(
        lowest_margin_bp=lowest,
        highest_margin_bp=max(lowest, draw.choice((3_000, 6_000, 10_000, draw.randint(0, 10_000)))),
        step_bp=draw.choice((0, 500, 2_000, 10_000, draw.randint(0, 20_000))),
        day_bp=draw.choice((1_000, 20_000, draw.randint(0, 20_000))),
        cumulative_bp=draw.choice((2_000, 20_000, draw.randint(0, 20_000))),
        above_rivals_bp=draw.choice((None, 0, 500, draw.randint(0, 5_000))),
        below_rivals_bp=draw.choice((None, 0, 500, draw.randint(0, 5_000))),
        points=draw.choice(_POINTS),
    )


def _amount(draw: Random) -> int:
    return draw.randint(1, 10 ** draw.choice((1, 3, 4, 5, 7, 13)))


def _ends(draw: Random, near: Callable[[], int]) -> tuple[int | None, int | None]:
    """Mostly none; otherwise two that may exclude each other."""
    if draw.random() < 0.8:
        return None, None
    return (near() if draw.random() < 0.7 else None), (near() if draw.random() < 0.7 else None)


def _sometimes(draw: Random, missing: float, amount_minor: int) -> int | None:
    return None if draw.random() < missing else amount_minor
