"""Sales among faults, over HTTP against real processes: afterwards every invariant holds.

Source: docs/spec/flash-sales.md#faults. `make faults` plays as many more rounds as there is time for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.postgres.migrate import migrate
from tests.fixtures.fork_server import ForkServer
from tests.flash_sales.campaign.faults import KINDS, Fault
from tests.flash_sales.campaign.rounds import Round, draw_round, play
from tests.flash_sales.campaign.world import World, open_world, postgres_that_may_be_killed

FAULTS = [
    (Fault("cut redis file", 0.6, 0.1, "30"),),
    (Fault("cut redis file", 0.6, 0.1, "700"),),
    (Fault("cut redis file", 0.6, 0.1, "100000"),),
    (Fault("stop postgres", 0.3, 0.3),),
    (Fault("freeze postgres", 0.5, 1.5),),
    (Fault("cut link", 0.4, 1.0, "web requests"), Fault("drop replies", 0.3, 0.5, "postgres 3")),
    (Fault("cut link", 0.4, 1.0, "web replies"), Fault("delay link", 0.2, 1.0, "worker")),
    tuple(Fault("drop replies", at, 0.2, "web 1") for at in (0.2, 0.5, 0.8, 1.1)),
]
SEEDS = [7, 11]


@pytest.fixture(scope="package")
def own_postgres(server_folder: Path) -> Iterator[PostgresServer]:
    server = postgres_that_may_be_killed(server_folder / "campaign-postgres")
    server.start()
    yield server
    server.kill()
    server.discard()


@pytest.fixture
async def breakable(
    fork_server: ForkServer, server_folder: Path, own_postgres: PostgresServer, stock: ValkeyServer
) -> AsyncIterator[World]:
    """A world all of whose parts may be broken."""
    await migrate(own_postgres.url)
    async with open_world(fork_server, server_folder, own_postgres, "postgres", stock) as world:
        yield world


def _named(faults: tuple[Fault, ...]) -> str:
    return " and ".join(dict.fromkeys(f"{fault.kind} {fault.detail}".strip() for fault in faults))


@pytest.mark.parametrize("faults", FAULTS, ids=_named)
async def test_a_sale_goes_on_while_something_breaks(breakable: World, faults: tuple[Fault, ...]) -> None:
    report = await play(breakable, Round(seed=FAULTS.index(faults), faults=faults))
    assert report.violations == []


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_round_of_the_campaign(breakable: World, seed: int) -> None:
    planned = draw_round(seed)
    report = await play(breakable, planned)
    assert report.violations == [], str(planned)


def test_a_seed_draws_the_same_round() -> None:
    assert [draw_round(seed) for seed in range(20)] == [draw_round(seed) for seed in range(20)]


def test_rounds_have_every_kind_of_fault() -> None:
    drawn = {fault.kind for seed in range(200) for fault in draw_round(seed).faults}
    assert drawn == set(KINDS)
