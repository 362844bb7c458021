"""The loops of flash sales end when they are stopped, though the Redis client swallows every cancellation.

Source: docs/spec/operations.md#stopping; docs/spec/flash-sales.md#recording.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from quote_service.platform.redis_store.keys import item_keys
from quote_service.platform.system.supervisor import Supervisor
from quote_service.selling.flash_sales.loops.maintenance import maintain_flash_sales
from quote_service.selling.flash_sales.loops.recorder import run_recorder
from quote_service.selling.flash_sales.loops.sale_items import watch_sale_items
from quote_service.selling.flash_sales.operations.runtime.outcome_watch import WATCH
from quote_service.selling.flash_sales.tables.upkeep import GROUP
from tests.conftest import PATIENCE_SECONDS
from tests.fixtures.serve import until
from tests.fixtures.service import Started
from tests.flash_sales.test_faults import open_shop
from tests.system.deaf_redis import SWALLOWED, make_deaf
from tests.telemetry.test_flash_figures import a_key, prepare

pytestmark = pytest.mark.second_try("kills processes in the middle of their work")

ROOT = Path(__file__).parents[2]


async def test_every_loop_ends_and_none_before_those_it_started(
    own_database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = asyncio.all_tasks()
    async with open_shop(own_database_url, redis_url, allocated=5, runs_loops=False) as shop:
        make_deaf(monkeypatch.setattr)
        before, supervisor = asyncio.all_tasks(), Supervisor()
        supervisor.start("sale_items", lambda: watch_sale_items(shop.runtime))
        supervisor.start("maintenance", lambda: maintain_flash_sales(shop.runtime, round_seconds=0.1))
        supervisor.start("recorder", lambda: run_recorder(shop.runtime, redis_url))
        assert await shop.buy_once(uuid4(), uuid4().hex, 1, PATIENCE_SECONDS) == "confirmed"
        SWALLOWED.clear()
        stopping = asyncio.create_task(supervisor.stop())
        done, _ = await asyncio.wait([stopping], timeout=PATIENCE_SECONDS)
        # The look for outcomes that the buyer waited for is no loop: it goes on for a moment after the last who waits.
        left = {each for each in asyncio.all_tasks() - before - {stopping} if each.get_name() != WATCH}
        monkeypatch.undo()
        assert done, f"loops go on: {left}"
        assert left == set()
        assert SWALLOWED
    assert asyncio.all_tasks() == alone, "closing the runtime ends the look as well"


@pytest.mark.long("a worker in a process of its own")
def test_a_worker_ends_at_sigterm(server_folder: Path, own_database_url: str, redis_url: str) -> None:
    _, item_id, _ = asyncio.run(prepare(own_database_url, uuid4()))
    with redis.Redis.from_url(redis_url) as client:
        client.delete(*item_keys(item_id))  # of a test with another database
    environment = {
        "DATABASE_URL": own_database_url,
        "REDIS_URL": redis_url,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "system" / "deaf_process"), str(ROOT)]),
        **{name: a_key() for name in ("QUOTE_JWT_KEYS", "QUOTE_SIGNING_KEYS", "QUOTE_RECEIPT_KEYS")},
    }
    started = Started(["worker"], server_folder / f"worker-{uuid4().hex[:8]}.log", environment)
    stream = item_keys(item_id)[5]
    try:
        with redis.Redis.from_url(redis_url) as client:
            until(lambda: client.exists(stream) == 1, "the worker keeps the sale", started)
            until(lambda: client.xinfo_consumers(stream, GROUP) != [], "the worker reads", started)
        assert started.stop() == 0, started.output()
    finally:
        started.kill()
    assert "swallowed a cancellation" in started.output()
