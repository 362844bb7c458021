"""Started services by how their fast path stands, and the routes that are attacked on each."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.conftest import execute
from tests.fixtures.serve import Served, a_basket, served
from tests.quotes.fast_path.wire import Answer, Connection

# Slow senders are cut after this: long for the others, though the machine be busy.
ARRIVAL_SECONDS = 5
ORIGIN = "https://shop.example"
SETTINGS: dict[str, dict[str, Any]] = {
    "fast path": {},
    "fast path off": {"fast_path": "off"},
    "CORS": {"cors_origins": ORIGIN, "public_url": "https://prices.example"},
    "CORS, fast path off": {"cors_origins": ORIGIN, "fast_path": "off"},
}
ROUTES = {
    "quote": "POST /api/v1/quote",
    "ordinary": "POST /api/v1/commission-rates",
    "unread body": "GET /health/live",
}
# Behind CORS the quote alone goes a way of its own.
FRONTS = [
    (name, route) for name in SETTINGS for route in ROUTES if "CORS" not in name or (name, route) == ("CORS", "quote")
]
MARKER = "behind-it-all"


class Front(NamedTuple):
    """One route of one service."""

    service: Served
    route: str

    @property
    def begin(self) -> bytes:
        """The request line and what every request to this route needs."""
        credential = (
            f"X-API-Key: {self.service.api_key}"
            if self.route.endswith("quote")
            else f"Authorization: Bearer {self.service.admin_token}"
        )
        return (
            f"{self.route} HTTP/1.1\r\nHost: localhost\r\n{credential}\r\nContent-Type: application/json\r\n".encode()
        )

    @property
    def good(self) -> bytes:
        """A request that is answered, and that a connection on the fast path learns."""
        body = msgspec.json.encode(a_basket()) if self.route.endswith("quote") else b"{}"
        return self.begin + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)

    @property
    def last(self) -> bytes:
        """A request that is answered with `MARKER`, and then the connection ends."""
        return f"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-ID: {MARKER}\r\nConnection: close\r\n\r\n".encode()

    def written(self, text: bytes) -> bytes:
        """A shape with what an attacker would know put in."""
        return text.replace(b"{token}", self.service.admin_token.encode())

    def connect(self) -> Connection:
        return Connection(self.service.port)

    def has_read(self) -> None:
        """Return when what was sent before on other connections has been read."""
        with self.connect() as other:
            for _ in range(2):
                assert other.send(self.good).answer().status < 500


def id_of(answer: Answer) -> bytes:
    return answer.headers[b"x-request-id"]


def assert_refused(connection: Connection, status: int = 400) -> None:
    """The next answer is a problem, and the last one."""
    answer = connection.answer()
    assert (answer.status, answer.closes) == (status, True), answer
    assert answer.headers[b"content-type"] == b"application/problem+json"
    assert answer.headers[b"x-content-type-options"] == b"nosniff"
    assert json.loads(answer.body)["status"] == status
    assert connection.ends()


def after(connection: Connection) -> Connection:
    """The connection, when its next answer has been read."""
    assert connection.answer().status < 500
    return connection


class Fronts:
    """Starts each service when it is first asked for."""

    def __init__(self, folder: Path, postgres: PostgresServer, template: str, redis_url: str) -> None:
        self._folder = folder
        self._postgres = postgres
        self._template = template
        self._redis_url = redis_url
        self._running: dict[str, Iterator[Served]] = {}
        self._services: dict[str, Served] = {}

    def __getitem__(self, name: str) -> Served:
        if name not in self._services:
            self._running[name] = self._run(name)
            self._services[name] = next(self._running[name])
        return self._services[name]

    def stop(self) -> None:
        for each in self._running.values():
            next(each, None)

    def _run(self, name: str) -> Iterator[Served]:
        database = f"test_{secrets.token_hex(6)}"
        execute(self._postgres, f"CREATE DATABASE {database} TEMPLATE {self._template}")
        settings = {"arrival_seconds": ARRIVAL_SECONDS, **SETTINGS[name]}
        with served(self._folder, self._postgres.url_of(database), self._redis_url, **settings) as started:
            yield started
            output = started.started.output()
            assert not [
                line for line in output.splitlines() if '"request_failed"' in line or "hot handler failed" in line
            ]


@pytest.fixture(scope="package")
def fronts(
    server_folder: Path, postgres_server: PostgresServer, migrated_template: str, valkey_server: ValkeyServer
) -> Iterator[Fronts]:
    started = Fronts(server_folder, postgres_server, migrated_template, valkey_server.url)
    yield started
    started.stop()


@pytest.fixture(params=FRONTS, ids=lambda pair: f"{pair[1]}, {pair[0]}")
def front(request: pytest.FixtureRequest, fronts: Fronts) -> Front:
    """Every route of every service."""
    name, route = request.param
    return Front(fronts[name], ROUTES[route])
