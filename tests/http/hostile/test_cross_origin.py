"""Browsers on pages of other origins: told the same whichever way an answer takes, and nobody who is not let in.

Source: docs/spec/access.md#headers; https://fetch.spec.whatwg.org/#http-cors-protocol.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from quote_service.platform.settings import Settings
from tests.fixtures.serve import QUOTE, Served, a_basket
from tests.http.hostile.fronts import ORIGIN, Front, Fronts
from tests.quotes.fast_path.wire import Connection

SALE = "/api/v1/flash-sales/01a20000-0000-7000-8000-000000000001/purchases"
STRANGERS = [
    *("https://evil.example", "https://shop.example.evil.example", "https://evil-shop.example", "http://shop.example"),
    *("https://shop.example:444", "https://shop.example/", "null", "https://SHOP.example", ORIGIN + ", " + ORIGIN),
]


@pytest.fixture(scope="module")
def fast(fronts: Fronts) -> Served:
    return fronts["CORS"]


@pytest.fixture(scope="module")
def both(fronts: Fronts) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """A checkout of a service with the fast path, and of one without."""
    with fronts["CORS"].checkout() as fast, fronts["CORS, fast path off"].checkout() as ordinary:
        yield fast, ordinary


def shown(answer: httpx.Response) -> dict[str, str]:
    """What browsers go by, and what caches do; that the document is compressed for who asks is nothing of an origin's."""
    found = {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}
    vary = [name for name in answer.headers.get("vary", "").split(", ") if name not in ("", "Accept-Encoding")]
    return found | ({"vary": ", ".join(vary)} if vary else {})


def ask(client: httpx.Client, kind: str, origin: str | None) -> httpx.Response:
    headers = {} if origin is None else {"Origin": origin}
    if kind == "no basket":
        return client.post(QUOTE, json={}, headers=headers)
    if kind == "no JSON":
        return client.post(QUOTE, content=b"{", headers={**headers, "Content-Type": "application/json"})
    if kind == "no credentials":
        return httpx.post(client.base_url.join(QUOTE), json={}, headers=headers, timeout=30)
    if kind == "too large":
        return client.post(QUOTE, content=b"x" * (Settings().body_limit_bytes + 1), headers=headers)
    if kind == "purchase":
        return client.post(SALE, json={"quantity": 1}, headers={**headers, "Idempotency-Key": str(uuid4())})
    path = {"read": "/health/live", "missing": "/nowhere", "document": "/docs/openapi.json"}.get(kind)
    return client.get(path, headers=headers) if path else client.post(QUOTE, json=a_basket(), headers=headers)


KINDS = ["quote", "no basket", "no JSON", "no credentials", "too large", "purchase", "read", "missing", "document"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_says_the_same_on_both_ways(both: tuple[httpx.Client, httpx.Client], kind: str) -> None:
    for origin in (None, ORIGIN, *STRANGERS):
        fast, ordinary = (ask(client, kind, origin) for client in both)
        assert fast.status_code == ordinary.status_code
        if origin == ORIGIN:
            expected = {"access-control-allow-origin": ORIGIN, "vary": "Origin"}
            exposed = shown(fast)["access-control-expose-headers"].split(", ")
            assert {"ETag", "Location", "X-Request-ID", "Retry-After", "RateLimit"} <= set(exposed)
            expected["access-control-expose-headers"] = ", ".join(exposed)
        else:
            expected = {"vary": "Origin"}
        assert shown(fast) == shown(ordinary) == expected, (origin, fast.headers)


def test_quotes_of_browsers_take_the_fast_path(fronts: Fronts) -> None:
    """It alone hangs up on a body that announces too much, instead of reading on."""
    fields = f"Origin: {ORIGIN}\r\nContent-Length: {Settings().body_limit_bytes + 1}\r\n\r\n".encode()
    for name, is_fast in (("CORS", True), ("CORS, fast path off", False)):
        front = Front(fronts[name], f"POST {QUOTE}")
        with front.connect() as connection:
            answer = connection.send(front.begin + fields).answer()
            assert (answer.status, answer.closes) == (413, is_fast)
            assert answer.headers[b"access-control-allow-origin"] == ORIGIN.encode()


def test_a_body_that_is_late_is_reported_of_with_cors(fast: Served) -> None:
    with Connection(fast.port) as connection:
        head = f"POST {QUOTE} HTTP/1.1\r\nHost: x\r\nOrigin: {ORIGIN}\r\nContent-Length: 9\r\n\r\n"
        answer = connection.send(head.encode()).answer()
        assert (answer.status, answer.headers[b"access-control-allow-origin"]) == (504, ORIGIN.encode())


@pytest.mark.parametrize("path", [QUOTE, SALE, "/api/v1/commission-rates", "/nowhere"])
def test_preflights_let_one_origin_in(both: tuple[httpx.Client, httpx.Client], path: str) -> None:
    names = "authorization, content-type, idempotency-key, x-api-key"
    headers = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": names}
    for client in both:
        answer = client.options(path, headers={"Origin": ORIGIN, **headers})
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-headers"] == names
        assert "POST" in answer.headers["access-control-allow-methods"].split(", ")
        assert int(answer.headers["access-control-max-age"]) > 0
        assert "access-control-allow-credentials" not in answer.headers
        for stranger in STRANGERS:
            refused = client.options(path, headers={"Origin": stranger, **headers})
            assert shown(refused) == {"vary": "Origin"}


@pytest.mark.parametrize("names", ["x" * 5000, "a\tb;c", "<script>", "é"])
def test_odd_names_of_headers_are_not_allowed(fast: Served, names: str) -> None:
    headers = {b"Access-Control-Request-Headers": names.encode(), b"Access-Control-Request-Method": b"POST"}
    answer = httpx.options(fast.url + QUOTE, headers={b"Origin": ORIGIN.encode(), **headers}, timeout=30)
    assert (answer.status_code, "access-control-allow-headers" in answer.headers) == (204, False)


def test_where_nothing_is_configured_nothing_is_said(fronts: Fronts) -> None:
    with fronts["fast path"].checkout() as client:
        for kind in KINDS:
            assert shown(ask(client, kind, ORIGIN)) == {}
