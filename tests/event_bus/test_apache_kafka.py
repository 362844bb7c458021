"""What Apache Kafka alone does to a bus: members that vanish, retention, limits, topics as somebody else made them.

Source: docs/spec/event-bus.md#kafka.
"""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from quote_service.platform.event_bus.model.bus import EventConsumer
from quote_service.platform.event_bus.model.events import TOPICS
from quote_service.platform.event_bus.operations.consume import apply_replays
from quote_service.platform.event_bus.operations.measure_bus import measure_lag
from quote_service.platform.event_bus.operations.relay_outbox import relay_outbox
from quote_service.platform.event_bus.operations.sweep_events import sweep_events
from quote_service.platform.event_bus.tables.replays import ask_replay, asked_replays, read_positions
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Unavailable
from tests.conftest import eventually
from tests.event_bus.apache_administration import administrator, make_topics
from tests.event_bus.apache_broker import ApacheKafka
from tests.event_bus.bus_of_a_test import GROUP, TOPIC, Bus, bus_on, in_spite_of_all, keys

pytestmark = [pytest.mark.usefixtures("empty"), pytest.mark.long("Apache Kafka, which starts for it")]


@pytest.fixture
def settings(apache_kafka: ApacheKafka) -> Settings:
    """Names of a test's own."""
    return Settings(event_bus="kafka", kafka_servers=(apache_kafka.address,), event_prefix=f"t{uuid4().hex}-")


@pytest.mark.parametrize("partitions", [2, 6])
async def test_topics_may_have_fewer_or_more_partitions_than_the_setting(
    database: Database, apache_kafka: ApacheKafka, settings: Settings, partitions: int
) -> None:
    await make_topics(apache_kafka, settings, partitions)
    keys_sent = keys(24)
    async with bus_on(database, settings) as bus:
        for number in (1, 2):
            await bus.publish(*keys_sent, data={"n": number})
        await bus.relay()
        lag = await in_spite_of_all(lambda: bus.bus.lag(GROUP, TOPIC))
        assert [each.partition for each in lag] == list(range(partitions))
        assert sum(each.waiting for each in lag) == 48
        consumer = await bus.bus.consumer(GROUP, TOPIC)
        await bus.consume_until(consumer, 48)
        await bus.drain(consumer)
        await measure_lag(database, bus.bus, bus.settings)
        await _replay(bus, consumer, partitions)
        effects = await bus.effects()
        for key in keys_sent:
            assert [data["n"] for each, data in effects if each == key] == [1, 2]
        async with database.read() as connection:
            positions = await read_positions(connection)
        assert sum(each.consumer_group == GROUP for each in positions) == partitions
        await consumer.close()


async def _replay(bus: Bus, consumer: EventConsumer, partitions: int) -> None:
    """Every partition is read again before anybody forgets that it should be."""
    async with bus.database.transaction() as connection:
        await ask_replay(connection, GROUP, TOPIC, datetime.now(UTC) - timedelta(hours=1), "a test")
        for partition in range(4):  # as other members have noted them
            await connection.execute("UPDATE event_replays SET partitions = array_append(partitions, $1)", partition)
    await sweep_events(bus.database, bus.bus, bus.settings, bus.meters)
    async with bus.database.read() as connection:
        asked = await asked_replays(connection, GROUP, TOPIC)
    assert bool(asked) == (partitions > 4)
    await apply_replays(bus.database, consumer, bus.group())
    assert (await bus.lag() > 0) == (partitions > 4)
    await bus.drain(consumer)
    await sweep_events(bus.database, bus.bus, bus.settings, bus.meters)
    async with bus.database.read() as connection:
        assert await asked_replays(connection, GROUP, TOPIC) == []


async def test_an_event_over_the_brokers_limit_is_put_aside_and_stops_no_other(
    database: Database, apache_kafka: ApacheKafka, settings: Settings
) -> None:
    await make_topics(apache_kafka, settings, 1, max_message_bytes="40000")
    (key,) = keys(1)
    noise = random.Random(7)
    async with bus_on(database, settings) as bus:
        for number in range(1, 31):
            # As text of chance it does not get shorter by compressing.
            text = noise.randbytes(60_000).hex() if number in {5, 6, 20} else ""
            await bus.publish(key, data={"n": number, "text": text})
        await in_spite_of_all(bus.relay)
        letters = await bus.letters()
        assert [letter["consumer_group"] for letter in letters] == ["relay"] * 3
        assert all("MessageSizeTooLarge" in letter["last_error"] for letter in letters)
        consumer = await bus.bus.consumer(GROUP, TOPIC)
        await bus.consume_until(consumer, 27)
        assert [data["n"] for _, data in await bus.effects()] == [n for n in range(1, 31) if n not in {5, 6, 20}]
        await consumer.close()


