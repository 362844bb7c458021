"""No document of others costs more processor time than its length: pages and feeds of competitors, imports, and each word in them.

Source: docs/spec/competitors.md#the-process-that-reads; docs/spec/access.md#bounds-on-requests; CWE-407.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from quote_service.identity.model.people import _EMAIL
from quote_service.intelligence.competitors.model.gtin import gtin_14
from quote_service.intelligence.competitors.model.reading import periods, price_text, schema_words, shipping
from quote_service.intelligence.competitors.model.reading.challenges import challenge_mark
from quote_service.intelligence.competitors.model.reading.excess import excess_of
from quote_service.intelligence.competitors.model.reading.lenient_json import read_json
from quote_service.intelligence.competitors.model.reading.pack_size import pack_size_of
from quote_service.intelligence.competitors.model.reading.read_feed import (
    FeedFormat,
    FeedJob,
    ItemsJob,
    read_feed,
    read_items,
)
from quote_service.intelligence.competitors.model.reading.read_page import PageJob, read_page
from quote_service.intelligence.competitors.model.reading.robots import RobotsJob, read_robots
from quote_service.intelligence.competitors.model.reading.score_titles import words_of
from quote_service.platform.http.cursors import read_cursor, read_names
from quote_service.platform.http.protocol.head_reader import RequestRefused
from quote_service.platform.http.protocol.preferences import prefers
from quote_service.platform.http.protocol.targets import is_host, read_target
from quote_service.platform.outbound.urls import read_target as read_url
from quote_service.platform.settings import forms
from quote_service.shop.catalog.model.import_rows import RowReader, RowSplitter
from quote_service.shop.catalog.model.imports import ImportFormat
from tests.fixtures.serve import Served, served
from tests.http.hostile.costly_documents import CSV, PAGES, ROWS, TEXTS, XML, filled
from tests.http.hostile.costly_inputs import HEADER_BYTES, VALUES, Make, header_value
from tests.http.hostile.test_costly_inputs import assert_linear, cost_here, cost_of, request

BYTES = 1 << 16
_SHOP = "https://shop.example/"


@pytest.mark.parametrize("kind", PAGES)
def test_pages_of_competitors(kind: str) -> None:
    def read(body: bytes) -> None:
        read_page(
            PageJob(
                body=body,
                content_type="text/html; charset=utf-8",
                url=f"{_SHOP}p",
                currency="EUR",
                country="DE",
                price_selector=".price",
                list_price_selector=".old .x",
                availability_selector="[data-availability]",
            )
        )

    assert_linear(cost_here(read), PAGES[kind], BYTES, f"a page of {kind}")


_FEEDS: list[tuple[FeedFormat, str, Make]] = [
    *(("csv", kind, make) for kind, make in CSV.items()),
    *(("ndjson", kind, make) for kind, make in ROWS.items()),
    *(("google_xml", kind, make) for kind, make in XML.items()),
]


@pytest.mark.parametrize(("form", "kind", "make"), _FEEDS, ids=[f"{form} of {kind}" for form, kind, _ in _FEEDS])
def test_feeds_of_competitors(form: FeedFormat, kind: str, make: Make) -> None:
    def read(body: bytes) -> None:
        read_feed(
            FeedJob(body=body, content_type="text/plain; charset=utf-8", format=form, currency="EUR", country="DE")
        )

    assert_linear(cost_here(read), make, BYTES, f"a feed of {kind}")


@pytest.mark.parametrize("kind", ROWS)
def test_answers_of_interfaces_of_competitors(kind: str) -> None:
    def read(body: bytes) -> None:
        read_items(ItemsJob(body=body, path="a.b.0", status="status", headers="headers", currency="EUR"))

    assert_linear(cost_here(read), ROWS[kind], BYTES, f"an answer of {kind}")


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_imports_of_products(form: ImportFormat) -> None:
    def read(body: bytes) -> None:
        splitter, reader = RowSplitter(form), RowReader(form)
        for row in _rows(splitter, body):
            with suppress(ValueError):
                reader.read(row)

    names = "sku,name,currency,base_price" if form == "csv" else ""
    for kind, make in {**CSV, **ROWS}.items():
        for begin in ("", names):
            assert_linear(cost_here(read), _after(f"{begin}\r\n".encode(), make), BYTES, f"an import of {kind}")


def _after(begin: bytes, make: Make) -> Make:
    return lambda length: begin + make(length)


def _rows(splitter: RowSplitter, body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 4096):
        yield from splitter.feed(body[start : start + 4096])
    yield from splitter.end()


def _read_target(text: str) -> None:
    with suppress(RequestRefused):
        read_target(text.encode(), b"GET")


_READERS: dict[str, Callable[[str], Any]] = {
    "a price": lambda text: price_text.read_amount(text, "EUR"),
    "a former price": lambda text: price_text.read_former_amount(text, "EUR"),
    "prices": lambda text: price_text.read_amounts(text, "EUR"),
    "a currency": lambda text: price_text.read_currency(text, None),
    "an availability": schema_words.availability_of,
    "a condition": schema_words.condition_of,
    "shipping": lambda text: shipping.shipping_to("DE", text, "EUR"),
    "a country of shipping": shipping.names_country,
    "a period": lambda text: periods.read_period(*periods.split_period(text)),
    "an end": periods.end_in_utc,
    "a size": pack_size_of,
    "a name": words_of,
    "a GTIN": gtin_14,
    "JSON of a page": read_json,
    "a page that wants a person": lambda text: challenge_mark({}, text.encode()),
    "a page's excess": excess_of,
    "robots.txt": lambda text: read_robots(RobotsJob(rules=text, agent="bot", url=f"{_SHOP}{'a' * 1000}")),
    "a URL for robots.txt": lambda text: read_robots(
        RobotsJob(rules="user-agent: *\ndisallow: /*a*a*a*b$", agent="bot", url=_SHOP + text)
    ),
    "preferences": lambda text: prefers([text.encode()], "handling", "strict"),
    "a target": _read_target,
    "a host": lambda text: is_host(text.encode()),
    "a URL": read_url,
    "a cursor": lambda text: read_cursor(text, "x", tuple[str]),
    "a query": lambda text: read_names(text.encode()),
    "an e-mail address": _EMAIL.fullmatch,
    "a database's URL": forms.check_database_url,
    "an origin": forms.check_origin,
    "a network": forms.check_network,
    "a proxy": forms.check_proxy,
    "a host's name": forms.check_host,
    "an endpoint": forms.check_endpoint,
    "an issuer": forms.check_issuer,
}


@pytest.mark.parametrize("reader", _READERS)
def test_each_word(reader: str) -> None:
    read = _READERS[reader]
    for begin, fill, end in TEXTS:
        assert_linear(
            cost_here(lambda text: read(text.decode())),
            filled(begin, fill, end),
            BYTES,
            f"{reader} of {begin}{fill}{end}",
        )


@pytest.fixture(scope="module")
def behind_a_proxy(server_folder: Path, new_database_url: Callable[[], str], valkey_server: Any) -> Iterator[Served]:
    with served(server_folder, new_database_url(), valkey_server.url, trusted_proxies="127.0.0.1/32") as started:
        yield started


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"])
def test_headers_of_a_proxy_that_is_trusted(behind_a_proxy: Served, name: str) -> None:
    cost = cost_of(behind_a_proxy)
    for kind in VALUES:
        make = header_value(kind)
        for line in ("GET /sign-in", "GET /api/v1/products"):
            assert_linear(
                cost,
                lambda length, line=line, make=make: request(line, f"{name}: {make(length).decode('latin-1')}"),  # type: ignore[misc]
                HEADER_BYTES,
                f"{name} of {kind}, {line}",
            )
