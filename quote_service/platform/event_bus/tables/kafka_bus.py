"""The bus on Kafka: a topic is a topic, a key goes into the partition that its hash gives.

Source: docs/spec/event-bus.md#kafka.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError

from quote_service.platform.event_bus.model.bus import TRACEPARENT, UNTRACED, BusSystem, PartitionLag, Refused
from quote_service.platform.event_bus.model.events import Event, Topic, write_event
from quote_service.platform.event_bus.tables.kafka_consumer import KafkaConsumer
from quote_service.platform.event_bus.tables.kafka_driver import close_quietly, connecting, started, stopped, translated
from quote_service.platform.event_bus.tables.kafka_topics import make_topics, standing_of
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Unavailable

#: A batch has this long: the rows are held in a transaction meanwhile.
PUBLISH_SECONDS = 4.0


class KafkaBus:
    """Brokers that the settings name. Each client of the driver is started when it is first needed, and again after it broke."""

    system: BusSystem = "kafka"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: Any = None
        self._prober: Any = None
        self._has_topics = False

    async def publish(self, events: Sequence[Event], traceparents: Mapping[UUID, str] = UNTRACED) -> list[Refused]:
        """Send the events, all copies of each kept (`acks=all`), none twice however often the driver tries.

        Raises:
            Unavailable: The brokers gave no answer in time; some may have been kept.
        """
        refused: list[Refused] = []
        left = list(events)
        async with translated(PUBLISH_SECONDS):
            while left:
                left = await self._send(left, traceparents, refused)
        return refused

    async def consumer(self, group: str, topic: Topic) -> KafkaConsumer:
        """A member of the group; it joins at its first read."""
        await self._see_topics()
        return KafkaConsumer(self._settings, group, topic)

    async def lag(self, group: str, topic: Topic) -> list[PartitionLag]:
        """What is behind the offset that the group has committed; none committed is the beginning.

        Raises:
            Unavailable: As above.
        """
        prober = await self._open_prober()
        try:
            numbers, committed = await standing_of(self._settings, group, topic)
            partitions = [TopicPartition(self._settings.event_prefix + topic, number) for number in numbers]
            async with translated():
                ends, begins = await prober.end_offsets(partitions), await prober.beginning_offsets(partitions)
            found = []
            for partition in partitions:
                at = max(committed.get(partition.partition, 0), begins[partition])
                waiting = max(ends[partition] - at, 0)
                oldest = await self._told_at(prober, partition, at) if waiting else None
                found.append(PartitionLag(partition.partition, waiting, oldest))
            return found
        except Unavailable:
            self._prober, self._has_topics = None, False
            await stopped(prober)
            raise

    async def trim(self, keep_days: int) -> None:
        """Kafka lets go by its topics' own retention."""

    async def close(self) -> None:
        """Close what is open; what is under way has a few seconds."""
        for client in (self._producer, self._prober):
            if client is not None:
                await stopped(client)
        self._producer = self._prober = None

    async def _send(
        self, events: Sequence[Event], traceparents: Mapping[UUID, str], refused: list[Refused]
    ) -> list[Event]:
        """Send events; answers those that were not taken because one before them was refused."""
        producer = await self._open_producer()
        sent: list[tuple[Event, asyncio.Future[Any]]] = []
        try:
            for event in events:
                topic = self._settings.event_prefix + event.topic
                try:
                    future = await producer.send(
                        topic, value=write_event(event), key=event.key.encode(), headers=_headers(event, traceparents)
                    )
                    sent.append((event, future))
                except MessageSizeTooLargeError as failure:
                    refused.append(Refused(event, str(failure)))
            answers = await asyncio.gather(*(future for _, future in sent), return_exceptions=True)
        except BaseException:
            await self._drop_producer()
            raise
        lost = [(event, answer) for (event, _), answer in zip(sent, answers, strict=True) if _is_failure(answer)]
        if not lost:
            return []
        # An idempotent producer that has lost a message may send nothing more under its number.
        await self._drop_producer()
        # A batch that is longer than the driver's own limit (16 KiB) is of one message: no other is refused with it.
        too_long = [
            Refused(event, str(answer)) for event, answer in lost if isinstance(answer, MessageSizeTooLargeError)
        ]
        if not too_long:
            raise lost[0][1]
        refused += too_long
        return [event for event, answer in lost if not isinstance(answer, MessageSizeTooLargeError)]

    async def _open_producer(self) -> Any:
        await self._see_topics()
        if self._producer is None:
            producer = AIOKafkaProducer(
                **connecting(self._settings), enable_idempotence=True, acks="all", linger_ms=5, compression_type="gzip"
            )
            self._producer = await started(producer)
        return self._producer

    async def _drop_producer(self) -> None:
        # Its topics may be what is gone.
        producer, self._producer, self._has_topics = self._producer, None, False
        if producer is not None:
            # What it has not sent is in the outbox still; `stop` would wait until that is sent, and broken ones never do.
            producer._closed = True
            await close_quietly(producer._sender.close())
            await close_quietly(producer.client.close())

    async def _open_prober(self) -> Any:
        await self._see_topics()
        if self._prober is None:
            prober = AIOKafkaConsumer(
                **connecting(self._settings), enable_auto_commit=False, max_partition_fetch_bytes=4096, group_id=None
            )
            self._prober = await started(prober)
        return self._prober

    async def _see_topics(self) -> None:
        if not self._has_topics:
            await make_topics(self._settings)
            self._has_topics = True

    async def _told_at(self, prober: Any, partition: TopicPartition, offset: int) -> datetime | None:
        async with translated():
            prober.assign([partition])
            prober.seek(partition, offset)
            read = await prober.getmany(partition, timeout_ms=500, max_records=1)
        return next((datetime.fromtimestamp(each.timestamp / 1000, UTC) for each in read.get(partition, ())), None)


def _is_failure(answer: Any) -> bool:
    return isinstance(answer, BaseException)


def _headers(event: Event, traceparents: Mapping[UUID, str]) -> list[tuple[str, bytes]]:
    traceparent = traceparents.get(event.id)
    return [] if traceparent is None else [(TRACEPARENT, traceparent.encode())]
