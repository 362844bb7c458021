"""A Redis that may forget stock by its settings is warned of.

Source: docs/spec/flash-sales.md#stock-server; docs/spec/flash-sales.md#stock-server.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.system.supervisor import Supervisor
from quote_service.selling.flash_sales.loops.stock_server import watch_stock_server
from quote_service.selling.flash_sales.tables.stock_server import why_forgetful
from tests.conftest import eventually
from tests.fixtures.serve import served, until
from tests.flash_sales.quiet_shop import QuietShop, quiet_shop
from tests.telemetry.test_flash_figures import prepare

EVICTS = "it evicts (maxmemory-policy allkeys-lru)"
NO_FILE = "it keeps no append-only file (appendonly no)"


@pytest.mark.parametrize(
    ("policy", "has_file", "reported"),
    [
        ("noeviction", True, None),
        ("allkeys-lru", True, EVICTS),
        ("noeviction", False, NO_FILE),
        ("allkeys-lru", False, f"{EVICTS} and {NO_FILE}"),
    ],
)
async def test_what_a_server_says_of_itself(
    server_folder: Path, policy: str, has_file: bool, reported: str | None
) -> None:
    folder = server_folder / f"stock-{uuid4().hex[:8]}"
    with ValkeyServer(folder, append_only=has_file, settings={"maxmemory-policy": policy}) as server:
        client = open_redis(server.url, 1000)
        assert await why_forgetful(client) == reported
        await client.aclose()


async def test_a_change_is_seen_while_it_sells(server_folder: Path, own_database_url: str) -> None:
    with ValkeyServer(server_folder / f"stock-{uuid4().hex[:8]}") as server:
        async with quiet_shop(own_database_url, server.url) as shop:
            await shop.runtime.item_cache.refresh()
            supervisor = Supervisor()
            supervisor.start("watch", lambda: watch_stock_server(shop.runtime, look_seconds=0.01))
            for policy, reported in (("allkeys-lru", EVICTS), ("noeviction", None)):
                with redis.Redis.from_url(server.url) as orders:
                    orders.config_set("maxmemory-policy", policy)
                await eventually(partial(_warns, shop, reported), "it is seen")
                assert await shop.runtime.check_stock() == reported
            await supervisor.stop()


def test_the_service_is_degraded_where_stock_may_be_forgotten(
    server_folder: Path, own_database_url: str, redis_url: str
) -> None:
    folder = server_folder / f"stock-{uuid4().hex[:8]}"
    with (
        ValkeyServer(folder, append_only=False) as stock,
        served(server_folder, own_database_url, redis_url, stock_redis_url=stock.url) as service,
    ):
        assert service.ready()["status"] == "ready"  # nothing is on sale yet
        until(lambda: "stock_redis_unsafe" in service.started.output(), "it is warned of", service.started)
        asyncio.run(prepare(own_database_url, uuid4()))
        service.wait_until_ready("degraded")
        assert service.ready()["reason"] == f"stock_redis: {NO_FILE}"


def _warns(shop: QuietShop, reported: str | None) -> bool:
    return bool(shop.runtime.stock_warning == reported)
