"""Traces over processes: what a request asks of PostgreSQL and Redis, and what a worker does because of it.

Source: docs/spec/operations.md#traces; docs/spec/webhooks.md#deliveries; docs/spec/event-bus.md#events.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import redis
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.catalog.shop import PRODUCTS, a_product
from tests.fixtures.serve import QUOTE, Served, a_basket, secret_settings, served, until
from tests.fixtures.service import Started
from tests.flash_sales.sales import SALES, Sales, instant
from tests.orders.market import ORDERS
from tests.replay.replays import REPLAYS
from tests.telemetry.collector import Collector, collecting
from tests.telemetry.test_otlp import attributes_of

WEBHOOKS = "/api/v1/webhooks"


@dataclass
class Hook:
    """What came to an endpoint: headers by lower-case name, and the event."""

    headers: dict[str, str]
    event: dict[str, Any]


@dataclass
class Shop:
    """A service of two web processes and a worker that trace to one collector what they are told to trace, and nothing else."""

    issuing: Served
    selling: Served
    collector: Collector
    hooks: list[Hook]
    bus: Any  # not typed there

    def quoted(self, service: Served) -> str:
        """The id of a new quote."""
        answer = service.checkout().post(QUOTE, json=a_basket())
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["quote_id"])

    def traced(self) -> tuple[str, dict[str, str]]:
        """A trace of a caller's own, and the headers that say so."""
        trace_id = secrets.token_hex(16)
        return trace_id, {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01", "Idempotency-Key": uuid4().hex}

    def spans(self, trace_id: str) -> list[Span]:
        return [span for span in list(self.collector.spans) if span.trace_id.hex() == trace_id]

    def server_span(self, trace_id: str) -> Span:
        until(lambda: any(span.kind == Span.SPAN_KIND_SERVER for span in self.spans(trace_id)), "the request's span")
        (server,) = [span for span in self.spans(trace_id) if span.kind == Span.SPAN_KIND_SERVER]
        return server

    def caused_by(self, cause: Span, name: str) -> Span:
        """The span of the worker, in a trace of its own, that is linked to one."""

        def found() -> list[Span]:
            return [
                span
                for span in list(self.collector.spans)
                if span.name == name and (cause.trace_id, cause.span_id) in _links(span)
            ]

        until(lambda: bool(found()), f"{name} is linked to {cause.name}")
        span = found()[0]
        assert span.trace_id != cause.trace_id
        assert not span.parent_span_id
        return span

    def hook(self, holds: Callable[[Hook], bool]) -> Hook:
        until(lambda: any(map(holds, list(self.hooks))), "the webhook has come")
        return next(filter(holds, list(self.hooks)))


@pytest.fixture(scope="module")
def shop(server_folder: Path, database_url: str, redis_url: str) -> Iterator[Shop]:
    hooks: list[Hook] = []
    with collecting() as collector, _receiving(hooks) as hook_url:
        traces: dict[str, Any] = {
            "otlp_endpoint": collector.url,
            "trace_sample_ratio": "0",
            "outbound_networks": "127.0.0.0/8",
        }
        with (
            served(server_folder, database_url, redis_url, **traces) as issuing,
            served(server_folder, database_url, redis_url, **traces) as selling,
            redis.Redis.from_url(redis_url) as bus,
        ):
            settings = {f"QUOTE_{name.upper()}": value for name, value in traces.items()}
            servers = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
            log = server_folder / f"worker-{secrets.token_hex(4)}.log"
            worker = Started(["worker"], log, {**servers, **secret_settings(), **settings}, forked=True)
            try:
                wanted = {"url": hook_url, "event_types": ["order.*", "flag.*"]}
                assert selling.admin().post(WEBHOOKS, json=wanted).status_code == 201
                yield Shop(issuing, selling, collector, hooks, bus)
            finally:
                worker.stop()
                assert "Traceback" not in worker.output(), worker.output()


def test_an_order_is_followed_to_redis_to_postgresql_and_to_its_webhook(shop: Shop) -> None:
    trace_id, headers = shop.traced()
    # Issued by one process and ordered at another, which has to ask Redis for it.
    wanted = {"quote_id": shop.quoted(shop.issuing)}
    answer = shop.selling.admin().post(ORDERS, json=wanted, headers=headers)
    assert answer.status_code == 201, answer.text
    order = answer.json()["data"]
    server = shop.server_span(trace_id)
    assert server.name == "POST /api/v1/orders"
    clients = [span for span in shop.spans(trace_id) if span.kind == Span.SPAN_KIND_CLIENT]
    assert {span.parent_span_id for span in clients} == {server.span_id}
    asked: dict[object, list[Span]] = {}
    for span in clients:
        asked.setdefault(attributes_of(span)["db.system.name"], []).append(span)
    assert {span.name for span in asked["redis"]} == {"GET"}
    of_redis = attributes_of(asked["redis"][0])
    assert of_redis.items() >= {"db.operation.name": "GET", "server.address": "127.0.0.1", "db.namespace": "0"}.items()
    assert any("INSERT orders" in span.name for span in asked["postgresql"])
    for span in asked["postgresql"]:
        reported = attributes_of(span)
        assert reported["db.query.summary"] == span.name
        assert {"db.namespace", "db.operation.name", "server.address", "server.port"} <= set(reported)
    hook = shop.hook(lambda hook: bool(hook.event["subject"] == order["id"]))
    delivery = shop.caused_by(server, "deliver webhook")
    assert delivery.kind == Span.SPAN_KIND_CONSUMER
    (posted,) = [span for span in shop.spans(delivery.trace_id.hex()) if span.name == "POST"]
    assert posted.parent_span_id == delivery.span_id
    assert attributes_of(posted)["http.response.status_code"] == 204
    # The header is of the attempt, and the event says what has caused it.
    assert hook.headers["traceparent"] == f"00-{posted.trace_id.hex()}-{posted.span_id.hex()}-01"
    assert hook.event["traceparent"] == f"00-{trace_id}-{server.span_id.hex()}-01"
    settled = [span for span in shop.spans(delivery.trace_id.hex()) if "webhook_deliveries" in span.name]
    assert {span.parent_span_id for span in settled} == {delivery.span_id}


def test_orders_that_are_placed_together_keep_their_own_traces(shop: Shop) -> None:
    traced = [shop.traced() for _ in range(4)]
    quotes = [shop.quoted(shop.selling) for _ in range(8)]
    placed: dict[str, str] = {}

    def order(number: int) -> None:
        headers = traced[number][1] if number < len(traced) else {"Idempotency-Key": uuid4().hex}
        answer = shop.selling.admin().post(ORDERS, json={"quote_id": quotes[number]}, headers=headers)
        assert answer.status_code == 201, answer.text
        placed[quotes[number]] = answer.json()["data"]["id"]

    threads = [threading.Thread(target=order, args=(number,)) for number in range(len(quotes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for (trace_id, _), quote_id in zip(traced, quotes, strict=False):
        hook = shop.hook(lambda hook, subject=placed[quote_id]: bool(hook.event["subject"] == subject))  # type: ignore[misc]
        assert hook.event["traceparent"].split("-")[1] == trace_id
        assert any("INSERT orders" in span.name for span in shop.spans(shop.server_span(trace_id).trace_id.hex()))
    for quote_id in quotes[len(traced) :]:
        hook = shop.hook(lambda hook, subject=placed[quote_id]: bool(hook.event["subject"] == subject))  # type: ignore[misc]
        assert "traceparent" not in hook.event
        assert "traceparent" not in hook.headers


def test_a_purchase_shows_what_the_stock_was_asked(shop: Shop) -> None:
    sales = Sales(shop.selling.admin(), shop.selling.admin())
    on = sales.on_sale()
    until(lambda: sales.buy(on).status_code == 202, "the item is on sale in Redis")
    trace_id, headers = shop.traced()
    answer = sales.checkout.post(f"{SALES}/{on.id}/purchases", json=on.order(), headers=headers)
    assert answer.status_code == 202, answer.text
    server = shop.server_span(trace_id)
    (asked,) = [span for span in shop.spans(trace_id) if span.name.startswith("FCALL")]
    reported = attributes_of(asked)
    assert asked.parent_span_id == server.span_id
    assert reported["db.operation.name"] == "FCALL"
    assert str(reported["db.stored_procedure.name"]).endswith("_reserve")
    assert asked.name == f"FCALL {reported['db.stored_procedure.name']}"
    until(lambda: sales.figures(on)["confirmed"] >= 1, "the purchases are recorded")


def test_a_price_is_followed_over_the_bus_to_its_consumers(shop: Shop) -> None:
    trace_id, headers = shop.traced()
    answer = shop.selling.admin().post(PRODUCTS, json=a_product(), headers=headers)
    assert answer.status_code == 201, answer.text
    product_id = answer.json()["data"]["id"]
    server = shop.server_span(trace_id)
    cause = f"00-{trace_id}-{server.span_id.hex()}-01"

    def entries() -> list[dict[bytes, bytes]]:
        keys = shop.bus.keys("stream:{price-updates}:*")
        found = [fields for key in keys for _, fields in shop.bus.xrange(key)]
        return [fields for fields in found if msgspec.json.decode(fields[b"event"])["key"] == product_id]

    until(lambda: bool(entries()), "the event is on the bus")
    assert [fields[b"traceparent"].decode() for fields in entries()] == [cause]
    sent = shop.caused_by(server, "send price-updates")
    reported = attributes_of(sent)
    assert reported["messaging.system"] == "redis"
    assert reported["messaging.destination.name"] == "price-updates"
    below = [span for span in shop.spans(sent.trace_id.hex()) if span.parent_span_id == sent.span_id]
    assert "PIPELINE XADD" in {span.name for span in below}
    assert any(span.name.startswith("DELETE event_outbox") for span in below)


def test_a_replay_and_an_import_are_linked_to_who_asked_for_them(shop: Shop) -> None:
    admin = shop.selling.admin()
    of_replay, of_import = shop.traced(), shop.traced()
    answer = admin.post(REPLAYS, json={"from": instant(-60)}, headers=of_replay[1])
    assert answer.status_code == 202, answer.text
    row = msgspec.json.encode(a_product()) + b"\n"
    headers = {**of_import[1], "Content-Type": "application/x-ndjson"}
    answer = admin.post(f"{PRODUCTS}/import", content=row, headers=headers)
    assert answer.status_code == 202, answer.text
    for (trace_id, _), name in ((of_replay, "replay quotes"), (of_import, "import products")):
        work = shop.caused_by(shop.server_span(trace_id), name)
        below = [span for span in shop.spans(work.trace_id.hex()) if span.parent_span_id == work.span_id]
        assert {attributes_of(span)["db.system.name"] for span in below} == {"postgresql"}


def test_nothing_is_traced_that_nobody_asked_to(shop: Shop) -> None:
    unrecorded = {
        "traceparent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00",
        "Idempotency-Key": uuid4().hex,
    }
    wanted = {"quote_id": shop.quoted(shop.selling)}
    answer = shop.selling.admin().post(ORDERS, json=wanted, headers=unrecorded)
    hook = shop.hook(lambda hook: bool(hook.event["subject"] == answer.json()["data"]["id"]))
    assert "traceparent" not in hook.headers
    assert "traceparent" not in hook.event
    assert not shop.spans(unrecorded["traceparent"].split("-")[1])


def _links(span: Span) -> set[tuple[bytes, bytes]]:
    return {(link.trace_id, link.span_id) for link in span.links}


@contextmanager
def _receiving(hooks: list[Hook]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            hooks.append(Hook({name.lower(): value for name, value in self.headers.items()}, msgspec.json.decode(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
