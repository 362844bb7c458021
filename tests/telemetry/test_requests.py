"""Every operation is counted by method, route template and status, whatever callers send; and as OpenMetrics, with traces.

Source: docs/spec/operations.md#metrics; OpenMetrics 1.0.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import msgspec
import pytest

from quote_service.platform.telemetry.prometheus_text import prefers_openmetrics, prometheus_text
from quote_service.platform.telemetry.registry import Registry
from quote_service.platform.telemetry.request_figures import RequestMeters
from quote_service.platform.telemetry.slots import RECORDS_MAX, Slots
from tests.telemetry.collector import Collector, collecting
from tests.telemetry.serving import Serving, basket, known, new_key, serving

COUNT = "quote_http_duration_seconds_count"
_SAMPLE = re.compile(r'[a-z_]+(?:\{(?:[a-z_]+="[^"]*",?)+\})? \S+( # \{[^{}]*\} \S+ \S+)?')


@pytest.fixture(scope="module")
def traced(server_folder: Path, database_url: str, redis_url: str) -> Iterator[tuple[Serving, str, Collector]]:
    """A service of two workers that traces where the caller wants it, and a key."""
    with collecting() as collector:
        settings = {"QUOTE_OTLP_ENDPOINT": collector.url, "QUOTE_TRACE_SAMPLE_RATIO": "0"}
        key = new_key(database_url)
        with serving(server_folder, database_url, redis_url, workers=2, settings=settings) as service:
            known(service, key)
            yield service, key, collector


def requests_of(service: Serving) -> dict[tuple[str, str, str], int]:
    """How often each operation was answered, by method, route and status."""
    form = re.compile(rf'{COUNT}{{method="(.*)",route="(.*)",status="(.*)"}} (\d+)')
    return {(found[1], found[2], found[3]): int(found[4]) for found in form.finditer(service.metrics())}


def test_every_operation_is_counted_by_its_template(traced: tuple[Serving, str, Collector]) -> None:
    service, key, _ = traced
    before = requests_of(service)
    headers = {"X-API-Key": key}
    for _ in range(3):
        assert service.quote(key).status_code == 200
    assert service.quote(key, b"{").status_code == 400
    for _ in range(2):
        assert service.http.get(f"/api/v1/quotes/{uuid4()}", headers=headers).status_code == 404
    assert service.http.get("/sign-in").status_code == 200
    assert service.http.post(f"/api/v1/quotes/{uuid4()}/accept").status_code == 401
    for path in ("/nowhere", f"/{uuid4()}", f"/api/v1/{uuid4()}", "/admin/x/y/z/w", '/"}\n', "/%22%7D"):
        service.http.get(path.encode("unicode_escape").decode())
    batch = {"requests": [msgspec.json.decode(basket()) for _ in range(4)]}
    assert service.http.post("/api/v1/quotes/batch", json=batch, headers=headers).status_code in (200, 207, 422)
    found = requests_of(service)

    def more(method: str, route: str, status: str) -> int:
        key = (method, route, status)
        return found.get(key, 0) - before.get(key, 0)

    assert more("POST", "/api/v1/quote", "200") == 3  # those of a batch are in a request of their own
    assert more("POST", "/api/v1/quote", "400") == 1
    assert more("GET", "/api/v1/quotes/{quote_id}", "404") == 2
    assert more("GET", "/sign-in", "200") == 1
    assert more("POST", "/api/v1/quotes/{quote_id}/accept", "401") == 1
    assert more("GET", "unknown", "404") >= 4
    batches = [route for _, route, _ in found if route.endswith("/batch")]
    assert len(batches) == 1
    assert not [route for _, route, _ in found if re.search(r"[0-9a-f]{8}-|nowhere|\\|%", route)]


def test_openmetrics_is_answered_where_it_is_asked_for(traced: tuple[Serving, str, Collector]) -> None:
    service, key, _ = traced
    trace_id, page_trace = secrets.token_hex(16), secrets.token_hex(16)
    for headers in ({"traceparent": f"00-{trace_id}-{'1' * 16}-01"},):
        assert service.quote(key, headers=headers).status_code == 200
    service.http.get("/sign-in", headers={"traceparent": f"00-{page_trace}-{'2' * 16}-01"})
    url = f"{service.figures_url}/metrics"
    asked = httpx.get(
        url,
        headers={"Accept": "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"},
    )
    assert asked.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert asked.text.endswith("\n# EOF\n")
    read_openmetrics(asked.text)
    exemplars = [line for line in asked.text.splitlines() if " # {" in line]
    assert [line for line in exemplars if trace_id in line and line.startswith("quote_http_duration_seconds_bucket")]
    assert [line for line in exemplars if trace_id in line and line.startswith("quote_duration_seconds_bucket")]
    assert [line for line in exemplars if page_trace in line and 'route="/sign-in"' in line]
    plain = httpx.get(url)
    assert plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "# EOF" not in plain.text
    assert trace_id not in plain.text


@pytest.mark.parametrize(
    ("accept", "is_wanted"),
    [
        ("", False),
        ("*/*", False),
        ("text/plain", False),
        ("application/openmetrics-text", True),
        ("application/openmetrics-text; version=0.0.1", True),
        ("application/openmetrics-text; version=7.0.0", False),
        ("application/openmetrics-text;q=0", False),
        ("application/openmetrics-text;q=0.4,text/plain;q=0.5", False),
        ("application/openmetrics-text;q=wrong", False),
        ("APPLICATION/OPENMETRICS-TEXT;Version=1.0.0 , text/plain;q=0.5", True),
    ],
)
def test_a_scraper_gets_what_it_would_rather_have(accept: str, is_wanted: bool) -> None:
    assert prefers_openmetrics(accept) is is_wanted


def test_what_comes_after_a_slot_is_full_is_counted_as_other() -> None:
    registry = Registry(Slots(1))
    meters = RequestMeters(registry)
    for number in range(RECORDS_MAX + 10):
        meters.observe("GET", f"/{number}", "200", 0.01)
    meters.observe("BREW", "/0", "200", 0.01)
    meters.observe("GET", "/" + "x" * 300, "200", 0.01)
    text = prometheus_text(registry, [])
    assert text.count(f"{COUNT}{{") <= RECORDS_MAX
    counts = [int(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(COUNT)]
    assert sum(counts) == RECORDS_MAX + 12


def test_a_worker_that_follows_a_dead_one_counts_on() -> None:
    slots = Slots(2)
    for worker in (0, 0, 1):
        RequestMeters(Registry(slots, worker)).observe("GET", "/a", "200", 0.3)
    asked = Registry(slots, 1)
    RequestMeters(asked)
    lines = [line for line in prometheus_text(asked, []).splitlines() if line.startswith(COUNT)]
    assert lines[0] == f'{COUNT}{{method="GET",route="/a",status="200"}} 3'


def read_openmetrics(text: str) -> None:
    """Check what OpenMetrics demands beside what Prometheus' own format does."""
    family, kind, seen = "", "", set()
    *lines, end = text.splitlines()
    assert end == "# EOF"
    for line in lines:
        if line.startswith("# HELP "):
            family = line.split()[2]
            assert family not in seen, "a family's lines stand together"
            seen.add(family)
            assert not family.endswith("_total")
        elif line.startswith("# TYPE "):
            assert line.split()[2] == family
            kind = line.split()[3]
        else:
            assert _SAMPLE.fullmatch(line), line
            name = re.split(r"[{ ]", line)[0]
            suffixes = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}[kind]
            assert name in [family + suffix for suffix in suffixes], line
