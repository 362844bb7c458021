"""No input costs the service more processor time than its length: four times as much of it costs at most some six times as much.

Processor time and not time: others may use the machine. Of several measurements of the longer one the least counts, and a few
milliseconds are nobody's harm, so a pair is measured again only while it looks too expensive.

Source: docs/spec/access.md#bounds-on-requests; CWE-407.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from statistics import median_high
from typing import Any

import httpx
import pytest
from litestar._multipart import parse_multipart_form
from litestar.exceptions import HTTPException

from quote_service.platform.callers.devices import device_of
from quote_service.platform.http.etags import read_if_match
from quote_service.platform.http.request_bodies import SMALL_BODY_BYTES_MAX
from quote_service.platform.http.request_ids import trace_parent_of_headers
from quote_service.platform.outbound.urls import read_target
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.rulebook.commission_rates.routes.import_rows import rows_of_csv, rows_of_json
from quote_service.selling.flash_sales.routes.purchases import wait_seconds_of
from quote_service.steering.rulebook_files.model.yaml_text import read_yaml
from quote_service.web.routes.cookies import cookie_value
from quote_service.web.routes.page import read_form
from tests.fixtures.serve import Served, until
from tests.http.hostile.costly_inputs import (
    BODIES,
    BODY_BYTES,
    FORMS,
    HEADER_BYTES,
    HEADERS,
    QUERIES,
    QUERY_BYTES,
    VALUES,
    Make,
    basket,
    header_value,
    json_body,
)
from tests.quotes.fast_path.wire import Connection

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the clock of another process is Linux's"),
    pytest.mark.long("measures the processor time of long inputs, and again while it looks too expensive"),
]

LONGER = 4
DEARER = 6.0
HARMLESS_SECONDS = 0.005
TRIES = 6

Cost = Callable[[bytes], float]


def assert_linear(cost: Cost, make: Make, length: int, what: str) -> None:
    """Hold an input of this length against one of a quarter of it."""
    short, long = make(length // LONGER), make(length)
    usual: list[float] = []
    most = float("inf")
    for _ in range(TRIES):
        usual.append(cost(short))
        most = min(most, cost(long))
        if most <= DEARER * median_high(usual) + HARMLESS_SECONDS:
            return
    reported = f"{len(short)} bytes cost {median_high(usual) * 1000:.1f} ms, {len(long)} bytes {most * 1000:.1f} ms"
    pytest.fail(f"{what}: {reported}")


def cost_of(running: Served) -> Cost:
    """The processor time of the service for one request.

    The clock of a process that is still running may lag by a tick, within what is harmless here.
    """
    clock = ~running.pid << 3 | 2  # as clock_getcpuclockid(3) makes it
    assert time.clock_gettime_ns(clock) > 0

    def cost(sent: bytes) -> float:
        with Connection(running.port) as connection:
            before = time.clock_gettime_ns(clock)
            answer = connection.send(sent).answer()
            used = time.clock_gettime_ns(clock) - before
        assert answer.status < 500, (answer.status, answer.body[:200])
        return used / 1e9

    return cost


def request(line: str, *fields: str, body: bytes = b"") -> bytes:
    lines = "".join(f"{field}\r\n" for field in fields)
    return f"{line} HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize("kind", VALUES)
def test_headers(running: Served, kind: str) -> None:
    """On a page, on a list of the API, and on the quote."""
    make, cost = header_value(kind), cost_of(running)
    quote = b'{"items":[]}'
    fronts = [
        ("GET /sign-in", (), b""),
        ("GET /api/v1/commission-rates?limit=1", (f"Authorization: Bearer {running.admin_token}",), b""),
        ("POST /api/v1/quote", (f"X-API-Key: {running.api_key}", "Content-Type: application/json"), quote),
    ]
    for line, fields, body in fronts:
        for name in HEADERS:

            def with_header(
                length: int, line: str = line, fields: Any = fields, body: bytes = body, name: str = name
            ) -> bytes:
                own = [field for field in fields if not field.startswith(f"{name}:")]
                head, end, rest = request(line, *own, body=body).partition(b"\r\n\r\n")
                return head + f"\r\n{name}: ".encode() + make(length) + end + rest

            assert_linear(cost, with_header, HEADER_BYTES, f"{name} of {kind}, {line}")


@pytest.mark.parametrize("kind", QUERIES)
def test_queries(running: Served, kind: str) -> None:
    (begin, fill), cost = QUERIES[kind], cost_of(running)
    admin = f"Authorization: Bearer {running.admin_token}"
    for path in (
        "/api/v1/commission-rates",
        "/api/v1/products",
        "/sign-in",
        "/docs",
        "/store",
        "/sign-in/provider/return",
    ):

        def with_query(length: int, path: str = path) -> bytes:
            query = begin + fill * (length // len(fill))
            return request(f"GET {path}?{query}", admin)

        assert_linear(cost, with_query, QUERY_BYTES, f"a query of {kind}, {path}")


@pytest.mark.parametrize("kind", ["a", "%", "%41", "/", "%2f", "..", "%00", "{"])
def test_paths(running: Served, kind: str) -> None:
    for begin in ("/", "/admin/", "/api/v1/users/", "/assets/", "/problems/"):
        assert_linear(
            cost_of(running),
            lambda length, begin=begin: request(f"GET {begin}{kind * (length // len(kind))}"),  # type: ignore[misc]
            QUERY_BYTES,
            f"a path of {kind}",
        )


@pytest.mark.parametrize("kind", BODIES)
def test_bodies(running: Served, kind: str) -> None:
    cost = cost_of(running)
    key, admin = f"X-API-Key: {running.api_key}", f"Authorization: Bearer {running.admin_token}"
    rate: dict[str, object] = {"commission_type": "PERCENTAGE", "rate": 1}
    person: dict[str, object] = {"email": "ada@example.com", "password": "x" * 20}
    as_json = "Content-Type: application/json"
    routes: list[tuple[str, tuple[str, ...], dict[str, object], int]] = [
        ("POST /api/v1/quote", (key,), basket(), BODY_BYTES),
        ("POST /api/v1/quote", (key, "Prefer: handling=strict"), basket(), BODY_BYTES),
        ("POST /api/v1/quote/simulate", (admin,), basket(), BODY_BYTES),
        ("POST /api/v1/commission-rates", (admin,), rate, BODY_BYTES),
        ("POST /api/v1/commission-rates/import", (admin, "Idempotency-Key: one"), rate, BODY_BYTES),
        ("POST /api/v1/orders", (key,), basket(), BODY_BYTES),
        ("POST /api/v1/customers", (admin,), {"email": "ada@example.com"}, BODY_BYTES),
        ("POST /api/v1/observations", (admin,), {"observations": []}, BODY_BYTES),
        ("POST /api/v1/price-policies/import", (admin,), {"policies": []}, BODY_BYTES),
        ("POST /api/v1/products", (admin,), {"sku": "a", "name": "a"}, BODY_BYTES),
        ("POST /api/v1/auth/login", (), person, SMALL_BODY_BYTES_MAX - 200),
    ]
    for line, fields, around, length in routes:
        make = json_body(kind, around)
        assert_linear(
            cost,
            lambda size, line=line, fields=fields, make=make: request(line, as_json, *fields, body=make(size)),  # type: ignore[misc]
            length,
            f"a body of {kind}, {line}",
        )


@pytest.mark.parametrize(
    "path", ["/api/v1/auth/login", "/api/v1/auth/refresh", "/sign-in", "/reset-password", "/store/place"]
)
def test_what_is_sent_without_credentials_is_short(running: Served, path: str) -> None:
    is_api = path.startswith("/api")
    kind = "Content-Type: application/" + ("json" if is_api else "x-www-form-urlencoded")
    for size, is_refused in ((SMALL_BODY_BYTES_MAX + 1, True), (SMALL_BODY_BYTES_MAX, False), (1 << 20, True)):
        with Connection(running.port) as connection:
            answer = connection.send(request(f"POST {path}", kind, body=b"%" * size)).answer()
        assert (answer.status == 413) == is_refused, (size, answer.status)
        assert answer.status < 500


@pytest.mark.parametrize("kind", FORMS)
def test_forms(running: Served, kind: str) -> None:
    fill = FORMS[kind]
    urlencoded = "Content-Type: application/x-www-form-urlencoded"
    assert_linear(
        cost_of(running),
        lambda length: request("POST /sign-in", urlencoded, body=fill * (length // len(fill))),
        SMALL_BODY_BYTES_MAX,
        f"a form of {kind}",
    )
    # Forms of people who work here are longer.
    assert_linear(cost_here(read_form), lambda length: fill * (length // len(fill)), 1 << 20, f"a long form of {kind}")


UPLOADS: dict[str, tuple[Callable[[bytes], Any], Make]] = {
    "CSV of cells": (rows_of_csv, lambda length: b"rate,region\r\n" + b"," * length),
    "CSV of rows": (rows_of_csv, lambda length: b"rate,region\r\n" + b"1,TR\r\n" * (length // 6)),
    "CSV of quotes": (rows_of_csv, lambda length: b'rate,region\r\n"' + b'""' * (length // 2)),
    "CSV of a long header": (rows_of_csv, lambda length: b"a," * (length // 2)),
    "JSON of rows": (rows_of_json, lambda length: b"[" + b"{}," * (length // 3) + b"{}]"),
    "YAML of keys": (
        lambda body: read_yaml(body.decode()),
        lambda length: b"".join(b"k%d: 1\n" % number for number in range(length // 400)),
    ),
    "YAML of depth": (lambda body: read_yaml(body.decode()), lambda length: b"[" * (length // 64)),
    "YAML of anchors": (
        lambda body: read_yaml(body.decode()),
        lambda length: b"a: &a [1]\n" + b"".join(b"b%d: [*a, *a]\n" % number for number in range(length // 400)),
    ),
    "YAML of blanks": (lambda body: read_yaml(body.decode()), lambda length: b"a:" + b" " * length + b"1"),
}


@pytest.mark.parametrize("kind", UPLOADS)
def test_uploads(kind: str) -> None:
    read, make = UPLOADS[kind]
    assert_linear(cost_here(read), make, BODY_BYTES, kind)


@pytest.mark.parametrize(
    "fill",
    [
        b"--x\r\n",
        b"\r\n--x\r\n\r\n",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n",
        b"\r\n",
        b"-",
        b"\r\n--",
        b"a",
    ],
    ids=repr,
)
def test_multipart(fill: bytes) -> None:
    def read(body: bytes) -> None:
        async def parts() -> AsyncGenerator[bytes, None]:
            for start in range(0, len(body), 65_536):
                yield body[start : start + 65_536]

        async def run() -> None:
            await parse_multipart_form(stream=parts(), boundary=b"x")

        asyncio.run(run())

    begin = b"--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n"
    assert_linear(cost_here(read), lambda length: begin + fill * (length // len(fill)), 1 << 20, f"parts of {fill!r}")


WORDS: dict[str, Callable[[str], Any]] = {
    "a cookie": lambda text: cookie_value(text[:8192], "a"),
    "tags": read_if_match,
    "a wait": wait_seconds_of,
    "a device": device_of,
    "a trace": lambda text: trace_parent_of_headers([(b"traceparent", text.encode("latin-1"))]),
    "a URL": lambda text: read_target(f"https://{text}"),
}


@pytest.mark.parametrize("reader", WORDS)
def test_words(reader: str) -> None:
    """Once more those that no route above hands such a value to."""
    read = WORDS[reader]
    for kind in VALUES:
        assert_linear(
            cost_here(lambda value: read(value.decode("latin-1"))), header_value(kind), 1 << 16, f"{reader} of {kind}"
        )


@pytest.mark.parametrize(
    ("line", "more"),
    [("POST /api/v1/quote", "Prefer: handling=strict"), ("POST /api/v1/commission-rates", "Prefer: none")],
)
def test_who_holds_the_loop_is_named(running: Served, line: str, more: str) -> None:
    """The most expensive body that is read: whatever it costs where this runs, it comes up to the bound of the watch."""
    given = f'{{"x":[{",".join(["1.5"] * 99_000)}]}}'.encode()
    credentials = (f"X-API-Key: {running.api_key}", f"Authorization: Bearer {running.admin_token}")["rates" in line]
    figure = f'quote_event_loop_held_total{{route="{line}"}}'

    def is_counted() -> bool:
        with Connection(running.port) as connection:
            sent = request(line, credentials, more, "Content-Type: application/json", body=given)
            assert connection.send(sent).answer().status == 422
        figures = httpx.get(f"{running.figures_url}/metrics", timeout=30).text
        return any(each.startswith(figure) and not each.endswith(" 0") for each in figures.splitlines())

    until(is_counted, f"{line} is counted", running.started)
    events = [json.loads(each) for each in running.started.output().splitlines() if '"event_loop_held"' in each]
    assert any(each["route"] == line and each["held_ms"] >= 100 for each in events)


def cost_here(read: Callable[[bytes], Any]) -> Cost:
    """The processor time of a parser, whatever it makes of what it is given."""

    def cost(given: bytes) -> float:
        before = time.thread_time()
        with suppress(QuoteServiceError, HTTPException, ValueError, RecursionError):  # a refusal is an answer too
            read(given)
        return time.thread_time() - before

    return cost
