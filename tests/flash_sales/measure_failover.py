"""What a failover costs: `python -m tests.flash_sales.measure_failover` kills primaries under load, and tells.

Buyers come at a steady rate; each buys one unit, once, and waits for no confirmation, so that what Redis has admitted
and nobody recorded when it died shows as lost.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import structlog

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.redis_store.keys import item_keys
from tests.flash_sales.market import announce, item_id_of, open_runtime, run_loops
from tests.flash_sales.test_faults import Shop
from tests.flash_sales.topologies import Cluster, Node, SentinelSet

RATE = 200
BEFORE_SECONDS = 1.5
AFTER_SECONDS = 1.0
LONGEST_SECONDS = 40.0


async def measure(name: str, database_url: str, redis_url: str, cluster: Cluster | None, primary: Node | None) -> None:
    """One failover."""
    async with open_runtime(database_url, redis_url) as runtime:
        shop = await announce(runtime, 100_000)
        if cluster is not None:
            primary = await asyncio.to_thread(cluster.primary_of, item_keys(await item_id_of(shop))[0])
        assert primary is not None
        async with run_loops(runtime, redis_url):
            await _sell_around(name, shop, primary)


async def _sell_around(name: str, shop: Shop, primary: Node) -> None:
    answers: list[tuple[float, str]] = []

    async def buy() -> None:
        outcome = await shop.buy_once(uuid4(), uuid4().hex, 1, 0)
        answers.append((time.monotonic(), outcome))

    async with asyncio.TaskGroup() as buyers:
        began = time.monotonic()
        killed_at = recovered_at = 0.0
        while time.monotonic() - began < LONGEST_SECONDS:
            buyers.create_task(buy())
            await asyncio.sleep(1 / RATE)
            if not killed_at and time.monotonic() - began > BEFORE_SECONDS:
                await asyncio.to_thread(primary.kill)
                killed_at = time.monotonic()
            if killed_at and not recovered_at:
                recovered_at = max(
                    (at for at, outcome in answers if outcome == "reserved" and at > killed_at + 0.3), default=0
                )
            if recovered_at and time.monotonic() - recovered_at > AFTER_SECONDS:
                break
    lost = await shop.assert_all_holds()
    after = [(at - killed_at, outcome) for at, outcome in answers if at > killed_at]
    directly = [at for at, outcome in after if outcome == "confirmed"]
    sold_at = [0.0, *sorted(at for at, outcome in after if outcome in ("confirmed", "reserved"))]
    gap = max(later - earlier for earlier, later in pairwise(sold_at))
    print(
        f"{name}: through PostgreSQL after {min(directly, default=0):.2f} s ({len(directly)} purchases), "
        f"through Redis after {recovered_at - killed_at:.2f} s, longest without a sale {gap:.2f} s, "
        f"asked to repeat {sum(outcome == 'unknown' for _, outcome in after)}, lost {lost}",
        flush=True,
    )


async def _measure_all(folder: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with PostgresServer(folder / "postgres", durable=True) as postgres:
        for number, timeout_ms in enumerate((1000, 5000)):
            database_url = postgres.url
            await migrate(database_url)
            cluster = Cluster(folder / f"cluster-{number}", node_timeout_ms=timeout_ms)
            try:
                await asyncio.to_thread(cluster.start)
                url = await asyncio.to_thread(cluster.url_for, "functions")
                await measure(f"cluster, node timeout {timeout_ms} ms", database_url, url, cluster, None)
            finally:
                cluster.stop()
            sentinels = SentinelSet(folder / f"sentinels-{number}", down_after_ms=timeout_ms)
            try:
                await asyncio.to_thread(sentinels.start)
                url = await asyncio.to_thread(sentinels.url_for, "functions")
                name = f"sentinel, down after {timeout_ms} ms"
                await measure(name, database_url, url, None, sentinels.servers[0])
            finally:
                sentinels.stop()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="quote-service-") as made:
        Path(made).chmod(0o755)
        asyncio.run(_measure_all(Path(made)))
