"""`quote-service serve`: several workers, one that dies, and stopping without losing a request.

Source: docs/spec/operations.md#production; docs/spec/operations.md#stopping.
"""

import base64
import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from quote_service.lab.embedded.ports import free_port
from tests.fixtures.service import Started

pytestmark = [
    pytest.mark.second_try("kills workers while they answer"),
    pytest.mark.long("starts whole services, puts them under load and stops them"),
]

PATIENCE_SECONDS = 120.0


def _key() -> str:
    return f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}"


class Served:
    """A service in production's way, on a database of its own."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, workers: int) -> None:
        self.url, self.figures_url = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.started = Started(
            ["serve", "--workers", str(workers), "--port", self.url.rpartition(":")[2]],
            folder / f"serve-{secrets.token_hex(4)}.log",
            {
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "QUOTE_JWT_KEYS": _key(),
                "QUOTE_SIGNING_KEYS": _key(),
                "QUOTE_RECEIPT_KEYS": _key(),
                "QUOTE_DRAIN_SECONDS": "0.5",
                "QUOTE_METRICS_PORT": self.figures_url.rpartition(":")[2],
            },
        )

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def wait_until_ready(self) -> None:
        _wait_for(self.is_ready, self.started)

    def worker_pids(self) -> list[int]:
        """The process of each worker, by the last log line about it."""
        pids = {}
        for line in self.started.output().splitlines():
            event = msgspec.json.decode(line) if line.endswith("}") else {}
            if event.get("event") == "worker_process_started":
                pids[event["worker"]] = event["pid"]
        return [pids[worker] for worker in sorted(pids)]


def _wait_for(holds, started: Started) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if started.process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(started.output())
        time.sleep(0.02)


@pytest.fixture(params=[1, 2], ids=["one worker", "two workers"])
def served(request: pytest.FixtureRequest, server_folder: Path, database_url: str, redis_url: str) -> Iterator[Served]:
    running = Served(server_folder, database_url, redis_url, request.param)
    running.wait_until_ready()
    yield running
    if running.started.process.poll() is None:
        running.started.kill()


def test_it_answers_and_stops_in_order(served: Served) -> None:
    assert httpx.get(f"{served.url}/health/live").json() == {"status": "alive"}
    assert "server" not in httpx.get(f"{served.url}/health/live").headers
    assert served.started.stop() == 0
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{served.url}/health/live")
    assert "Traceback" not in served.started.output()


def test_while_it_drains_it_is_not_ready_and_answers_all_the_same(served: Served) -> None:
    with httpx.Client(base_url=served.url, timeout=10) as client:
        assert client.get("/health/ready").status_code == 200
        served.started.process.terminate()
        seen = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                response = client.get("/health/ready")
            except httpx.TransportError:
                break
            seen.append((response.status_code, response.headers.get("connection")))
    assert (503, "close") in seen
    assert served.started.process.wait(PATIENCE_SECONDS) == 0


def test_no_request_is_lost_when_it_stops_under_load(served: Served) -> None:
    """Every request is answered, up to the answer that says that its connection ends; load balancers go by that."""
    broken: list[str] = []
    answered = [0] * 8

    def ask(place: int) -> None:
        with httpx.Client(base_url=served.url, timeout=30) as client:
            while True:
                try:
                    response = client.get("/docs/openapi.json").raise_for_status()
                except httpx.HTTPError as failure:
                    broken.append(repr(failure))
                    return
                answered[place] += 1
                if response.headers.get("connection") == "close":
                    return

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(answered))]
    for thread in threads:
        thread.start()
    _wait_for(lambda: min(answered) > 3, served.started)
    assert served.started.stop() == 0
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert broken == []


def test_a_worker_that_dies_is_replaced(server_folder: Path, database_url: str, redis_url: str) -> None:
    served = Served(server_folder, database_url, redis_url, 2)
    try:
        served.wait_until_ready()
        killed, left = served.worker_pids()
        os.kill(killed, signal.SIGKILL)
        _wait_for(lambda: killed not in served.worker_pids(), served.started)
        assert left in served.worker_pids()
        served.wait_until_ready()
        assert httpx.get(f"{served.figures_url}/metrics").status_code == 200
        assert served.started.stop() == 0
    finally:
        if served.started.process.poll() is None:
            served.started.kill()


def test_workers_end_with_the_process_that_started_them(server_folder: Path, database_url: str, redis_url: str) -> None:
    served = Served(server_folder, database_url, redis_url, 2)
    try:
        served.wait_until_ready()
    finally:
        served.started.kill()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while served.is_ready():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_starts_without_its_database_and_says_that_it_is_not_ready(server_folder: Path, redis_url: str) -> None:
    served = Served(server_folder, f"postgresql://nobody@127.0.0.1:{free_port()}/none", redis_url, 1)
    try:
        _wait_for(lambda: _status(f"{served.url}/health/live") == 200, served.started)
        response = httpx.get(f"{served.url}/health/ready")
        assert response.status_code == 503
        assert response.headers["retry-after"] == "1"
        assert response.json()["status"] == "not_ready"
        details = httpx.get(f"{served.figures_url}/health/ready").json()
        assert details["dependencies"]["postgres"]["is_up"] is False
        assert served.started.stop() == 0
    finally:
        if served.started.process.poll() is None:
            served.started.kill()


def _status(url: str) -> int:
    try:
        return httpx.get(url, timeout=5).status_code
    except httpx.TransportError:
        return 0
