"""A variant that harms its customers is taken back in every worker, told in the audit log and to webhooks.

Two web workers and a background process, as in production.

Source: docs/spec/experiments.md#rolling-back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from quote_service.lab.embedded.ports import free_port
from quote_service.platform.postgres.pool import Database
from tests.experiments.test_api import METRICS, exposures_of, report_of
from tests.feature_flags.conftest import FLAGS, created
from tests.fixtures.serve import QUOTE, Served, a_basket, in_database, secret_settings, served, until
from tests.fixtures.service import Started
from tests.webhooks.test_writers import Receivers

CUSTOMERS = 300
# Each request is a connection of its own, so that any of two workers answers it.
ASKED = 16


@pytest.fixture(scope="module")
def service(server_folder: Path, database_url: str, redis_url: str) -> Iterator[Served]:
    with served(server_folder, database_url, redis_url, workers=2, outbound_networks="127.0.0.0/8") as running:
        environment = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "QUOTE_OUTBOUND_NETWORKS": "127.0.0.0/8",
            "QUOTE_WORKER_METRICS_PORT": str(free_port()),
            **secret_settings(),
        }
        worker = Started(["worker"], server_folder / f"worker-{uuid4().hex[:8]}.log", environment, forked=True)
        yield running
        worker.stop()
        assert "Traceback" not in worker.output(), worker.output()


class Shop:
    """A flag of its own city that half of the customers get, and a webhook endpoint that hears of it."""

    def __init__(self, service: Served, guardrail: dict[str, Any]) -> None:
        self.service = service
        self.city = f"city-{uuid4().hex}"
        self.admin = service.admin()
        self.receiver = Receivers(self.admin)
        rollout = {"percentage": 50, "regions": [f"TR/{self.city}"]}
        guardrails = [{"direction": "lower_is_better", "min_exposures": 100, "min_events": 5, **guardrail}]
        self.flag = created(self.admin, rollout=rollout, guardrails=guardrails)
        until(lambda: self.in_every_worker(lambda quote: self.flag["key"] in quote["feature_flags"]), "it is in force")

    def close(self) -> None:
        self.admin.close()

    def quote(self, customer: str) -> dict[str, Any]:
        basket = a_basket(customer_id=customer, delivery_address={"country": "TR", "city": self.city})
        answer = httpx.post(
            f"{self.service.url}{QUOTE}", json=basket, headers={"X-API-Key": self.service.api_key}, timeout=60
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"])

    def in_every_worker(self, holds: Callable[[dict[str, Any]], bool]) -> bool:
        return all(holds(self.quote(str(uuid4()))) for _ in range(ASKED))

    def is_on(self, quote: dict[str, Any]) -> bool:
        return quote["feature_flags"].get(self.flag["key"]) is True

    def customers_come(self) -> list[tuple[str, bool]]:
        """Customers who ask for a quote, and whether they have the flag."""
        people = [str(uuid4()) for _ in range(CUSTOMERS)]
        with ThreadPoolExecutor(max_workers=4) as threads:
            return [
                (who, self.is_on(quote)) for who, quote in zip(people, threads.map(self.quote, people), strict=True)
            ]

    def harm(self) -> dict[str, Any] | None:
        harm = report_of(self.admin, self.flag["key"])["rollback"]
        return None if harm is None else dict(harm)

    def is_reported(self) -> None:
        """Everywhere where it has to be, and everybody is off."""
        path = f"{FLAGS}/{self.flag['id']}"
        shown = self.admin.get(path).json()["data"]
        assert (shown["state"], shown["rollback"]["version"]) == ("ROLLED_BACK", 1)
        wanted = {"object_id": self.flag["id"], "action": "flag.roll_back"}
        (row,) = self.admin.get("/api/v1/audit", params=wanted).json()["data"]
        assert (row["actor"], row["actor_kind"], row["after"]["rollback"]) == (
            "experiments",
            "system",
            shown["rollback"],
        )
        event = self.receiver.data("flag.rolled_back", self.flag["id"])
        assert event["rollback"]["metric"] == shown["rollback"]["metric"]
        assert [row["key"] for row in self.admin.get(FLAGS, params={"state": "ROLLED_BACK"}).json()["data"]].count(
            self.flag["key"]
        ) == 1


@pytest.fixture
def shop_with(service: Served) -> Iterator[Callable[[dict[str, Any]], Shop]]:
    made: list[Shop] = []

    def make(guardrail: dict[str, Any]) -> Shop:
        made.append(Shop(service, guardrail))
        return made[-1]

    yield make
    for shop in made:
        shop.close()


def test_a_variant_that_makes_quotes_dearer(shop_with: Callable[[dict[str, Any]], Shop]) -> None:
    shop = shop_with({"metric": "price.TRY", "max_regression": 0.05})
    fee = {
        "name": f"fee {uuid4()}",
        "type": "SMALL_BASKET_FEE",
        "currency": "TRY",
        "region": f"TR/{shop.city}",
        "configuration": {"threshold": 100, "fee": 25},
        "conditions": {"flag": shop.flag["key"]},
    }
    assert shop.admin.post("/api/v1/pricing-rules", json=fee).status_code == 201
    until(
        lambda: shop.in_every_worker(lambda quote: bool(quote["small_basket_fee"]) == shop.is_on(quote)),
        "the fee is charged to whoever has the flag",
    )
    shop.customers_come()
    until(lambda: shop.harm() is not None, "harm is shown")
    until(lambda: shop.in_every_worker(lambda quote: not shop.is_on(quote)), "it is off in every worker")
    assert shop.in_every_worker(lambda quote: not quote["small_basket_fee"])
    harm = shop.harm()
    assert harm is not None
    assert (harm["metric"], harm["arm"], harm["measure"]) == ("price.TRY", "on", "mean")
    assert harm["bound"] > 0
    assert harm["value"] > harm["tolerated"]
    shop.is_reported()


def test_a_variant_whose_customers_cannot_check_out(shop_with: Callable[[dict[str, Any]], Shop]) -> None:
    shop = shop_with({"metric": "error"})
    people = shop.customers_come()
    until(lambda: sum(exposures_of(shop.admin, shop.flag["key"])) >= CUSTOMERS, "they are counted")
    assert shop.harm() is None
    failing = [who for who, is_on in people if is_on][:40] + [who for who, is_on in people if not is_on][:2]
    sent = {"metrics": [{"customer_id": who, "metric": "error"} for who in failing]}
    reported_at = time.monotonic()
    assert shop.admin.post(METRICS, json=sent).json()["data"]["accepted"] == 42
    until(lambda: shop.harm() is not None, "harm is shown")
    until(lambda: shop.in_every_worker(lambda quote: not shop.is_on(quote)), "it is off in every worker")
    print(f"off in every worker {time.monotonic() - reported_at:.2f} s after the report")
    harm = shop.harm()
    assert harm is not None
    assert (harm["metric"], harm["events"], harm["control_events"]) == ("error", 40, 2)
    shop.is_reported()


def test_what_was_seen_is_written_when_the_workers_end(
    service: Served, shop_with: Callable[[dict[str, Any]], Shop]
) -> None:
    """The last of this file: it ends the service."""
    shop = shop_with({"metric": "error"})
    people = [str(uuid4()) for _ in range(40)]
    arms = [shop.is_on(shop.quote(who)) for who in people]
    assert set(arms) == {True, False}
    assert service.started.stop() == 0

    async def written(database: Database) -> set[str]:
        async with database.read() as connection:
            rows = await connection.fetch(
                "SELECT unnest(customer_ids)::text AS customer_id FROM experiment_exposure_batches"
                " UNION SELECT customer_id::text FROM experiment_exposures"
            )
        return {row["customer_id"] for row in rows}

    assert set(people) <= in_database(service.database_url, written)
