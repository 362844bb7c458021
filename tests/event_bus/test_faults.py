"""Servers that go down, members that come and go, messages that are none; source: docs/spec/event-bus.md#delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from aiokafka import AIOKafkaProducer

from quote_service.platform.event_bus.model.bus import EventConsumer
from quote_service.platform.event_bus.model.status import BusReach
from quote_service.platform.event_bus.operations.measure_bus import measure_lag, read_status
from quote_service.platform.event_bus.operations.relay_outbox import relay_outbox
from quote_service.platform.event_bus.operations.sweep_events import sweep_events
from quote_service.platform.event_bus.tables.kafka_consumer import KafkaConsumer
from quote_service.platform.event_bus.tables.redis_consumer import RedisConsumer
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Unavailable
from tests.conftest import eventually
from tests.event_bus.bus_of_a_test import GROUP, TOPIC, Bus, bus_on, in_spite_of_all, keys
from tests.event_bus.mortal_servers import SERVERS, Server

pytestmark = pytest.mark.second_try("kills the servers of the bus")


@pytest.fixture(scope="module", params=SERVERS)
def mortal(request: pytest.FixtureRequest, server_folder: Path) -> Iterator[Server]:
    with SERVERS[request.param](server_folder / f"mortal-{request.param}-{uuid4().hex[:8]}") as server:
        yield server


@pytest.mark.usefixtures("empty")
async def test_a_bus_that_goes_down_loses_nothing(database: Database, mortal: Server) -> None:
    """Before anything is published, after it is, and with a batch read and not acknowledged."""
    (key,) = keys(1)
    async with bus_on(database, mortal.settings) as bus:
        consumer = await bus.bus.consumer(GROUP, TOPIC)
        await bus.publish_numbers(key, 1, 10)
        await bus.relay()
        await bus.consume_until(consumer, 10)
        mortal.kill()
        await bus.publish_numbers(key, 11, 20)
        with pytest.raises(Unavailable):
            await relay_outbox(bus.database, bus.bus, bus.meters)
        assert await bus.outbox() == 10
        mortal.start()
        assert await in_spite_of_all(bus.relay) == 10
        read = await in_spite_of_all(lambda: _some(consumer))
        assert read
        mortal.kill()
        with suppress(Unavailable):
            await consumer.acknowledge(read)
        with suppress(Unavailable):
            await consumer.forget()
        mortal.start()

        # What was read was never handled: it comes again.
        await bus.consume_until(consumer, 20)
        assert [data["n"] for _, data in await bus.effects()] == list(range(1, 21))
        await consumer.close()


@pytest.mark.usefixtures("empty")
async def test_whoever_measures_says_that_the_bus_is_away_and_since_when(database: Database, mortal: Server) -> None:
    async def reach() -> BusReach:
        async with database.read() as connection:
            return (await read_status(connection, mortal.settings)).reach

    async with bus_on(database, mortal.settings) as bus:
        assert (await reach()).state == "unknown"
        await in_spite_of_all(lambda: measure_lag(database, bus.bus, mortal.settings))
        found = await reach()
        assert (found.state, found.detail) == ("reachable", None)
        mortal.kill()
        for _ in range(2):
            with pytest.raises(Unavailable):
                await measure_lag(database, bus.bus, mortal.settings)
        away = await reach()
        assert away.state == "away"
        assert away.detail
        assert away.since is not None
        assert found.checked_at is not None
        assert away.checked_at is not None
        assert found.checked_at < away.since < away.checked_at
        mortal.start()
        await in_spite_of_all(lambda: measure_lag(database, bus.bus, mortal.settings))
        back = await reach()
        assert (back.state, back.detail) == ("reachable", None)
        assert back.since == back.checked_at


@pytest.mark.usefixtures("empty")
async def test_members_share_the_partitions_and_take_over_from_one_that_dies(
    database: Database, bus_settings: Settings
) -> None:
    keys_sent = keys(24)
    async with bus_on(database, bus_settings) as bus, bus_on(database, bus_settings) as other:
        first, second = await _member(bus), await _member(other)
        members = {"first": first, "second": second}

        async def turn() -> None:
            await asyncio.gather(*(bus.turn(each) for each in members.values()))

        async def is_shared() -> bool:
            await turn()
            mine, theirs = await first.partitions(), await second.partitions()
            return len(mine) == len(theirs) == 2 and mine | theirs == {0, 1, 2, 3}

        await eventually(is_shared, "two partitions each")
        for number in (1, 2):
            await bus.publish(*keys_sent, data={"n": number})
        await bus.relay()

        async def has(count: int) -> bool:
            await turn()
            return len(await bus.effects()) >= count

        await eventually(lambda: has(48), "all handled")
        # The second reads, and dies with it: nothing is acknowledged, and nothing closed.
        await bus.publish(*keys_sent, data={"n": 3})
        await bus.relay()
        await eventually(lambda: _read_some(second), "the second has some")
        del members["second"]
        await _die(second, first)
        await eventually(lambda: has(72), "the first handles all of it")
        await eventually(lambda: _holds(first, turn), "the first has all partitions")
        effects = await bus.effects()
        assert len(effects) == 72
        for key in keys_sent:
            assert [data["n"] for each, data in effects if each == key] == [1, 2, 3]
        await first.close()


@pytest.mark.usefixtures("empty")
async def test_a_message_that_is_no_event_is_kept_for_a_person(database: Database, bus_settings: Settings) -> None:
    (key,) = keys(1)
    async with bus_on(database, bus_settings) as bus:
        consumer = await bus.bus.consumer(GROUP, TOPIC)
        await bus.publish(key)
        await bus.relay()
        await _send_junk(bus_settings, b"\xff\xfe no event")
        await bus.publish(key, data={"n": 2})
        await bus.relay()
        await bus.consume_until(consumer, 2)
        await bus.drain(consumer)
        (letter,) = await bus.letters()
        assert (letter["state"], letter["data"], letter["raw"]) == ("dead", None, b"\xff\xfe no event")
        assert letter["last_error"].startswith("no event")
        assert [data["n"] for _, data in await bus.effects()] == [1, 2]
        await consumer.close()


@pytest.mark.usefixtures("empty")
async def test_a_group_that_redis_has_lost_is_made_again(database: Database, redis_url: str) -> None:
    (key,) = keys(1)
    settings = Settings(redis_url=redis_url, event_prefix=f"t{uuid4().hex}-")
    async with bus_on(database, settings) as bus:
        consumer = await bus.bus.consumer(GROUP, TOPIC)
        await bus.publish_numbers(key, 1, 5)
        await bus.relay()
        await bus.consume_until(consumer, 5)
        with redis.Redis.from_url(redis_url) as client:
            streams = client.keys(f"{settings.event_prefix}*")
            for stream in streams:
                client.xgroup_destroy(stream, GROUP)
            await bus.publish_numbers(key, 6, 7)
            await bus.relay()
            await bus.consume_until(consumer, 7)  # the first five came again, and had no second effect
            client.delete(*streams)
        await bus.publish_numbers(key, 8, 9)
        await bus.relay()
        await bus.consume_until(consumer, 9)
        assert [data["n"] for _, data in await bus.effects()] == list(range(1, 10))
        assert await bus.lag() == 0
        await consumer.close()


@pytest.mark.usefixtures("empty")
async def test_two_relays_keep_the_order_of_each_key(database: Database, bus_settings: Settings) -> None:
    keys_sent = keys(6)
    async with bus_on(database, bus_settings) as bus, bus_on(database, bus_settings) as other:
        for number in range(1, 11):
            await bus.publish(*keys_sent, data={"n": number})

        async def relay(of: Bus) -> None:
            while await relay_outbox(of.database, of.bus, of.meters, limit=3) or await of.outbox():
                pass

        await asyncio.gather(relay(bus), relay(other), relay(bus))
        consumer = await bus.bus.consumer(GROUP, TOPIC)
        await bus.consume_until(consumer, 60)
        effects = await bus.effects()
        for key in keys_sent:
            assert [data["n"] for each, data in effects if each == key] == list(range(1, 11))
        await consumer.close()


@pytest.mark.usefixtures("empty")
async def test_the_outbox_and_the_notes_are_bounded(database: Database, redis_url: str) -> None:
    settings = Settings(redis_url=redis_url, event_prefix=f"t{uuid4().hex}-", event_outbox_max=1000)
    async with bus_on(database, settings) as bus:
        await bus.publish(*keys(1010))
        old = datetime.now(UTC) - timedelta(days=8)
        async with database.transaction() as connection:
            await connection.execute(
                "UPDATE event_outbox SET at = $1 WHERE seq IN (SELECT seq FROM event_outbox ORDER BY seq DESC LIMIT 7)",
                old,
            )
            for days in (7, 9):
                digits = f"{int((datetime.now(UTC) - timedelta(days=days)).timestamp() * 1000):012x}"
                await connection.execute(
                    "INSERT INTO event_handled VALUES ($1, $2)",
                    GROUP,
                    f"{digits[:8]}-{digits[8:]}-7000-8000-{days:012x}",
                )
        while await sweep_events(database, bus.bus, settings, bus.meters, limit=500):
            pass
        # Ten of too many and seven that are too old; of the notes the one that nobody can need.
        assert await bus.outbox() == 1010 - 10 - 7
        async with database.read() as connection:
            notes = await connection.fetch("SELECT event_id FROM event_handled")
        assert [str(row["event_id"])[-1] for row in notes] == ["7"]


async def _member(bus: Bus) -> EventConsumer:
    """A member whose share runs out soon, so that nobody waits long for that of a dead one."""
    member = await bus.bus.consumer(GROUP, TOPIC)
    if isinstance(member, RedisConsumer):
        member.lease_seconds = 1.0
    return member


async def _some(consumer: EventConsumer) -> list[Any]:
    read = await consumer.read(100, 0.2)
    if not read:
        raise Unavailable("nothing yet")
    return read


async def _read_some(consumer: EventConsumer) -> bool:
    return bool(await consumer.read(100, 0.1))


async def _holds(consumer: EventConsumer, turn: Callable[[], Any]) -> bool:
    await turn()
    return await consumer.partitions() == {0, 1, 2, 3}


async def _die(member: EventConsumer, other: EventConsumer) -> None:
    """Say nothing more, and acknowledge nothing.

    On Redis nothing is given back either. The broker of these tests expects its members to leave, and tells the others nothing of
    it: they join again, as after a failure.
    """
    if isinstance(member, KafkaConsumer):
        await member.forget()
        await other.forget()


async def _send_junk(settings: Settings, message: bytes) -> None:
    if settings.event_bus == "redis":
        with redis.Redis.from_url(settings.redis_url) as client:
            client.xadd(f"{settings.event_prefix}stream:{{{TOPIC}}}:0", {"event": message})
        return
    producer = AIOKafkaProducer(bootstrap_servers=list(settings.kafka_servers))
    await producer.start()
    try:
        await producer.send_and_wait(settings.event_prefix + TOPIC, message, partition=0)
    finally:
        await producer.stop()
