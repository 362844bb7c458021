"""An account of Apache Kafka that may do what docs/spec/event-bus.md names, and no more; source: docs/spec/event-bus.md#kafka."""

from __future__ import annotations

from uuid import uuid4

import msgspec
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Unavailable
from tests.event_bus.apache_administration import CREATE, OF_GROUPS, OF_TOPICS, READ, WRITE, allow, make_topics
from tests.event_bus.apache_broker import PASSWORD, USERNAME, ApacheKafka
from tests.event_bus.bus_of_a_test import GROUP, TOPIC, bus_on, in_spite_of_all, keys

pytestmark = [pytest.mark.usefixtures("empty"), pytest.mark.long("Apache Kafka, which starts for it")]


@pytest.fixture
def settings(apache_kafka: ApacheKafka) -> Settings:
    return Settings(
        event_bus="kafka",
        kafka_servers=(apache_kafka.accounts_address,),
        kafka_security="sasl_plaintext",
        kafka_sasl_mechanism="PLAIN",
        kafka_username=USERNAME,
        kafka_password=PASSWORD,
        event_prefix=f"t{uuid4().hex}-",
    )


async def test_topics_are_read_and_written_without_the_right_to_make_them(
    database: Database, apache_kafka: ApacheKafka, settings: Settings
) -> None:
    prefix = settings.event_prefix
    await allow(apache_kafka, prefix, (OF_TOPICS, READ), (OF_TOPICS, WRITE), (OF_GROUPS, READ))
    async with bus_on(database, settings) as bus:
        await bus.publish(*keys(3))
        with pytest.raises(
            Unavailable, match=f"The topic {prefix}.* is missing and cannot be created: TopicAuthorization"
        ):
            await bus.relay()
        assert await bus.outbox() == 3
        await make_topics(apache_kafka, settings, 4)
        assert await in_spite_of_all(bus.relay) == 3
        consumer = await bus.bus.consumer(GROUP, TOPIC)
        await bus.consume_until(consumer, 3)
        await bus.drain(consumer)
        await consumer.close()


async def test_an_account_that_may_makes_them(
    database: Database, apache_kafka: ApacheKafka, settings: Settings
) -> None:
    rights = ((OF_TOPICS, READ), (OF_TOPICS, WRITE), (OF_TOPICS, CREATE), (OF_GROUPS, READ))
    await allow(apache_kafka, settings.event_prefix, *rights)
    async with bus_on(database, settings) as bus:
        await bus.publish(*keys(2))
        assert await in_spite_of_all(bus.relay) == 2


@pytest.mark.parametrize(
    "wrong", [{"kafka_password": "another"}, {"kafka_username": "nobody"}, {"kafka_security": "plaintext"}]
)
async def test_a_stranger_learns_nothing_and_loses_nothing(
    database: Database, settings: Settings, wrong: dict[str, str]
) -> None:
    async with bus_on(database, msgspec.structs.replace(settings, **wrong)) as bus:
        await bus.publish(*keys(2))
        with pytest.raises(Unavailable):
            await bus.relay()
        assert await bus.outbox() == 2


async def test_an_account_without_rights_to_a_group_reads_nothing(
    database: Database, apache_kafka: ApacheKafka, settings: Settings
) -> None:
    await make_topics(apache_kafka, settings, 4)
    await allow(apache_kafka, settings.event_prefix, (OF_TOPICS, READ), (OF_TOPICS, WRITE))
    async with bus_on(database, settings) as bus:
        await bus.publish(*keys(2))
        assert await in_spite_of_all(bus.relay) == 2
        consumer = await bus.bus.consumer(GROUP, TOPIC)
        with pytest.raises(Unavailable, match="Authorization"):
            await consumer.read(10, 1.0)
        with pytest.raises(Unavailable, match="Authorization"):
            await bus.lag()
        await consumer.close()
