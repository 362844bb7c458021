"""Flash sales in /metrics: of a service that sells and records, and of processes that do one of the two.

Source: docs/spec/operations.md#metrics; docs/spec/flash-sales.md#recording.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_bytes
from uuid import UUID, uuid4

import httpx
import pytest
import redis

from quote_service.identity.operations.keys.create_api_key import create_api_key
from quote_service.lab.embedded.ports import free_port
from quote_service.platform.callers.api_keys import ApiKeyDraft
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.keys import item_keys
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.selling.flash_sales.model.reservation import item_of_purchase
from quote_service.selling.flash_sales.model.sale import SaleDraft, SaleItemDraft
from quote_service.selling.flash_sales.operations.sales.create_sale import create_sale
from quote_service.selling.flash_sales.operations.sales.move_sale import move_sale
from quote_service.selling.flash_sales.operations.upkeep.measure_items import ITEMS_SHOWN_MAX
from quote_service.selling.flash_sales.tables.stock import items_of_sale
from tests.fixtures.postgres_clusters import put_cluster_into
from tests.fixtures.service import Service, Started, start_development
from tests.flash_sales.sales import Sales, a_sale, an_item
from tests.telemetry.serving import PATIENCE_SECONDS, Serving, known, serving

pytestmark = [
    pytest.mark.second_try("kills a worker while it counts"),
    pytest.mark.long("services of its own, one that sells and one that records"),
]


def figures(text: str) -> dict[str, float]:
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {series: float(value) for series, value in lines}


def eventually_shown(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@pytest.fixture
def own_service(server_folder: Path) -> Iterator[Service]:
    """A service for many items: it looks at each twice a second until an hour after the sale, so no other test has it."""
    folder = server_folder / "service-of-many-items"
    put_cluster_into(folder / "postgres")
    started, running = start_development(folder, "--no-seed", forked=True)
    yield running
    started.stop()


def test_what_is_sold_refused_and_left_is_reported(admin: httpx.Client, checkout: httpx.Client) -> None:
    sales = Sales(admin, checkout)

    def reported() -> dict[str, float]:
        return figures(admin.get("/metrics").text)

    on = sales.on_sale(allocated_stock=3, per_customer_limit=2)
    before = reported()
    bought = sales.bought(on, wait=10)
    item = item_of_purchase(UUID(bought["purchase_id"]))
    assert sales.buy(on, quantity=3).status_code == 409
    assert sales.buy(on, expected_price=1).status_code == 409
    assert sales.bought(on, quantity=2, wait=10)["status"] == "confirmed"
    assert sales.buy(on).status_code == 409

    # Buyers are told what is recorded a moment before it has left the stream and is counted.
    recorded = "quote_flash_sale_recorded_total"
    eventually_shown(lambda: reported()[recorded] >= before[recorded] + 2, "both are counted")
    after = reported()
    assert after[f'quote_flash_sale_stock{{item="{item}"}}'] == 0
    assert after["quote_stream_lag"] == 0
    assert after["quote_stream_lag_seconds"] == 0
    grown = {name: after[name] - before.get(name, 0) for name in after if name.startswith("quote_flash_sale")}
    assert grown["quote_flash_sale_reserved_total"] == 2
    assert grown["quote_flash_sale_rejected_total"] == 0
    for reason in ("sold-out", "limit-reached", "price-changed"):
        assert grown[f'quote_flash_sale_refusals_total{{reason="{reason}"}}'] == 1


def test_many_items_share_a_line(own_service: Service) -> None:
    """More of them than the client has connections."""
    with own_service.admin() as admin, own_service.checkout() as checkout:
        _many_items_share_a_line(admin, checkout)


def _many_items_share_a_line(admin: httpx.Client, checkout: httpx.Client) -> None:
    sales = Sales(admin, checkout)
    sale = sales.create(a_sale(*[an_item(allocated_stock=7) for _ in range(ITEMS_SHOWN_MAX + 40)]))
    assert sales.step(sale["id"], "activate").status_code == 200

    def reported() -> list[tuple[str, float]]:
        found = figures(admin.get("/metrics").text)
        return [(name, units) for name, units in found.items() if name.startswith("quote_flash_sale_stock{")]

    def others_are_shown() -> bool:
        # A figure that Redis does not give in time is left out of an answer.
        name, units = (reported() or [("", 0.0)])[-1]
        return name == 'quote_flash_sale_stock{item="others"}' and units >= 40 * 7

    # Not every item has to be in Redis yet when the sale begins.
    eventually_shown(others_are_shown, "those past the latest are one sum")
    assert len(reported()) == ITEMS_SHOWN_MAX + 1
    assert sales.step(sale["id"], "end").status_code == 200


def test_the_process_that_records_shows_of_a_late_refusal(
    server_folder: Path, database_url: str, redis_url: str
) -> None:
    product_id = uuid4()
    sale_id, item_id, key = asyncio.run(prepare(database_url, product_id))
    port = free_port()
    stores = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    secrets = {name: a_key() for name in ("QUOTE_JWT_KEYS", "QUOTE_SIGNING_KEYS", "QUOTE_RECEIPT_KEYS")}
    environment = {**stores, **secrets, "QUOTE_WORKER_METRICS_PORT": str(port)}
    started = Started(["worker"], server_folder / f"worker-{uuid4().hex[:8]}.log", environment, forked=True)
    recording = Serving(started, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}")
    try:
        with serving(server_folder, database_url, redis_url, workers=2) as selling:

            def buy() -> httpx.Response:
                order = {"product_id": str(product_id), "customer_id": str(uuid4()), "quantity": 1}
                return selling.http.post(
                    f"/api/v1/flash-sales/{sale_id}/purchases",
                    json={**order, "expected_price": 5},
                    headers={"X-API-Key": key, "Idempotency-Key": uuid4().hex, "Prefer": "wait=10"},
                )

            known(selling, key)
            answers: list[httpx.Response] = []

            def is_sold() -> bool:
                answers.append(buy())
                return answers[-1].status_code == 202

            selling.wait_for(is_sold, "a unit is sold")
            assert answers[-1].json()["data"]["status"] == "confirmed"
            with redis.Redis.from_url(redis_url) as client:
                client.hincrby(item_keys(item_id)[0], "stock", 1)  # as after a failover that lost a purchase
            late = buy().json()["data"]
            assert (late["status"], late["reason"]) == ("rejected", "sold_out_after_recovery")
            recording.wait_for(lambda: recording.figure("quote_flash_sale_recorded_total") == 2, "both are counted")
            assert recording.figure("quote_flash_sale_rejected_total") == 1
            rebuilt = 'quote_flash_sale_recoveries_total{reason="drifted"}'
            recording.wait_for(lambda: rebuilt in recording.metrics(), "the item is built repeated")
            # Whichever of the two answers: what both have admitted, and what stands in Redis.
            assert {selling.figure("quote_flash_sale_reserved_total") for _ in range(8)} == {2}
            assert buy().status_code == 409
            assert selling.figure('quote_flash_sale_refusals_total{reason="sold-out"}') == 1
            assert selling.figure(f'quote_flash_sale_stock{{item="{item_id}"}}') == 0
            selling.wait_for(lambda: selling.figure("quote_stream_lag") == 0, "nothing waits")
            assert recording.http.get("/health/live").status_code == 200
            assert recording.http.get("/api/v1/flash-sales").status_code == 404
        assert started.stop() == 0
    finally:
        started.kill()


async def prepare(database_url: str, product_id: UUID) -> tuple[UUID, int, str]:
    """A sale of one unit that is on, its item's id, and a key that may buy."""
    database = await Database.open(database_url)
    now = now_us()
    change = change_by_system("test", now)
    item = SaleItemDraft(
        product_id=product_id, sale_price=ExactNumber(5), currency="TRY", allocated_stock=1, per_customer_limit=1
    )
    draft = SaleDraft(name="late", starts_at=from_micros(now), ends_at=from_micros(now + 3600 * 10**6), items=[item])
    try:
        async with database.transaction() as connection:
            sale = await create_sale(Change.within(connection, change), draft)
            await move_sale(Change.within(connection, change), sale.id, "activate", UNCONDITIONAL)
            item_id = (await items_of_sale(connection, sale.id))[0].id
            key = ApiKeyDraft(name="shop", scopes=["quote:read", "flash:purchase"], rate_limit=None)
            return sale.id, item_id, (await create_api_key(Change.within(connection, change), key, "live")).key
    finally:
        await database.close()


def a_key() -> str:
    return f"k1:{base64.b64encode(token_bytes(32)).decode()}"
