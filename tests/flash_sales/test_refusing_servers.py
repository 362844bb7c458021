"""A Redis that answers, and answers that it does not run a command now: nobody gets an error that is not theirs.

Source: docs/spec/flash-sales.md#without-redis.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from redis.exceptions import (
    BusyLoadingError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)

from quote_service.lab.embedded.ports import LOOPBACK, free_port
from quote_service.selling.flash_sales.tables.gate import is_not_run
from tests.conftest import eventually
from tests.flash_sales.market import announce, confirms_again, open_runtime, run_loops
from tests.flash_sales.test_faults import Shop
from tests.flash_sales.topologies import Node

NOBODY = ("REPLICAOF", LOOPBACK, str(free_port()))
# What makes a server answer so, and what makes it well again.
REFUSALS = {
    "READONLY": ([NOBODY], [("REPLICAOF", "NO", "ONE")]),
    "MASTERDOWN": (
        [("CONFIG SET", "replica-serve-stale-data", "no"), NOBODY],
        [("REPLICAOF", "NO", "ONE"), ("CONFIG SET", "replica-serve-stale-data", "yes")],
    ),
    "NOREPLICAS": ([("CONFIG SET", "min-replicas-to-write", "1")], [("CONFIG SET", "min-replicas-to-write", "0")]),
    "OOM": ([("CONFIG SET", "maxmemory", "1")], [("CONFIG SET", "maxmemory", "0")]),
}


@pytest.fixture(scope="module")
def stock(server_folder: Path) -> Iterator[Node]:
    with Node(server_folder / f"refusing-{uuid4().hex[:8]}", append_only=False) as server:
        yield server


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_it_sells_through_postgres_and_then_through_redis_again(
    own_database_url: str, stock: Node, refusal: str
) -> None:
    begin, end = REFUSALS[refusal]
    async with open_runtime(own_database_url, stock.url) as runtime:
        shop = await announce(runtime, 1000)
        async with run_loops(runtime, stock.url):
            for order in begin:
                await asyncio.to_thread(stock.report, *order)
            answers = await asyncio.gather(*(shop.buy_once(uuid4(), uuid4().hex, 1, 2.0) for _ in range(8)))
            assert set(answers) <= {"confirmed", "unknown"}
            await confirms_again(shop)
            assert runtime.directly > 0
            for order in end:
                await asyncio.to_thread(stock.report, *order)
            await eventually(lambda: sells_through_redis(shop), "Redis sells again")
            assert await shop.assert_all_holds() == 0


@pytest.mark.parametrize(
    "refusal",
    [
        MovedError("7638 127.0.0.1:7001"),
        TryAgainError("Multiple keys request during rehashing of slot"),
        ClusterDownError("Hash slot not served"),
        MasterDownError("Link with MASTER is down and replica-serve-stale-data is set to 'no'."),
        ReadOnlyError("You can't write against a read only replica."),
        BusyLoadingError("Valkey is loading the dataset in memory"),
        OutOfMemoryError("command not allowed when used memory > 'maxmemory'."),
        ResponseError("NOREPLICAS Not enough good replicas to write."),
        ResponseError("MISCONF Errors writing to the AOF file"),
    ],
    ids=lambda refusal: type(refusal).__name__,
)
def test_what_a_server_has_refused_to_run_was_not_run(refusal: Exception) -> None:
    assert is_not_run(refusal)


def test_what_failed_while_it_ran_may_have_been_run() -> None:
    assert not is_not_run(ResponseError("ERR wrong kind of value script: qfs_reserve, on @user_function:68."))
    assert not is_not_run(ConnectionError("Connection closed by server."))


async def sells_through_redis(shop: Shop) -> bool:
    directly = shop.runtime.directly
    return await shop.buy_once(uuid4(), uuid4().hex, 1, 2.0) == "confirmed" and shop.runtime.directly == directly
