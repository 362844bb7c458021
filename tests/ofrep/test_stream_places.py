"""Streams of the API have one cap over all of them, and a share of it that neither keys nor shoppers take."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.conftest import execute
from tests.fixtures.serve import Served, served, until
from tests.ofrep.server import EVENTS

SALES = "/api/v1/open-flash-sales/stream"
SIGNALS = "/api/v1/signals/stream"


@pytest.fixture(scope="module")
def small(
    server_folder: Path, postgres_server: PostgresServer, migrated_template: str, valkey_server: ValkeyServer
) -> Iterator[Served]:
    """A service with few places, behind a proxy."""
    database = f"test_{secrets.token_hex(6)}"
    execute(postgres_server, f"CREATE DATABASE {database} TEMPLATE {migrated_template}")
    with served(
        server_folder,
        postgres_server.url_of(database),
        valkey_server.url,
        trusted_proxies="127.0.0.1/32",
        api_streams=7,
        api_streams_others=5,
        page_streams_address=3,
    ) as started:
        yield started


@pytest.fixture(scope="module")
def key(small: Served) -> dict[str, str]:
    draft = {
        "name": "of browsers",
        "scopes": ["flags:evaluate", "reports:read", "competitors:write"],
        "rate_limit": None,
    }
    with small.admin() as admin:
        made = admin.post("/api/v1/api-keys", json=draft)
    headers = {"X-API-Key": made.json()["data"]["key"]}
    until(lambda: httpx.get(f"{small.url}{SIGNALS[:-7]}", headers=headers).status_code == 200, "the key is known")
    return headers


class Streams:
    """Streams that stay open until the test is over."""

    def __init__(self, stack: ExitStack, small: Served) -> None:
        self._stack = stack
        self._heard: list[Iterator[bytes]] = []
        self._client = stack.enter_context(httpx.Client(base_url=small.url, timeout=120))

    def open(self, path: str, headers: dict[str, str], address: str = "192.0.2.1") -> httpx.Response:
        """One more, or its refusal."""
        sent = {**headers, "X-Forwarded-For": address}
        answer = self._stack.enter_context(self._client.stream("GET", path, headers=sent))
        if answer.status_code == 200:
            self._heard.append(answer.iter_bytes())  # an iterator that goes closes its answer
            next(self._heard[-1])
        else:
            answer.read()
        return answer


@pytest.fixture
def streams(small: Served) -> Iterator[Streams]:
    with ExitStack() as stack:
        yield Streams(stack, small)


def test_neither_an_address_nor_all_keys_together_take_every_stream(
    small: Served, key: dict[str, str], streams: Streams
) -> None:
    person = {"Authorization": f"Bearer {small.admin_token}"}
    # One machine may use a whole network of IPv6.
    here = ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:1"]
    assert [streams.open(EVENTS, key, address).status_code for address in here] == [200] * 3
    refused = streams.open(EVENTS, key, "2001:db8::3")
    assert (refused.status_code, refused.json()["errorCode"], refused.headers["retry-after"]) == (429, "GENERAL", "10")
    # Elsewhere there is room, and other routes have the same places.
    assert streams.open(EVENTS, key, "192.0.2.1").status_code == 200
    assert streams.open(SIGNALS, key).status_code == 200
    for path in (EVENTS, SIGNALS):
        assert streams.open(path, key, "192.0.2.2").status_code == 503, path
    # What is kept for people is theirs, until that is used up too.
    assert [streams.open(path, person).status_code for path in (EVENTS, SALES)] == [200, 200]
    refused = streams.open(SIGNALS, person)
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/overloaded")


def test_a_stream_that_ends_gives_its_place_back(small: Served, key: dict[str, str]) -> None:
    def all_have_room() -> bool:
        with ExitStack() as stack:
            streams = Streams(stack, small)
            return [streams.open(EVENTS, key).status_code for _ in range(3)] == [200] * 3

    for _ in range(3):
        until(all_have_room, "the streams before have given their places back", small.started)
