"""What whoever runs Apache Kafka does: topics as they like them, and rights of accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.protocol.admin import CreateAclsRequest

from quote_service.platform.event_bus.model.events import TOPICS
from quote_service.platform.settings import Settings
from tests.event_bus.apache_broker import USERNAME, ApacheKafka

# As numbers of the protocol.
OF_TOPICS, OF_GROUPS, _PREFIXED, _ALLOW = 2, 3, 4, 3
READ, WRITE, CREATE = 3, 4, 5
#: What docs/spec/event-bus.md says that an account needs.
RIGHTS = ((OF_TOPICS, READ), (OF_TOPICS, WRITE), (OF_TOPICS, CREATE), (OF_GROUPS, READ))


@asynccontextmanager
async def administrator(kafka: ApacheKafka) -> AsyncIterator[AIOKafkaAdminClient]:
    """Who runs the broker, and may do everything."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def make_topics(kafka: ApacheKafka, settings: Settings, partitions: int, **limits: str) -> None:
    """As whoever runs the broker makes them."""
    names = [settings.event_prefix + topic for topic in TOPICS]
    configs = {name.replace("_", "."): value for name, value in limits.items()}
    async with administrator(kafka) as admin:
        answer = await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs) for name in names])
        assert [code for _, code, *_ in answer.topic_errors] == [0] * len(names), answer


async def allow(kafka: ApacheKafka, prefix: str, *rights: tuple[int, int]) -> None:
    """Give the account of the tests rights on names that begin like this."""
    async with administrator(kafka) as admin:
        for resource, operation in rights:
            asked = CreateAclsRequest(resource, prefix, _PREFIXED, f"User:{USERNAME}", "*", operation, _ALLOW)
            answer = await admin._send_request(asked)
            assert [code for code, *_ in answer.creation_responses] == [0], answer