async def test_what_the_broker_has_let_go_of_is_passed_over(
    database: Database, apache_kafka: ApacheKafka, settings: Settings
) -> None:
    await make_topics(apache_kafka, settings, 1)
    (key,) = keys(1)
    place = TopicPartition(settings.event_prefix + TOPIC, 0)
    async with bus_on(database, settings) as bus:
        consumer = await bus.bus.consumer(GROUP, TOPIC)
        await bus.publish_numbers(key, 1, 10)
        await bus.relay()
        await bus.consume_until(consumer, 10)
        await consumer.close()
        await bus.publish_numbers(key, 11, 20)
        await bus.relay()
        async with administrator(apache_kafka) as admin:
            await admin.delete_records({place: RecordsToDelete(15)})
        assert await bus.lag() == 5
        consumer = await bus.bus.consumer(GROUP, TOPIC)
        await bus.consume_until(consumer, 15)
        await bus.drain(consumer)
        # From before there was anything: what the broker has kept is read again, and has no second effect.
        async with database.transaction() as connection:
            await ask_replay(connection, GROUP, TOPIC, datetime.now(UTC) - timedelta(days=6), "a test")
        await apply_replays(database, consumer, bus.group())
        assert await bus.lag() == 5
        await bus.drain(consumer)
        assert [data["n"] for _, data in await bus.effects()] == [*range(1, 11), *range(16, 21)]
        await consumer.close()


async def test_a_group_reads_again_from_an_instant(
    database: Database, apache_kafka: ApacheKafka, settings: Settings
) -> None:
    await make_topics(apache_kafka, settings, 1)
    (key,) = keys(1)
    async with bus_on(database, settings) as bus:
        consumer = await bus.bus.consumer(GROUP, TOPIC)
        await bus.publish_numbers(key, 1, 10)
        await bus.relay()
        await bus.consume_until(consumer, 10)
        since = datetime.now(UTC)
        await asyncio.sleep(0.01)  # Kafka's instants are of milliseconds
        await bus.publish_numbers(key, 11, 14)
        await bus.relay()
        await bus.consume_until(consumer, 14)
        await bus.drain(consumer)
        await consumer.rewind(0, since)
        assert await bus.lag() == 4
        await bus.drain(consumer)
        await consumer.rewind(0, datetime.now(UTC) + timedelta(hours=1))
        assert await bus.lag() == 0
        await consumer.close()


async def test_a_member_does_not_commit_what_a_rebalance_has_taken_from_it(
    database: Database, settings: Settings
) -> None:
    keys_sent = keys(40)
    async with bus_on(database, settings) as bus, bus_on(database, settings) as other:
        first = await bus.bus.consumer(GROUP, TOPIC)
        await bus.publish(*keys_sent)
        await bus.relay()
        read = await in_spite_of_all(lambda: first.read(100, 1.0))
        while len(read) < 40:
            read += await first.read(100, 1.0)
        second = await other.bus.consumer(GROUP, TOPIC)
        joining = asyncio.create_task(second.read(100, 1.0))

        async def has_less() -> bool:
            return len(await first.partitions()) == 2

        await eventually(has_less, "half of the partitions are the second's")
        # It has handled nothing of what it says that it has: none of it may be passed over.
        await first.acknowledge(read)
        assert await bus.lag() == 40
        for delivery in await joining:
            assert delivery.partition in await second.partitions()
        await second.forget()
        members = [first, second]

        async def all_are_handled() -> bool:
            await asyncio.gather(*(bus.turn(each) for each in members))
            return len(await bus.effects()) == 40 and await bus.lag() == 0

        await eventually(all_are_handled, "all is handled, by whoever has it")
        assert sorted(key for key, _ in await bus.effects()) == sorted(keys_sent)
        for each in members:
            await each.close()


async def test_topics_that_somebody_deletes_are_made_again(
    database: Database, apache_kafka: ApacheKafka, settings: Settings
) -> None:
    (key,) = keys(1)
    async with bus_on(database, settings) as bus:
        consumer = await bus.bus.consumer(GROUP, TOPIC)
        await bus.publish_numbers(key, 1, 5)
        await bus.relay()
        await bus.consume_until(consumer, 5)
        async with administrator(apache_kafka) as admin:
            await admin.delete_topics([settings.event_prefix + topic for topic in TOPICS])
        await bus.publish_numbers(key, 6, 9)
        await in_spite_of_all(bus.relay)
        assert await bus.outbox() == 0
        await bus.consume_until(consumer, 9)
        assert [data["n"] for _, data in await bus.effects()] == list(range(1, 10))
        await consumer.close()


async def test_a_broker_that_is_away_stops_nobody_who_shows(database: Database, settings: Settings) -> None:
    away = Settings(event_bus="kafka", kafka_servers=("127.0.0.1:1",), event_prefix=settings.event_prefix)
    async with bus_on(database, away) as bus:
        await bus.publish(*keys(3))
        with pytest.raises(Unavailable):
            await relay_outbox(bus.database, bus.bus, bus.meters)
        assert await bus.outbox() == 3
