"""Redis's clock is half a minute ahead of everybody's, or behind, and jumps.

The server runs with a library before the C library's that shows it another time of day; its other clocks run as they are.

Source: docs/spec/flash-sales.md#clocks.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import platform
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from quote_service.platform.system.clock import now_us
from quote_service.selling.flash_sales.model.purchase import Purchase, PurchaseDraft
from quote_service.selling.flash_sales.model.refusals import SaleNotActive
from quote_service.selling.flash_sales.operations.buying.buy import buy
from quote_service.selling.flash_sales.operations.buying.decide_purchase import cancel_purchase, confirm_purchase
from quote_service.selling.flash_sales.operations.buying.find_purchase import find_purchase
from tests.conftest import eventually
from tests.flash_sales.market import announce, item_id_of, open_runtime, recoveries_of, run_loops, sell_in_all
from tests.flash_sales.test_faults import PRICE, Shop
from tests.flash_sales.topologies import Node

APART_SECONDS = 30
SINCE_SECONDS = 60.0

pytestmark = [
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"),
        reason="the library is built for Linux on x86-64",
    ),
    pytest.mark.second_try("kills a server whose clock jumps"),
    pytest.mark.long("servers with shifted clocks, killed and started"),
]
ahead_and_behind = pytest.mark.parametrize(
    "stock", [APART_SECONDS, -APART_SECONDS], ids=["ahead", "behind"], indirect=True
)


@pytest.fixture
def library(server_folder: Path) -> Path:
    """The one that tells another time, at a place without spaces: these part the libraries that are preloaded."""
    package = importlib.util.find_spec("libfaketime")
    assert package is not None, "libfaketime is not installed"
    assert package.submodule_search_locations
    built = Path(package.submodule_search_locations[0]) / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
    copied = server_folder / f"clock-{uuid4().hex[:8]}.so"
    shutil.copyfile(built, copied)
    copied.chmod(0o755)
    return copied


def clock_apart(library: Path, seconds: int) -> dict[str, str]:
    """The variables of a process whose time of day is so far from ours."""
    # Beside what is preloaded into the tests, which may be a clock too: theirs is what this one is apart from.
    preloaded = " ".join([str(library), os.environ.get("LD_PRELOAD", "")]).strip()
    return {"LD_PRELOAD": preloaded, "FAKETIME": f"{seconds:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@pytest.fixture
def stock(server_folder: Path, library: Path, request: pytest.FixtureRequest) -> Iterator[Node]:
    folder = server_folder / f"clock-{uuid4().hex[:8]}"
    with Node(folder, append_only=True, environment=clock_apart(library, request.param)) as server:
        assert abs(apart(server) - request.param) < 5
        yield server


def apart(server: Node) -> float:
    """How far the server's clock is ahead of ours."""
    return float(server.report("TIME")[0]) - time.time()


@ahead_and_behind
async def test_it_sells_all_and_no_more_while_the_clock_jumps(
    own_database_url: str, stock: Node, library: Path
) -> None:
    jumps_to = -APART_SECONDS if apart(stock) > 0 else APART_SECONDS

    def jump() -> None:
        stock.kill()
        stock.run_with(clock_apart(library, jumps_to))
        stock.start()

    async with open_runtime(own_database_url, stock.url) as runtime:
        shop = await announce(runtime, 80, since_seconds=SINCE_SECONDS)

        async def restart() -> None:
            await asyncio.to_thread(jump)

        async with run_loops(runtime, stock.url):
            await sell_in_all([shop], 120, 1.5, (0.5, restart))
            await shop.assert_all_holds()
        assert abs(apart(stock) - jumps_to) < 5
        assert sum(one.quantity for one in await shop.kept() if one.status == "confirmed") == 80
        assert len(await recoveries_of(shop)) > 1


