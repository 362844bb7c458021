"""Requests that differ in their head alone, one after the other on one connection: each is judged by its own head.

Source: docs/spec/access.md#bounds-on-requests; docs/spec/wire.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from quote_service.platform.documents.documents import write_document
from quote_service.quotes.routes.quote_examples import BASKET_EXAMPLE
from tests.fixtures.serve import until
from tests.fixtures.service import Service
from tests.quotes.fast_path.wire import Answer, Connection, request

BODY = write_document(BASKET_EXAMPLE)


@pytest.fixture
def connection(service: Service) -> Iterator[Connection]:
    port = urlsplit(service.url).port
    assert port is not None
    with Connection(port) as opened:
        yield opened


def ask(connection: Connection, key: str, **headers: str) -> Answer:
    named = {"Content-Type": "application/json", "X-API-Key": key, **headers}
    return connection.send(request(BODY, headers=named)).answer()


def test_each_key_is_looked_at(connection: Connection, service: Service) -> None:
    good = service.api_key
    bad = good[:-1] + ("a" if good[-1] != "a" else "b")
    assert [ask(connection, key).status for key in (good, good, bad, good, bad, bad, good)] == [
        200, 200, 401, 200, 401, 401, 200,
    ]  # fmt: skip


def test_a_revoked_key_ends_on_a_connection_that_knows_it(connection: Connection, admin: httpx.Client) -> None:
    made = admin.post("/api/v1/api-keys", json={"name": f"connection {uuid4().hex[:8]}", "scopes": ["quote:write"]})
    assert made.status_code == 201, made.text
    key, key_id = made.json()["data"]["key"], made.json()["data"]["id"]
    until(lambda: ask(connection, key).status == 200, "the key is known")
    assert ask(connection, key).status == 200
    assert admin.delete(f"/api/v1/api-keys/{key_id}").status_code in (200, 204)
    until(lambda: ask(connection, key).status == 401, "the key has ended")


def test_each_request_id_and_media_type_is_its_own(connection: Connection, service: Service) -> None:
    key = service.api_key
    ids = [ask(connection, key, **{"X-Request-ID": f"mine-{number}"}).headers[b"x-request-id"] for number in range(6)]
    assert ids == [b"mine-%d" % number for number in range(6)]
    first, second = (ask(connection, key).headers[b"x-request-id"] for _ in range(2))
    assert first != second
    assert ask(connection, key, **{"Content-Type": "text/plain; charset="}).status == 415
    assert ask(connection, key, **{"Content-Encoding": "gzip"}).status == 415
    assert ask(connection, key).status == 200


def test_each_cache_control_is_its_own(connection: Connection, service: Service) -> None:
    kept = [ask(connection, service.api_key).body for _ in range(2)]
    fresh = ask(connection, service.api_key, **{"Cache-Control": "no-cache"}).body
    assert b'"cache":"local"' in kept[1]
    assert b'"cache":"miss"' in fresh
    assert b'"cache":"local"' in ask(connection, service.api_key).body
