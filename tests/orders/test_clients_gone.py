"""Requests whose clients gave up while their worker stood still. Source: docs/spec/wire.md#clients-that-have-gone."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.fixtures.serve import PATIENCE_SECONDS, Served, served, until
from tests.fixtures.service import Service
from tests.orders.market import ORDERS, Market
from tests.quotes.lifecycle.shop import code_of

pytestmark = pytest.mark.second_try("freezes workers while clients wait")

SCOPES = ["quote:read", "quote:write", "order:write", "catalog:write"]


class TwoWorkers:
    """Two processes on one database: one that is stopped, and one that goes on; `market` asks the second."""

    def __init__(self, stopped: Served, other: Served) -> None:
        self.stopped = stopped
        admin = other.admin()
        made = admin.post("/api/v1/api-keys", json={"name": "checkout", "scopes": SCOPES, "rate_limit": None})
        assert made.status_code == 201, made.text
        self.headers = {"X-API-Key": made.json()["data"]["key"]}
        for each in (stopped, other):
            client = httpx.Client(base_url=each.url, headers=self.headers, timeout=PATIENCE_SECONDS)
            until(partial(self._is_known, client), "the key is known", each.started)
        self.market = Market(client, admin, other.database_url)

    @staticmethod
    def _is_known(client: httpx.Client) -> bool:
        return client.get(ORDERS).status_code == 200

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Within this the first worker stands still; after it all that it was sent has been answered."""
        os.kill(self.stopped.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.stopped.pid, signal.SIGCONT)

    def send(self, path: str, body: Any, key: str, *, resets: bool = False) -> None:
        """Send a request to the first worker, and give up."""
        with self.sent(path, body, key) as connection:
            if resets:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    @contextmanager
    def sent(self, path: str, body: Any, key: str) -> Iterator[socket.socket]:
        """The connection of a request to the first worker, which gives up at the end."""
        content = json.dumps(body).encode()
        lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
        named = {**self.headers, "Idempotency-Key": key, "Content-Length": str(len(content))}
        head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in named.items())])
        with socket.create_connection(("127.0.0.1", self.stopped.port)) as connection:
            connection.sendall(head.encode() + b"\r\n\r\n" + content)
            yield connection

    def ended(self, path: str) -> int:
        """How many requests for a path the first worker has ended because nobody waited."""
        lines = self.stopped.started.output().splitlines()
        reported = [json.loads(line) for line in lines if '"event":"request"' in line.replace(" ", "")]
        return sum(each["path"] == path and each["status"] == 499 for each in reported)


@pytest.fixture(scope="module")
def workers(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoWorkers]:
    folder: Path = tmp_path_factory.mktemp("clients-gone")
    with (
        served(folder, service.database_url, service.redis_url, log_level="info") as stopped,
        served(folder, service.database_url, service.redis_url) as other,
    ):
        yield TwoWorkers(stopped, other)


@pytest.mark.parametrize("resets", [False, True])
def test_a_key_that_was_refused_never_becomes_an_order(workers: TwoWorkers, resets: bool) -> None:
    market, key = workers.market, uuid4().hex
    product = market.a_product(units=0)
    wanted = {"quote_id": market.quote(items=[{"product_id": product, "quantity": 1}])["quote_id"]}
    ended = workers.ended(ORDERS)
    with workers.standing_still():
        workers.send(ORDERS, wanted, key, resets=resets)
        refused = market.order(key, **wanted)
        assert (refused.status_code, code_of(refused)) == (409, "out-of-stock")
        stock = market.admin.put(f"/api/v1/inventory/{product}", json={"quantity": 1})
        assert stock.status_code == 200
    until(lambda: workers.ended(ORDERS) > ended, "the first worker ends the order", workers.stopped.started)
    assert market.units(product) == 1
    again = market.order(key, **wanted)
    assert (again.status_code, again.content) == (409, refused.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["content-type"] == refused.headers["content-type"] == "application/problem+json"
    # The state of the world has changed, and another key asks the world.
    assert market.order(**wanted).status_code == 201


def test_nothing_is_begun_for_a_client_that_has_gone(workers: TwoWorkers) -> None:
    market = workers.market
    product = market.a_product(units=5)
    quote_id = market.quote(items=[{"product_id": product, "quantity": 1}])["quote_id"]
    name = uuid4().hex
    sent: list[tuple[str, Any]] = [
        (ORDERS, market.basket()),
        (f"/api/v1/quotes/{quote_id}/accept", {}),
        (f"/api/v1/quotes/{quote_id}/reserve", {"hold_seconds": 60}),
        ("/api/v1/sellers", {"name": name}),
    ]
    before = [workers.ended(path) for path, _ in sent]
    with workers.standing_still():
        for path, body in sent:
            workers.send(path, body, uuid4().hex)
    for (path, _), ended in zip(sent, before, strict=True):
        until(partial(lambda path, ended: workers.ended(path) > ended, path, ended), path, workers.stopped.started)
    assert market.units(product) == 5
    assert market.rows("SELECT 1 FROM accepted_quotes WHERE quote_id = $1", quote_id) == []
    assert market.rows("SELECT 1 FROM inventory WHERE product_id = $1 AND reserved > 0", product) == []
    assert market.rows("SELECT 1 FROM sellers WHERE name = $1", name) == []


def test_what_has_begun_is_brought_to_its_end(workers: TwoWorkers) -> None:
    """The client leaves while the order waits for a row that somebody else holds."""
    market, key = workers.market, uuid4().hex
    product = market.a_product(units=1)
    wanted = {"quote_id": market.quote(items=[{"product_id": product, "quantity": 1}])["quote_id"]}
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND state = 'active'"

    async def meet() -> None:
        # Two: what is active is seen as it was when a transaction first looked.
        holder, looker = [await asyncpg.connect(market.database_url) for _ in range(2)]
        try:
            async with holder.transaction():
                await holder.execute("SELECT 1 FROM inventory WHERE product_id = $1 FOR UPDATE", product)
                with workers.sent(ORDERS, wanted, key):
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        while not await looker.fetch(waiting):
                            pass
        finally:
            await holder.close()
            await looker.close()

    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, meet()).result()
    found = "SELECT 1 FROM orders WHERE quote_id = $1"
    until(lambda: bool(market.rows(found, wanted["quote_id"])), "the order is placed", workers.stopped.started)
    again = market.order(key, **wanted)
    assert (again.status_code, again.headers.get("idempotent-replayed")) == (201, "true")
    assert market.units(product) == 0