@ahead_and_behind
async def test_nothing_is_sold_before_the_start_or_after_the_end(own_database_url: str, stock: Node) -> None:
    """The clock of Redis decides while Redis admits, and the one of PostgreSQL when the sale is on at all."""
    is_ahead = apart(stock) > 0
    async with open_runtime(own_database_url, stock.url) as runtime:
        begun = await announce(runtime, 20, by_hand=False)
        ending = await announce(runtime, 5000, since_seconds=SINCE_SECONDS, seconds=3.0, by_hand=False)
        long = await announce(runtime, 20, since_seconds=SINCE_SECONDS, by_hand=False)
        async with run_loops(runtime, stock.url):
            assert await begun.buy_once(uuid4(), uuid4().hex, 1, 5.0) == ("confirmed" if is_ahead else "refused")
            assert await ending.buy_once(uuid4(), uuid4().hex, 1, 5.0) == ("refused" if is_ahead else "confirmed")
            assert await long.buy_once(uuid4(), uuid4().hex, 1, 5.0) == "confirmed"
            await eventually(lambda: is_refused(ending), "the sale is over, whatever Redis says the time is")
            for shop in (begun, ending, long):
                await eventually(shop.is_quiet, "every invariant of the databases holds")
            sold = len(await ending.kept())
            assert await ending.buy_once(uuid4(), uuid4().hex, 1, 0) == "refused"
            await eventually(ending.is_quiet, "every invariant of the databases holds")
            assert len(await ending.kept()) == sold
        for shop, count in ((begun, int(is_ahead)), (long, 1)):
            assert len(await shop.kept()) == count


@ahead_and_behind
async def test_postgres_alone_decides_when_a_hold_is_over(own_database_url: str, stock: Node) -> None:
    """Behind, Redis names an end that is long over; the hold lasts its seconds all the same, from when it is recorded."""
    is_ahead = apart(stock) > 0
    async with open_runtime(own_database_url, stock.url) as runtime:
        shop = await announce(runtime, 10, since_seconds=SINCE_SECONDS, hold_seconds=3)
        item_id = await item_id_of(shop)
        async with run_loops(runtime, stock.url):
            kept, given_up, left = [await bought(shop) for _ in range(3)]
            for each in (kept, given_up, left):
                await eventually(lambda each=each: is_recorded(shop, each.purchase_id), "it is recorded")
                recorded = await find_purchase(runtime, each.purchase_id)
                assert recorded.status == "reserved"
                assert recorded.expires_at is not None
                assert each.expires_at is not None
                assert recorded.expires_at == each.expires_at if is_ahead else recorded.expires_at > each.expires_at
            assert (await confirm_purchase(runtime, kept.purchase_id)).status == "confirmed"
            assert (await cancel_purchase(runtime, given_up.purchase_id)).status == "cancelled"
            if is_ahead:  # as long as it was told: half a minute longer than by the clock of PostgreSQL
                assert (await cancel_purchase(runtime, left.purchase_id)).status == "cancelled"
            else:
                await eventually(lambda: has_expired(shop, left.purchase_id), "the hold is over")
            await eventually(shop.is_quiet, "every invariant of the databases holds")
            found = await runtime.upkeep.figures(item_id)
            assert found.stock == 9
            # Told again, nothing is given back a second time.
            assert await runtime.upkeep.release(item_id, [given_up.purchase_id, left.purchase_id]) == 0


async def bought(shop: Shop) -> Purchase:
    draft = PurchaseDraft(product_id=shop.product_id, quantity=1, expected_price=PRICE)
    return (await buy(shop.runtime, shop.sale_id, uuid4(), draft, uuid4().hex, now_us() // 1000)).purchase


async def is_refused(shop: Shop) -> bool:
    try:
        await bought(shop)
    except SaleNotActive:
        return True
    return False


async def is_recorded(shop: Shop, purchase_id: UUID) -> bool:
    return str(purchase_id) in {one.purchase_id for one in await shop.kept()}


async def has_expired(shop: Shop, purchase_id: UUID) -> bool:
    return (await find_purchase(shop.runtime, purchase_id)).status == "expired"
