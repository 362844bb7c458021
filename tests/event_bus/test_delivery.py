"""What is told comes, each time it should and once in its effect; source: docs/spec/event-bus.md#delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from quote_service.platform.event_bus.model.events import Event
from quote_service.platform.event_bus.operations.consume import apply_replays, consume_next
from quote_service.platform.event_bus.operations.publish_to_bus import publish_to_bus
from quote_service.platform.event_bus.operations.retry_events import retry_next
from quote_service.platform.event_bus.tables.replays import ask_replay, asked_replays
from quote_service.platform.system.errors import Invalid
from tests.conftest import eventually
from tests.event_bus.bus_of_a_test import GROUP, TOPIC, Bus, keys


async def test_what_is_reported_in_a_transaction_is_published_once_it_commits(bus: Bus) -> None:
    lost, keys_sent = keys(2)

    async def publish_and_fail() -> None:
        async with bus.database.transaction() as connection:
            await publish_to_bus(connection, TOPIC, lost, "behaviour.counted", b"{}")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await publish_and_fail()
    await bus.publish(keys_sent)
    consumer = await bus.bus.consumer(GROUP, TOPIC)
    assert await bus.relay() == 1
    assert await bus.outbox() == 0
    await bus.consume_until(consumer, 1)
    assert await bus.effects() == [(keys_sent, {"n": 1})]
    await consumer.close()


async def test_events_of_a_key_stay_in_order_and_each_has_its_effect_once(bus: Bus) -> None:
    one, other = keys(2)
    consumer = await bus.bus.consumer(GROUP, TOPIC)
    for start in (1, 21, 41):
        await asyncio.gather(bus.publish_numbers(one, start, start + 19), bus.publish_numbers(other, start, start + 19))
    await bus.relay()
    await bus.consume_until(consumer, 120)
    effects = await bus.effects()
    for key in (one, other):
        assert [data["n"] for each, data in effects if each == key] == list(range(1, 61))
    await bus.drain(consumer)
    await consumer.close()


async def test_what_was_published_twice_has_its_effect_once(bus: Bus) -> None:
    """A process that publishes dies before it takes the rows out of the outbox."""
    (key,) = keys(1)
    await bus.publish(key)
    async with bus.database.transaction() as connection:
        await connection.execute("CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM event_outbox")
        kept = await connection.fetchrow("SELECT id, topic, key, type, data::text AS data, at FROM kept")
    assert kept is not None
    await bus.relay()
    async with bus.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO event_outbox (id, topic, key, type, data, at) VALUES ($1, $2, $3, $4, $5::json, $6)", *kept
        )
    await bus.publish(key, data={"n": 2})
    await bus.relay()
    consumer = await bus.bus.consumer(GROUP, TOPIC)
    await bus.consume_until(consumer, 2)
    await bus.drain(consumer)
    assert await bus.effects() == [(key, {"n": 1}), (key, {"n": 2})]
    await consumer.close()


async def test_what_was_read_and_not_acknowledged_comes_again(bus: Bus) -> None:
    (key,) = keys(1)
    await bus.publish_numbers(key, 1, 30)
    await bus.relay()
    consumer = await bus.bus.consumer(GROUP, TOPIC)
    read: list[int] = []

    async def some() -> bool:
        read.extend(_numbers([each.event for each in await consumer.read(10, 0.1) if each.event]))
        return len(read) >= 10

    await eventually(some, "10 events")
    assert read[:10] == list(range(1, 11))
    await consumer.forget()  # as after a failure, or in the next process
    await bus.consume_until(consumer, 30)
    assert [data["n"] for _, data in await bus.effects()] == list(range(1, 31))
    await consumer.close()


async def test_a_poisonous_event_is_put_aside_tried_again_and_kept(bus: Bus) -> None:
    good, bad = keys(2)
    bus.ledger.poison.add(bad)
    await bus.publish(good, bad, good)
    await bus.relay()
    group, consumer = bus.group(attempts_max=3), await bus.bus.consumer(GROUP, TOPIC)
    await bus.consume_until(consumer, 2, group)
    await eventually(lambda: _has_letters(bus, 1), "put aside")
    assert [key for key, _ in await bus.effects()] == [good, good]
    (letter,) = await bus.letters()
    assert (letter["state"], letter["attempts"], letter["key"]) == ("retrying", 1, bad)
    assert letter["last_error"] == f"ValueError: {bad} is poison"
    for attempt in (2, 3):
        assert not await retry_next(bus.database, {GROUP: group}, bus.meters)  # not due yet
        await _make_due(bus)
        assert await retry_next(bus.database, {GROUP: group}, bus.meters)
        (letter,) = await bus.letters()
        assert letter["attempts"] == attempt
    assert (letter["state"], letter["due_at"]) == ("dead", None)
    bus.ledger.poison.clear()
    await _make_due(bus)
    assert await retry_next(bus.database, {GROUP: group}, bus.meters)
    assert await bus.letters() == []
    assert [key for key, _ in await bus.effects()] == [good, good, bad]
    await consumer.close()


async def test_old_events_are_not_handled_and_replays_do_nothing_twice(bus: Bus) -> None:
    (key,) = keys(1)
    await bus.publish_numbers(key, 1, 5)
    async with bus.database.transaction() as connection:
        # Told nine days ago: whether it was handled since, nobody knows any more.
        await connection.execute(
            "INSERT INTO event_outbox (id, topic, key, type, data) VALUES ($1, $2, $3, 'behaviour.counted', '{}')",
            _id_of(datetime.now(UTC) - timedelta(days=9)),
            TOPIC,
            key,
        )
    await bus.relay()
    consumer = await bus.bus.consumer(GROUP, TOPIC)
    await bus.consume_until(consumer, 5)
    await bus.drain(consumer)
    async with bus.database.transaction() as connection:
        await ask_replay(connection, GROUP, TOPIC, datetime.now(UTC) - timedelta(hours=1), "a test")
        # One of them was handled by mistake, and is to be handled again.
        await connection.execute("DELETE FROM event_handled WHERE event_id = $1", bus.ledger.seen[2].id)

    async def replayed() -> bool:
        await apply_replays(bus.database, consumer, bus.group())
        await consume_next(bus.database, consumer, bus.group(), bus.meters, wait_seconds=0.1)
        async with bus.database.read() as connection:
            (asked,) = await asked_replays(connection, GROUP, TOPIC)
        return len(asked.done) == bus.settings.event_partitions

    await eventually(replayed, "all partitions read again")
    await bus.consume_until(consumer, 6)
    await bus.drain(consumer)
    assert [data["n"] for _, data in await bus.effects()] == [1, 2, 3, 4, 5, 3]
    await consumer.close()


async def test_data_that_no_broker_takes_is_refused_where_it_is_reported(bus: Bus) -> None:
    with pytest.raises(Invalid):
        await bus.publish(keys(1)[0], data={"text": "x" * 300_000})
    assert await bus.outbox() == 0


def _numbers(events: Sequence[Event]) -> list[int]:
    return [int(bytes(event.data).split(b":")[1].rstrip(b"}")) for event in events]


def _id_of(instant: datetime) -> str:
    digits = f"{int(instant.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000001"


async def _has_letters(bus: Bus, count: int) -> bool:
    return len(await bus.letters()) == count


async def _make_due(bus: Bus) -> None:
    async with bus.database.transaction() as connection:
        await connection.execute("UPDATE event_dead_letters SET due_at = now(), state = 'retrying'")
