"""One member of a consumer group of Kafka: the broker shares out partitions, offsets are committed one by one.

Nothing is committed but what was handled, by explicit offsets of partitions that are this member's still: what is lost to
another in a rebalance is the other's to handle, and known to it by its ids where it was handled already.

Source: docs/spec/event-bus.md#kafka.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

from quote_service.platform.event_bus.model.bus import TRACEPARENT, BusSystem, Delivery
from quote_service.platform.event_bus.model.events import EventUnreadable, Topic, read_event
from quote_service.platform.event_bus.tables.kafka_driver import close_quietly, connecting, translated
from quote_service.platform.settings import Settings

SESSION_MS = 10_000
#: To join takes as long as the session of a member that is gone: longer than any other request.
JOIN_MS = 30_000
METADATA_MS = 10_000
#: The partition is another's by now, or is on its way there.
_LOST = (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)


class KafkaConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # not typed there
    """A member; it joins at its first read, and again after it broke."""

    system: BusSystem = "kafka"

    def __init__(self, settings: Settings, group: str, topic: Topic, *, session_ms: int = SESSION_MS) -> None:
        self._settings = settings
        self._group = settings.event_prefix + group
        self._topic = settings.event_prefix + topic
        self._session_ms = session_ms
        self._consumer: Any = None
        # Goes up with every share-out: what was read before one is not committed after it.
        self._shares = 0
        self._read_in: dict[tuple[int, str], int] = {}

    async def read(self, limit: int, wait_seconds: float) -> list[Delivery]:
        """As `EventConsumer.read`."""
        consumer = await self._open()
        async with translated(JOIN_MS / 1000 + wait_seconds):
            read = await consumer.getmany(timeout_ms=int(wait_seconds * 1000), max_records=limit)
        deliveries = [
            _delivery(partition.partition, record) for partition, records in read.items() for record in records
        ]
        for delivery in deliveries:
            self._read_in[delivery.partition, delivery.position] = self._shares
        return deliveries

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """As `EventConsumer.acknowledge`."""
        offsets: dict[TopicPartition, int] = {}
        for delivery in deliveries:
            partition = TopicPartition(self._topic, delivery.partition)
            if self._read_in.pop((delivery.partition, delivery.position), -1) == self._shares:
                offsets[partition] = max(offsets.get(partition, 0), int(delivery.position) + 1)
        if offsets and self._consumer is not None:
            await self._commit(offsets)

    async def forget(self) -> None:
        """As `EventConsumer.forget`; the member leaves and joins again, wherever it stood."""
        consumer, self._consumer = self._consumer, None
        self._read_in.clear()
        if consumer is not None:
            await _stop(consumer)

    async def partitions(self) -> frozenset[int]:
        """As `EventConsumer.partitions`."""
        consumer = await self._open()
        return frozenset(partition.partition for partition in consumer.assignment())

    async def rewind(self, partition: int, since: datetime) -> None:
        """As `EventConsumer.rewind`."""
        consumer, place = await self._open(), TopicPartition(self._topic, partition)
        async with translated():
            found = await consumer.offsets_for_times({place: int(since.timestamp() * 1000)})
            at = found.get(place)
            offset = at.offset if at is not None else (await consumer.end_offsets([place]))[place]
        try:
            consumer.seek(place, offset)
        except IllegalStateError:
            return  # lost meanwhile; whoever has it now is asked too
        await self._commit({place: offset})

    async def close(self) -> None:
        """As `EventConsumer.close`."""
        await self.forget()

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """What was read is not committed any more: another member begins where the last commit was."""
        self._shares += 1
        self._read_in.clear()

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Reading begins at what is committed, or with the oldest event."""

    async def _open(self) -> Any:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                **connecting(self._settings) | {"request_timeout_ms": JOIN_MS},
                group_id=self._group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                session_timeout_ms=self._session_ms,
                heartbeat_interval_ms=self._session_ms // 5,
                # A batch is bounded by what a statement may take; longer than this somebody else goes on with it.
                max_poll_interval_ms=120_000,
                # Partitions that were added, and topics that were made again, are read within this time.
                metadata_max_age_ms=METADATA_MS,
            )
            consumer.subscribe([self._topic], listener=self)
            try:
                async with translated():
                    await consumer.start()
            except BaseException:
                await _stop(consumer)
                raise
            self._consumer = consumer
        return self._consumer

    async def _commit(self, offsets: dict[TopicPartition, int]) -> None:
        # What is lost comes again, to whoever has the partition.
        async with translated():
            with suppress(*_LOST):
                await self._consumer.commit(offsets)


def _delivery(partition: int, record: Any) -> Delivery:
    message, position = record.value or b"", str(record.offset)
    causes = (value.decode("latin-1") for name, value in record.headers if name == TRACEPARENT and value)
    try:
        return Delivery(partition, position, message, read_event(message), traceparent=next(causes, None))
    except EventUnreadable as fault:
        return Delivery(partition, position, message, None, str(fault))


async def _stop(consumer: Any) -> None:
    await close_quietly(consumer.stop())
    await close_quietly(consumer._client.close())  # which a stop that failed has left open
