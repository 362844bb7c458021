"""The bus on Kafka: a topic is a topic, a key goes into the partition that its hash gives.

Source: docs/spec/event-bus.md#kafka.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import MessageSizeTooLargeError, NoError, TopicAlreadyExistsError, for_code

from quote_service.event_bus.tables.kafka_consumer import KafkaConsumer
from quote_service.event_bus.tables.kafka_driver import REQUEST_MS, answer_of, close_quietly, connecting, translated
from quote_service.event_bus.words.bus import PartitionLag, Refused
from quote_service.event_bus.words.events import TOPICS, Event, Topic, write_event
from quote_service.settings import Settings
from quote_service.system.errors import Unavailable

#: A batch has this long: the rows are held in a transaction meanwhile.
PUBLISH_SECONDS = 4.0


class KafkaBus:
    """Brokers that the settings name. Each client of the driver is started when it is first needed, and anew after it broke."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: Any = None
        self._prober: Any = None
        self._has_topics = False

    async def publish(self, events: Sequence[Event]) -> list[Refused]:
        """Send the events, all copies of each kept (`acks=all`), none twice however often the driver tries.

        Raises:
            Unavailable: The brokers gave no answer in time; some may have been kept.
        """
        producer = await self._open_producer()
        sent: list[tuple[Event, asyncio.Future[Any]]] = []
        refused: list[Refused] = []
        try:
            async with translated(PUBLISH_SECONDS):
                for event in events:
                    topic = self._settings.event_prefix + event.topic
                    try:
                        future = await producer.send(topic, value=write_event(event), key=event.key.encode())
                        sent.append((event, future))
                    except MessageSizeTooLargeError as failure:
                        refused.append(Refused(event, str(failure)))
                answers = await asyncio.gather(*(future for _, future in sent), return_exceptions=True)
        except BaseException:
            await self._drop_producer()
            raise
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        for (event, _), answer in zip(sent, answers, strict=True):
            if isinstance(answer, MessageSizeTooLargeError):
                refused.append(Refused(event, str(answer)))
                failures.remove(answer)
        if failures:
            # An idempotent producer that has lost a message may send nothing more under its number.
            await self._drop_producer()
            raise Unavailable(f"The event bus cannot be reached: {type(failures[0]).__name__}") from failures[0]
        return refused

    async def consumer(self, group: str, topic: Topic) -> KafkaConsumer:
        """A member of the group; it joins at its first read."""
        await self._make_topics()
        return KafkaConsumer(self._settings, group, topic)

    async def lag(self, group: str, topic: Topic) -> list[PartitionLag]:
        """What is behind the offset that the group has committed; none committed is the beginning.

        Raises:
            Unavailable: As above.
        """
        prober, name = await self._open_prober(), self._settings.event_prefix + topic
        try:
            partitions = [TopicPartition(name, number) for number in range(self._settings.event_partitions)]
            async with translated():
                ends, begins = await prober.end_offsets(partitions), await prober.beginning_offsets(partitions)
            committed = await self._committed(group)
            found = []
            for partition in partitions:
                at = max(committed.get(partition, 0), begins[partition])
                waiting = max(ends[partition] - at, 0)
                oldest = await self._told_at(prober, partition, at) if waiting else None
                found.append(PartitionLag(partition.partition, waiting, oldest))
            return found
        except Unavailable:
            self._prober = None
            await _stop(prober)
            raise

    async def trim(self, keep_days: int) -> None:
        """Kafka lets go by its topics' own retention."""

    async def close(self) -> None:
        """Close what is open; what is under way has a few seconds."""
        for client in (self._producer, self._prober):
            if client is not None:
                await _stop(client)
        self._producer = self._prober = None

    async def _open_producer(self) -> Any:
        await self._make_topics()
        if self._producer is None:
            producer = AIOKafkaProducer(
                **connecting(self._settings), enable_idempotence=True, acks="all", linger_ms=5, compression_type="gzip"
            )
            self._producer = await _started(producer)
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            # What it has not sent is in the outbox still; `stop` would wait until that is sent, and broken ones never do.
            await close_quietly(producer._sender.close())
            await close_quietly(producer.client.close())

    async def _open_prober(self) -> Any:
        await self._make_topics()
        if self._prober is None:
            prober = AIOKafkaConsumer(
                **connecting(self._settings), enable_auto_commit=False, max_partition_fetch_bytes=4096, group_id=None
            )
            self._prober = await _started(prober)
        return self._prober

    async def _committed(self, group: str) -> dict[TopicPartition, int]:
        admin = await _started(AIOKafkaAdminClient(**connecting(self._settings)))
        try:
            found = await answer_of(admin.list_consumer_group_offsets(self._settings.event_prefix + group))
        finally:
            await _stop(admin)
        return {partition: kept.offset for partition, kept in found.items() if kept.offset >= 0}

    async def _told_at(self, prober: Any, partition: TopicPartition, offset: int) -> datetime | None:
        async with translated():
            prober.assign([partition])
            prober.seek(partition, offset)
            read = await prober.getmany(partition, timeout_ms=500, max_records=1)
        return next((datetime.fromtimestamp(each.timestamp / 1000, UTC) for each in read.get(partition, ())), None)

    async def _make_topics(self) -> None:
        """Create the topics that are not there, where that is allowed; where it is not, somebody has to."""
        if self._has_topics:
            return
        admin = await _started(AIOKafkaAdminClient(**connecting(self._settings)))
        copies = self._settings.kafka_replication
        names = [self._settings.event_prefix + topic for topic in TOPICS]
        try:
            async with translated():
                there = set(await admin.list_topics())
                missing = [name for name in names if name not in there]
                if missing:
                    wanted = [NewTopic(name, self._settings.event_partitions, copies) for name in missing]
                    answer = await admin.create_topics(wanted, timeout_ms=REQUEST_MS)
                    for _, code, *_ in answer.topic_errors:
                        # Another process may have been quicker.
                        if code not in (NoError.errno, TopicAlreadyExistsError.errno):
                            raise for_code(code)
            self._has_topics = True
        finally:
            await _stop(admin)


async def _started(client: Any) -> Any:
    try:
        await answer_of(client.start())
    except BaseException:
        await _stop(client)
        raise
    return client


async def _stop(client: Any) -> None:
    await close_quietly(client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())
