"""Spans and figures at a collector: whose trace, what share, and nothing personal.

Source: docs/spec/operations.md#telemetry; docs/spec/wire.md#request-ids-and-traces.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.telemetry.collector import Collector, collecting
from tests.telemetry.serving import STREET, ask_at_once, basket, known, new_key, serving


def attributes_of(span) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def parent_of(trace_id: str, span_id: str, flags: str) -> dict[str, str]:
    return {"traceparent": f"00-{trace_id}-{span_id}-{flags}"}


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


def settings_for(collector: Collector, ratio: str) -> dict[str, str]:
    return {
        "QUOTE_OTLP_ENDPOINT": collector.url,
        "QUOTE_TRACE_SAMPLE_RATIO": ratio,
        "QUOTE_OTLP_INTERVAL_SECONDS": "0.2",
    }


def test_a_caller_who_records_its_trace_finds_the_quote_in_it(
    server_folder: Path, database_url: str, redis_url: str, collector: Collector
) -> None:
    key = new_key(database_url)
    trace_id, span_id, unrecorded = secrets.token_hex(16), secrets.token_hex(8), secrets.token_hex(16)
    with serving(server_folder, database_url, redis_url, settings=settings_for(collector, "0")) as service:
        known(service, key)
        assert service.quote(key, headers=parent_of(unrecorded, span_id, "00")).status_code == 200
        assert service.quote(key).status_code == 200
        answer = service.quote(key, headers={**parent_of(trace_id, span_id, "01"), "X-Request-ID": "checkout-42"})
        assert (answer.status_code, answer.headers["x-request-id"]) == (200, "checkout-42")
        # Closing sends what is left, so everything that is sent at all has come then.
        assert service.started.stop() == 0
        spans = collector.of_trace(trace_id)
        assert set(spans) == {"POST /api/v1/quote", "decode", "price", "encode", "share", "SET"}
        assert len(collector.spans) == len(spans)
        kept = spans.pop("SET")
        assert (kept.kind, kept.parent_span_id) == (kept.SPAN_KIND_CLIENT, spans["share"].span_id)
        assert attributes_of(kept).items() >= {"db.system.name": "redis", "server.address": "127.0.0.1"}.items()
        quote = spans.pop("POST /api/v1/quote")
        assert quote.parent_span_id.hex() == span_id
        assert {span.parent_span_id for span in spans.values()} == {quote.span_id}
        ends = [spans[step].end_time_unix_nano for step in ("decode", "price", "encode", "share")]
        assert [quote.start_time_unix_nano, *ends, quote.end_time_unix_nano] == sorted(
            [quote.start_time_unix_nano, *ends, quote.end_time_unix_nano]
        )
        assert attributes_of(quote) == {
            "http.request.method": "POST",
            "http.route": "/api/v1/quote",
            "url.path": "/api/v1/quote",
            "http.response.status_code": 200,
            "quote.request_id": "checkout-42",
            "quote.outcome": "miss",
        }


def test_refusals_and_other_routes_have_spans_and_nothing_personal_is_sent(
    server_folder: Path, database_url: str, redis_url: str, collector: Collector
) -> None:
    key = new_key(database_url)
    refused, looked_up = secrets.token_hex(16), secrets.token_hex(16)
    with serving(server_folder, database_url, redis_url, settings=settings_for(collector, "1")) as service:
        known(service, key)
        assert service.quote(key).status_code == 200
        assert service.quote(key, b"{", headers=parent_of(refused, "1" * 16, "01")).status_code == 400
        quote_id = uuid4()
        path = f"{service.url}/api/v1/quotes/{quote_id}"
        reported = httpx.get(
            path, headers={"X-API-Key": key, **parent_of(looked_up, "2" * 16, "01")}, params={"name": "Ayşe"}
        )
        assert reported.status_code == 422  # a parameter that the route does not read
        httpx.get(f"{service.url}/health/live")
        assert service.started.stop() == 0
    quote = collector.of_trace(refused)["POST /api/v1/quote"]
    assert attributes_of(quote)["http.response.status_code"] == 400
    assert attributes_of(quote)["quote.outcome"] == "malformed-json"
    ((name, lookup),) = collector.of_trace(looked_up).items()
    assert name == "GET /api/v1/quotes/{quote_id}"
    assert attributes_of(lookup)["http.response.status_code"] == 422
    assert attributes_of(lookup)["http.route"] == "/api/v1/quotes/{quote_id}"
    assert attributes_of(lookup)["url.path"] == f"/api/v1/quotes/{quote_id}"
    assert collector.resources[-1]["service.version"]
    for secret in (STREET, "Ankara", "Ayşe", key):
        assert secret.encode() not in collector.received, secret
    assert not [span.name for span in collector.spans if "/health" in span.name]


def test_statements_stand_below_the_request_that_asked_them(
    server_folder: Path, database_url: str, redis_url: str, collector: Collector
) -> None:
    key = new_key(database_url)
    trace_id = secrets.token_hex(16)
    with serving(server_folder, database_url, redis_url, settings=settings_for(collector, "0")) as service:
        known(service, key)
        person = {"email": "nobody@example.com", "password": "correct horse battery"}
        service.http.post("/api/v1/auth/login", json=person)  # not traced, though it asks the same
        service.http.post("/api/v1/auth/login", json=person, headers=parent_of(trace_id, "3" * 16, "01"))
        assert service.started.stop() == 0
    of_trace = [span for span in collector.spans if span.trace_id.hex() == trace_id]
    assert len(of_trace) == len(collector.spans)
    (server,) = [span for span in of_trace if span.kind == span.SPAN_KIND_SERVER]
    clients = [span for span in of_trace if span.kind == span.SPAN_KIND_CLIENT]
    assert clients
    for span in clients:
        assert span.parent_span_id == server.span_id
        reported = attributes_of(span)
        assert reported["db.system.name"] == "postgresql"
        assert reported["server.address"] == "127.0.0.1"
        assert reported["db.query.summary"] == span.name
        assert span.name.startswith(str(reported["db.operation.name"]))
        assert not set(reported) - {
            "db.system.name",
            "db.namespace",
            "db.operation.name",
            "db.query.summary",
            "server.address",
            "server.port",
        }


@pytest.mark.long("a service of two workers and a collector")
def test_the_figures_at_the_collector_are_those_of_metrics(
    server_folder: Path, database_url: str, redis_url: str, collector: Collector
) -> None:
    key = new_key(database_url)
    with serving(server_folder, database_url, redis_url, workers=2, settings=settings_for(collector, "0")) as service:
        known(service, key)
        ask_at_once(30, lambda: service.quote(key))
        service.wait_for(lambda: collector.quotes_counted() == 30, "the collector knows of every quote")
        service.wait_for(lambda: collector.sum_of("quote_priced_total") == 30, "counters come too")
        service.wait_for(lambda: collector.sum_of("quote_capacity_left") == 2 * 1064, "gauges come from both workers")
    assert {sender for sender, _ in collector.metrics} - {""}
    assert len({sender for sender, _ in collector.metrics}) == 2


def test_a_collector_that_is_away_costs_no_quote(server_folder: Path, database_url: str, redis_url: str) -> None:
    key = new_key(database_url)
    away = {
        "QUOTE_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "QUOTE_TRACE_SAMPLE_RATIO": "1",
        "QUOTE_OTLP_INTERVAL_SECONDS": "0.1",
    }
    with serving(server_folder, database_url, redis_url, settings=away) as service:
        known(service, key)
        assert {answer.status_code for answer in ask_at_once(50, lambda: service.quote(key, basket()))} == {200}
        assert service.started.stop() == 0
