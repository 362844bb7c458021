"""A replica that had not heard of everything takes the place of a primary that is gone.

What the primary sends is held back on its way, so that the replica is a healthy one of a while ago, as with a broken
link; a replica that only stands still would get everything from its own kernel later.

Source: docs/spec/flash-sales.md#faults; docs/spec/flash-sales.md#repair.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from quote_service.lab.embedded.ports import LOOPBACK
from quote_service.platform.system.errors import Unavailable
from quote_service.selling.flash_sales.operations.upkeep.rebuild_item import why_rebuild
from quote_service.selling.flash_sales.tables.stock import read_item
from tests.conftest import eventually
from tests.flash_sales.fault_proxy import FaultProxy
from tests.flash_sales.history import check_history
from tests.flash_sales.market import announce, item_id_of, open_runtime, recoveries_of, run_loops, sell_in_all
from tests.flash_sales.test_faults import LIMIT, Shop
from tests.flash_sales.topologies import Node, start_together

pytestmark = [
    pytest.mark.second_try("kills nodes, and waits for others to take their place"),
    pytest.mark.long("a primary and its replicas, failed over"),
]

ALLOCATED = 200


class Pair:
    """A primary, a replica that follows it over a link, and an address that is given to whichever is the primary."""

    def __init__(self, primary: Node, replica: Node) -> None:
        self.primary = primary
        self.replica = replica
        self.link = FaultProxy(primary.port)
        self._address = _Address(primary.port)

    @property
    def url(self) -> str:
        return self.primary.url.replace(f":{self.primary.port}/", f":{self._address.port}/")

    async def start(self) -> None:
        await self.link.start()
        await self._address.start()
        await asyncio.to_thread(self.replica.report, "REPLICAOF", LOOPBACK, self.link.port)
        await eventually(self.follows, "the replica follows")

    async def follows(self) -> bool:
        return bool((await asyncio.to_thread(self.replica.info, "replication"))["master_link_status"] == "up")

    async def has_heard_all(self) -> bool:
        mine, its = [
            (await asyncio.to_thread(node.info, "replication"))["master_repl_offset"]
            for node in (self.primary, self.replica)
        ]
        return bool(mine == its)

    def cut(self) -> None:
        """From now on the replica hears nothing."""
        self.link.cut = {"replies"}

    async def fail_over(self) -> None:
        """The primary dies; the replica is promoted, and given the address."""
        await asyncio.to_thread(self.primary.kill)
        await asyncio.to_thread(self.replica.report, "REPLICAOF", "NO", "ONE")
        self._address.give_to(self.replica.port)

    async def stop(self) -> None:
        await self._address.stop()
        await self.link.stop()


class _Address(FaultProxy):
    def give_to(self, port: int) -> None:
        self._target = port


@pytest.fixture
def nodes(server_folder: Path) -> Iterator[tuple[Node, Node]]:
    made = [
        Node(
            server_folder / f"pair-{uuid4().hex[:8]}",
            append_only=False,
            password="a-word",
            settings={"masterauth": "a-word", "repl-diskless-sync-delay": "0"},
        )
        for _ in range(2)
    ]
    try:
        start_together(made)
        yield made[0], made[1]
    finally:
        for node in made:
            node.kill()


@asynccontextmanager
async def paired(nodes: tuple[Node, Node]) -> AsyncIterator[Pair]:
    pair = Pair(*nodes)
    await pair.start()
    try:
        yield pair
    finally:
        await pair.stop()


async def reserve(shop: Shop, count: int) -> list[str]:
    return [await shop.buy_once(uuid4(), uuid4().hex, 1, 0) for _ in range(count)]


async def test_what_only_the_primary_knew_is_lost_counted_and_never_confirmed(
    own_database_url: str, nodes: tuple[Node, Node]
) -> None:
    async with paired(nodes) as pair, open_runtime(own_database_url, pair.url) as runtime:
        shop = await announce(runtime, ALLOCATED)
        assert set(await reserve(shop, 20)) == {"reserved"}
        await eventually(pair.has_heard_all, "the replica has them")
        pair.cut()
        assert set(await reserve(shop, 30)) == {"reserved"}  # nothing records: these are in Redis alone
        await pair.fail_over()
        async with run_loops(runtime, pair.url):
            await eventually(lambda: sells(shop), "it sells again")
            assert await shop.assert_all_holds() == 30
            # Each of them may try again with its key, and gets a unit like anybody.
            lost = [one for one in shop.seen if one.outcome == "reserved"][20:50]
            assert not {one.purchase_id for one in lost} & {one.purchase_id for one in await shop.kept()}
            for one in lost[:3]:
                assert await shop.buy_once(UUID(one.customer_id), one.key, 1, 5.0) == "confirmed"
        kept = {one.purchase_id: one.status for one in await shop.kept()}
        assert {kept[one.purchase_id] for one in shop.seen[:20]} == {"confirmed"}


async def test_a_server_that_went_back_in_time_is_known_by_its_stream(
    own_database_url: str, nodes: tuple[Node, Node]
) -> None:
    """Even where the server called itself the same: its number and stream are behind what PostgreSQL has seen."""
    async with paired(nodes) as pair, open_runtime(own_database_url, pair.url) as runtime:
        shop = await announce(runtime, ALLOCATED)
        await eventually(pair.has_heard_all, "the replica has the item")
        pair.cut()
        async with run_loops(runtime, pair.url):
            await sell_in_all([shop], 30, 0.3)
        await pair.fail_over()
        item_id = await item_id_of(shop)
        async with shop.database.read() as connection:
            item = await read_item(connection, item_id)
        assert item is not None
        assert item.redis_run_id is not None
        await eventually(lambda: answers(shop, item_id), "the replica answers")
        found = await runtime.upkeep.figures(item_id)
        assert (found.stock, found.number) == (ALLOCATED, 0)
        assert why_rebuild(item, found) == "another_server"
        assert why_rebuild(item, found._replace(run_id=item.redis_run_id)) == "rolled_back"
        # Nobody was lost, and nothing is sold twice: the units that the replica believes in are gone.
        async with run_loops(runtime, pair.url):
            await eventually(lambda: sells(shop), "it sells again")
            assert await shop.assert_all_holds() == 0


async def test_buyers_go_on_while_it_fails_over(own_database_url: str, nodes: tuple[Node, Node]) -> None:
    async with paired(nodes) as pair, open_runtime(own_database_url, pair.url) as runtime:
        shop = await announce(runtime, ALLOCATED)

        async def cut() -> None:
            pair.cut()

        async with run_loops(runtime, pair.url):
            await sell_in_all([shop], 250, 2.0, (0.5, cut), (1.2, pair.fail_over))
            lost = await shop.assert_all_holds()
        assert check_history(shop.seen, await shop.kept(), allocated=ALLOCATED, limit=LIMIT).lost == lost
        assert sum(one.quantity for one in await shop.kept() if one.status == "confirmed") == ALLOCATED
        assert len(await recoveries_of(shop)) > 1


async def sells(shop: Shop) -> bool:
    return await shop.buy_once(uuid4(), uuid4().hex, 1, 1.0) == "confirmed"


async def answers(shop: Shop, item_id: int) -> bool:
    try:
        await shop.runtime.upkeep.figures(item_id)
    except Unavailable:
        return False
    return True
