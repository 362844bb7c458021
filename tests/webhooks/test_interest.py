"""An endpoint counts in every process from the moment that its creation is acknowledged; source: docs/spec/webhooks.md#events."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.serve import QUOTE, Served, a_basket, in_database, served

WEBHOOKS, ORDERS = "/api/v1/webhooks", "/api/v1/orders"
_EACH = 6
_ROUNDS = 12


@pytest.fixture(scope="module")
def service(server_folder: Path, database_url: str, redis_url: str) -> Iterator[Served]:
    """Two workers over a database without any endpoint."""
    with served(server_folder, database_url, redis_url, workers=2) as running:
        yield running


class Sale:
    """Quotes that can be committed to at once, each over a connection of its own, so that both workers are reached."""

    def __init__(self, service: Served) -> None:
        self.service = service
        self.headers = {"Authorization": f"Bearer {service.admin_token}"}

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        headers = self.headers | {"Idempotency-Key": uuid4().hex}
        answered = httpx.post(f"{self.service.url}{path}", json=body, headers=headers, timeout=60)
        assert answered.is_success, answered.text
        return dict(answered.json()["data"])

    def quotes(self) -> list[str]:
        return [self.post(QUOTE, **a_basket())["quote_id"] for _ in range(_EACH)]

    def all_at_once(self, paths: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        with ThreadPoolExecutor(len(paths)) as threads:
            return list(threads.map(lambda each: self.post(each[0], **each[1]), paths))

    def accepted(self, quotes: list[str]) -> set[str]:
        return {each["quote_id"] for each in self.all_at_once([(f"/api/v1/quotes/{id}/accept", {}) for id in quotes])}

    def ordered(self, quotes: list[str]) -> set[str]:
        return {each["id"] for each in self.all_at_once([(ORDERS, {"quote_id": id}) for id in quotes])}

    def changed(self, orders: set[str], action: str) -> set[str]:
        return {each["id"] for each in self.all_at_once([(f"{ORDERS}/{id}/{action}", {}) for id in orders])}


@pytest.fixture(scope="module")
def sale(service: Served) -> Sale:
    return Sale(service)


class Wanting:
    """An endpoint whose deliveries are read in the database: nothing awaits a sender."""

    def __init__(self, service: Served, *event_types: str) -> None:
        self.service = service
        self.path = WEBHOOKS
        self.id = self.ask("POST", url="https://shop.example/", event_types=list(event_types))["id"]
        self.path = f"{WEBHOOKS}/{self.id}"

    def ask(self, method: str, **body: Any) -> Any:
        with self.service.admin() as admin:
            answered = admin.request(method, self.path, json=body or None)
        assert answered.is_success, answered.text
        return answered.json()["data"] if answered.content else None

    def subjects(self, event: str) -> set[str]:
        async def read(database: Any) -> set[str]:
            async with database.read() as connection:
                rows = await connection.fetch(
                    """SELECT subject FROM webhook_deliveries JOIN webhook_events ON id = event_id
                    WHERE endpoint_id = $1 AND type = $2""",
                    self.id,
                    event,
                )
            return {row["subject"] for row in rows}

        return in_database(self.service.database_url, read)


def test_the_first_endpoint_of_a_type_gets_all_that_follows_at_once(service: Served, sale: Sale) -> None:
    quotes = sale.quotes()
    endpoint = Wanting(service, "quote.accepted")
    accepted = sale.accepted(quotes)
    assert endpoint.subjects("quote.accepted") == accepted == set(quotes)

    quotes = sale.quotes()
    of_orders = Wanting(service, "order.*")
    placed = sale.ordered(quotes)
    assert of_orders.subjects("order.placed") == placed
    assert endpoint.subjects("quote.accepted") == accepted | set(quotes)
    gone = set(sorted(placed)[:3])
    assert of_orders.subjects("order.fulfilled") == of_orders.subjects("order.cancelled") == set()
    assert sale.changed(gone, "cancel") == of_orders.subjects("order.cancelled")
    assert sale.changed(placed - gone, "fulfil") == of_orders.subjects("order.fulfilled")
    for each in (endpoint, of_orders):
        each.ask("DELETE")


def test_changes_of_an_endpoint_count_at_once(service: Served, sale: Sale) -> None:
    endpoint = Wanting(service, "rate.created")
    unwanted, widened, disabled, enabled, narrowed, deleted = (sale.quotes() for _ in range(6))
    seen: set[str] = set()

    def after(change: dict[str, Any], quotes: list[str], *, is_wanted: bool) -> None:
        if change:
            endpoint.ask("PATCH", **change)
        seen.update(sale.accepted(quotes) if is_wanted else ())
        if not is_wanted:
            sale.accepted(quotes)
        assert endpoint.subjects("quote.accepted") == seen, change

    after({}, unwanted, is_wanted=False)
    after({"event_types": ["rate.created", "*"]}, widened, is_wanted=True)
    after({"is_enabled": False}, disabled, is_wanted=False)
    after({"is_enabled": True}, enabled, is_wanted=True)
    after({"event_types": ["order.placed"]}, narrowed, is_wanted=False)
    endpoint.ask("PATCH", event_types=["quote.*"])
    endpoint.ask("DELETE")
    after({}, deleted, is_wanted=False)


class Flow:
    """Quotes that are accepted, and orders placed, one after the other over several connections until it is stopped."""

    def __init__(self, service: Served, threads: int = 3) -> None:
        self._service = service
        self._stopped = threading.Event()
        #: When each was asked for, and when its answer was there.
        self.accepted: dict[str, tuple[float, float]] = {}
        self.placed: dict[str, tuple[float, float]] = {}
        self.failed: list[str] = []
        self._threads = [threading.Thread(target=self._sell) for _ in range(threads)]

    def __enter__(self) -> Flow:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _sell(self) -> None:
        with self._service.admin() as client:
            while not self._stopped.is_set():
                quotes = [self._post(client, QUOTE, a_basket())["quote_id"] for _ in range(2)]
                self._timed(client, self.accepted, "quote_id", f"/api/v1/quotes/{quotes[0]}/accept", {})
                self._timed(client, self.placed, "id", ORDERS, {"quote_id": quotes[1]})

    def _timed(
        self, client: httpx.Client, into: dict[str, tuple[float, float]], name: str, path: str, body: Any
    ) -> None:
        began = time.monotonic()
        subject = self._post(client, path, body)[name]
        into[subject] = (began, time.monotonic())

    def _post(self, client: httpx.Client, path: str, body: Any) -> dict[str, Any]:
        answered = client.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
        if not answered.is_success:
            self.failed.append(answered.text)
            self._stopped.set()
        return dict(answered.json()["data"])


def within(done: dict[str, tuple[float, float]], begin: float, end: float) -> set[str]:
    return {subject for subject, (began, ended) in list(done.items()) if begin < began and ended < end}


@pytest.mark.parametrize(("event", "flowing"), [("quote.accepted", "accepted"), ("order.placed", "placed")])
def test_nothing_that_was_asked_for_after_the_creation_is_lost_while_events_flow(
    service: Served, event: str, flowing: str
) -> None:
    seen = 0
    with Flow(service) as flow:
        for _ in range(_ROUNDS):
            endpoint = Wanting(service, event)
            created = time.monotonic()
            done: dict[str, tuple[float, float]] = getattr(flow, flowing)
            while not within(done, created, time.monotonic()) and not flow.failed:
                time.sleep(0.002)
            ends = time.monotonic()
            endpoint.ask("DELETE")
            wanted = within(done, created, ends)
            assert wanted <= endpoint.subjects(event)
            seen += len(wanted)
    assert flow.failed == []
    assert seen >= _ROUNDS
