"""Topics of Kafka: made where they are missing, and where a group stands in them.

Source: docs/spec/event-bus.md#kafka.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import NoError, TopicAlreadyExistsError, for_code

from quote_service.platform.event_bus.model.events import TOPICS, Topic
from quote_service.platform.event_bus.tables.kafka_driver import REQUEST_MS, connecting, started, stopped, translated
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Unavailable


async def make_topics(settings: Settings) -> None:
    """Create the topics that are not there, where the account may; where it may not, somebody has to.

    Raises:
        Unavailable: The brokers gave no answer, or a topic is missing and cannot be created.
    """
    names = [settings.event_prefix + topic for topic in TOPICS]
    async with _administering(settings) as admin:
        missing = sorted(set(names) - set(await admin.list_topics()))
        if not missing:
            return
        wanted = [NewTopic(name, settings.event_partitions, settings.kafka_replication) for name in missing]
        answer = await admin.create_topics(wanted, timeout_ms=REQUEST_MS)
    # Another process may have been quicker.
    refused = [(name, code) for name, code, *_ in answer.topic_errors if code not in _MADE]
    if refused:
        name, code = refused[0]
        raise Unavailable(f"The topic {name} is missing and cannot be created: {for_code(code).__name__}")


async def standing_of(settings: Settings, group: str, topic: Topic) -> tuple[list[int], dict[int, int]]:
    """The partitions that a topic has, however many, and the offset that the group has committed in each.

    Raises:
        Unavailable: The brokers gave no answer, or the topic is gone.
    """
    name = settings.event_prefix + topic
    async with _administering(settings) as admin:
        # Of all topics: to ask for one by its name may create it, with as many partitions as the broker likes.
        described = await admin.describe_topics()
        found = await admin.list_consumer_group_offsets(settings.event_prefix + group)
    partitions = [each["partition"] for one in described if one["topic"] == name for each in one["partitions"]]
    if not partitions:
        raise Unavailable(f"The topic {name} is missing")
    committed = {
        place.partition: kept.offset for place, kept in found.items() if place.topic == name and kept.offset >= 0
    }
    return sorted(partitions), committed


_MADE = (NoError.errno, TopicAlreadyExistsError.errno)


@asynccontextmanager
async def _administering(settings: Settings) -> AsyncIterator[Any]:
    admin = await started(AIOKafkaAdminClient(**connecting(settings)))
    try:
        async with translated():
            yield admin
    finally:
        await stopped(admin)
