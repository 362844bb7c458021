"""Who has caused an event goes with it over either bus; source: docs/spec/event-bus.md#events."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quote_service.platform.event_bus.operations.relay_outbox import relay_outbox
from quote_service.platform.event_bus.operations.retry_events import retry_next
from quote_service.platform.system.traces import BACKGROUND, SPAN, OpenSpan, Span, Traces, new_trace
from tests.conftest import eventually
from tests.event_bus.bus_of_a_test import GROUP, TOPIC, Bus, keys
from tests.system.test_traces import Sent


@pytest.fixture
def sent() -> Iterator[Sent]:
    """What is sent of a process that traces nothing by chance."""
    kept = Sent()
    token = BACKGROUND.set(Traces(kept, 0))
    yield kept
    BACKGROUND.reset(token)


async def published_by_a_traced_request(bus: Bus, *keys: str) -> OpenSpan:
    span = OpenSpan(Traces(Sent(), 1), new_trace())
    token = SPAN.set(span)
    await bus.publish(*keys)
    SPAN.reset(token)
    return span


def links(span: Span) -> list[int]:
    return [int(link.span_id, 16) for link in span.links]


async def test_an_event_says_what_has_caused_it(bus: Bus, sent: Sent) -> None:
    traced, untraced = keys(2)
    request = await published_by_a_traced_request(bus, traced)
    await bus.publish(untraced)
    assert await bus.relay() == 2
    consumer = await bus.bus.consumer(GROUP, TOPIC)
    try:
        read: dict[str, str | None] = {}

        async def both() -> bool:
            for each in await consumer.read(10, 0.1):
                assert each.event is not None
                read[each.event.key] = each.traceparent
            return len(read) == 2

        await eventually(both, "both events have been read")
    finally:
        await consumer.close()
    assert read == {traced: request.traceparent, untraced: None}
    published = [span for span in sent.spans if span.name == f"send {TOPIC}"]
    assert [links(span) for span in published] == [[request.ids.span_id]]


async def test_a_consumer_and_a_retry_are_linked_to_the_cause(bus: Bus, sent: Sent) -> None:
    (key,) = keys(1)
    request = await published_by_a_traced_request(bus, key)
    await bus.relay()
    bus.ledger.poison = {key}
    consumer = await bus.bus.consumer(GROUP, TOPIC)
    try:

        async def put_aside() -> bool:
            await bus.turn(consumer)
            return len(await bus.letters()) == 1

        await eventually(put_aside, "the event is put aside")
    finally:
        await consumer.close()
    (letter,) = await bus.letters()
    assert letter["traceparent"] == request.traceparent
    bus.ledger.poison = set()
    async with bus.database.transaction() as connection:
        await connection.execute("UPDATE event_dead_letters SET due_at = statement_timestamp()")
    assert await retry_next(bus.database, {GROUP: bus.group()}, bus.meters)
    processed = [span for span in sent.spans if span.name == f"process {TOPIC}"]
    assert [links(span) for span in processed] == [[request.ids.span_id]] * 2
    assert {span.kind for span in processed} == {"consumer"}


async def test_what_is_no_traceparent_is_not_handed_on(bus: Bus, sent: Sent) -> None:
    (key,) = keys(1)
    async with bus.database.transaction() as connection:
        await connection.execute("SELECT set_config('quote.traceparent', 'of another program', true)")
        await connection.execute(
            "INSERT INTO event_outbox (topic, key, type, data) VALUES ($1, $2, 'behaviour.counted', '{}')", TOPIC, key
        )
    assert await relay_outbox(bus.database, bus.bus, bus.meters) == 1
    assert not sent.spans
