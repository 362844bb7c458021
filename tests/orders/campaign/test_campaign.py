"""Orders, cancellations and refunds among faults, over HTTP against real processes: afterwards everything adds up.

Source: docs/spec/orders.md#faults. `make faults` plays as many more rounds as there is time for.
"""

from __future__ import annotations

import pytest

from tests.flash_sales.campaign.faults import Fault
from tests.orders.campaign.rounds import KINDS, SHOPPERS, Round, draw_round, play
from tests.orders.campaign.world import OrderWorld

FAULTS = [
    (),
    (Fault("end connections", 0.3, 0.05, "10"),),
    tuple(Fault("drop replies", at, 0.2, "postgres 2") for at in (0.2, 0.5, 0.8, 1.1)),
    (Fault("kill postgres", 0.5, 0.2),),
    (Fault("freeze web", 0.4, 1.5), Fault("cut link", 0.6, 0.5, "postgres replies")),
]
SEEDS = [3, 8]


def _named(faults: tuple[Fault, ...]) -> str:
    return " and ".join(dict.fromkeys(f"{fault.kind} {fault.detail}".strip() for fault in faults)) or "no fault"


@pytest.mark.parametrize("faults", FAULTS, ids=_named)
async def test_a_shop_goes_on_while_something_breaks(world: OrderWorld, faults: tuple[Fault, ...]) -> None:
    shelf = await play(world, Round(seed=100 + FAULTS.index(faults), faults=faults))
    assert shelf.violations == []
    # Otherwise nothing much was tried.
    assert len(shelf.bought) > SHOPPERS / 5
    assert any(each.is_cancelled for each in shelf.bought)
    assert any(each.refunds_minor for each in shelf.bought)
    assert shelf.refusals.keys() & {"out-of-stock", "coupon-exhausted", "budget-exhausted"}


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_round_of_the_campaign(world: OrderWorld, seed: int) -> None:
    planned = draw_round(seed)
    shelf = await play(world, planned)
    assert shelf.violations == [], str(planned)


def test_a_seed_draws_the_same_round() -> None:
    assert [draw_round(seed) for seed in range(20)] == [draw_round(seed) for seed in range(20)]


def test_rounds_have_every_kind_of_fault() -> None:
    drawn = {fault.kind for seed in range(200) for fault in draw_round(seed).faults}
    assert drawn == set(KINDS)
