"""The service in production's way, as many workers as a test wants, and keys and baskets to call it with."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from quote_service.identity.operations.keys.create_api_key import create_api_key
from quote_service.lab.embedded.ports import free_port
from quote_service.platform.callers.api_keys import ApiKeyDraft
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings.rate_limit import RateLimit
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from tests.fixtures.service import Started

PATIENCE_SECONDS = 120.0
STREET = "Gizli Sokak 17"


class Serving:
    """A service of its own; `log_lines` are the events it has written so far."""

    def __init__(self, started: Started, url: str, figures_url: str) -> None:
        self.started = started
        self.url = url
        self.figures_url = figures_url
        # A connection of its own for each request, so that the kernel may choose any worker. The request itself says so:
        # a pool that may keep none closes idle connections that another thread has just been given.
        self.http = httpx.Client(base_url=url, timeout=30, headers={"Connection": "close"})

    def is_ready(self) -> bool:
        try:
            return self.http.get("/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    def wait_for(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if self.started.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"not so: {what}\n{self.started.output()[-3000:]}")
            time.sleep(0.02)

    def starts(self) -> list[float]:
        """When each worker started, as far as they have said so."""
        return self._of_workers("process_start_time_seconds")

    def holds_rulebooks(self, workers: int) -> bool:
        """Whether so many workers have read the rulebook."""
        return sum(version > 0 for version in self._of_workers("quote_rulebook_version")) == workers

    def _of_workers(self, gauge: str) -> list[float]:
        lines = self.metrics().splitlines()
        return [float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(gauge + "{")]

    def worker_pids(self) -> list[int]:
        """The process of each worker, by the last log line about it."""
        pids = {line["worker"]: line["pid"] for line in self.log_lines("worker_process_started")}
        return [pids[worker] for worker in sorted(pids)]

    def log_lines(self, event: str) -> list[dict[str, Any]]:
        lines = [msgspec.json.decode(line) for line in self.started.output().splitlines() if line.endswith("}")]
        return [line for line in lines if line["event"] == event]

    def figure(self, series: str) -> float:
        """One figure of /metrics."""
        found = dict(line.rsplit(" ", 1) for line in self.metrics().splitlines() if not line.startswith("#"))
        return float(found[series])

    def metrics(self) -> str:
        return self.http.get(f"{self.figures_url}/metrics").raise_for_status().text

    def quote(self, key: str, body: bytes | None = None, *, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Ask for a quote."""
        sent = {"X-API-Key": key, "Content-Type": "application/json", **(headers or {})}
        return self.http.post("/api/v1/quote", content=body or basket(), headers=sent)


def basket() -> bytes:
    """A basket like no other, to an address that nobody must find in a log."""
    line = {"product_id": str(uuid4()), "quantity": 2, "unit_price": "10.50"}
    return msgspec.json.encode(
        {
            "customer_id": str(uuid4()),
            "seller_id": str(uuid4()),
            "items": [line],
            "delivery_address": {"city": "Ankara", "country": "TR", "street": STREET},
            "currency": "TRY",
        }
    )


@contextmanager
def serving(
    folder: Path, database_url: str, redis_url: str, *, workers: int = 1, settings: Mapping[str, str] | None = None
) -> Iterator[Serving]:
    """`quote-service serve`, ready, stopped at the end."""
    url, figures_url = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    started = Started(
        ["serve", "--workers", str(workers), "--port", url.rpartition(":")[2]],
        folder / f"serve-{secrets.token_hex(4)}.log",
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "QUOTE_JWT_KEYS": _key(),
            "QUOTE_SIGNING_KEYS": _key(),
            "QUOTE_RECEIPT_KEYS": _key(),
            "QUOTE_DRAIN_SECONDS": "0",
            "QUOTE_METRICS_PORT": figures_url.rpartition(":")[2],
            **(settings or {}),
        },
        forked=True,
    )
    running = Serving(started, url, figures_url)
    try:
        running.wait_for(running.is_ready, "the service is ready")
        running.wait_for(lambda: running.holds_rulebooks(workers), "every worker has the rulebook")
        yield running
    finally:
        running.http.close()
        if started.process.poll() is None:
            try:
                started.stop()
            finally:
                started.kill()


def new_key(database_url: str, limit: RateLimit | None = None) -> str:
    """The text of a new API key that may ask for quotes."""

    async def make() -> str:
        database = await Database.open(database_url)
        try:
            draft = ApiKeyDraft(name="test", scopes=["quote:write", "quote:read"], rate_limit=limit)
            async with database.transaction() as connection:
                return (
                    await create_api_key(Change.within(connection, change_by_system("test", now_us())), draft, "live")
                ).key
        finally:
            await database.close()

    return asyncio.run(make())


def ask_at_once(count: int, ask: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """So many requests, eight at a time."""
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(lambda _: ask(), range(count)))


def known(service: Serving, key: str) -> None:
    """Return when every worker knows the key: many in a row, on connections of their own, have been let in."""

    def is_known() -> bool:
        path = f"/api/v1/quotes/{uuid4()}"
        answers = ask_at_once(24, lambda: service.http.get(path, headers={"X-API-Key": key}))
        return all(answer.status_code not in (401, 503) for answer in answers)

    service.wait_for(is_known, "every worker knows the key")


def _key() -> str:
    return f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}"
