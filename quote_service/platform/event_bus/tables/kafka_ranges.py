"""A topic of Kafka read by offsets, without a group: for an engine that keeps its own place, and reads from code that does not await.

Source: docs/spec/market-analysis.md#spark.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from quote_service.platform.event_bus.model.events import Topic
from quote_service.platform.event_bus.tables.kafka_driver import close_quietly, connecting, translated
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Unavailable

MESSAGES_AT_ONCE: Final = 2000
_WAIT_MS: Final = 500
#: Turns without a message before the end, after which the range counts as unreadable now.
_EMPTY_MAX: Final = 40


class KafkaRanges:
    """One client; each call runs it until it has its answer. To be used by one thread."""

    def __init__(self, settings: Settings, topic: Topic) -> None:
        self._settings = settings
        self._topic = settings.event_prefix + topic
        self._runner = asyncio.Runner()
        self._consumer: Any = None

    def begins(self) -> dict[int, int]:
        """The first offset that there is of each partition.

        Raises:
            Unavailable: The brokers gave no answer.
        """
        return self._runner.run(self._offsets("beginning_offsets"))

    def ends(self) -> dict[int, int]:
        """The offset behind the last message of each partition.

        Raises:
            Unavailable: As above.
        """
        return self._runner.run(self._offsets("end_offsets"))

    def messages(self, partition: int, begin: int, end: int) -> Iterator[list[bytes]]:
        """The messages from one offset to before another, some at a time; those that Kafka has let go of are left out.

        Raises:
            Unavailable: As above; or what is asked for did not come in time.
        """
        place = TopicPartition(self._topic, partition)
        self._runner.run(self._seek(place, begin))
        at, empty = begin, 0
        while at < end:
            read, at = self._runner.run(self._next(place))
            empty = 0 if read else empty + 1
            if empty > _EMPTY_MAX:
                raise Unavailable("The event bus cannot be reached: messages did not come")
            if messages := [record.value or b"" for record in read if record.offset < end]:
                yield messages

    def close(self) -> None:
        """Let go of the connection."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            self._runner.run(_stop(consumer))
        self._runner.close()

    async def _open(self) -> Any:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                **connecting(self._settings),
                group_id=None,
                enable_auto_commit=False,
                # What the topic's retention has taken since is not there to be read.
                auto_offset_reset="earliest",
            )
            try:
                async with translated():
                    await consumer.start()
            except BaseException:
                await _stop(consumer)
                raise
            self._consumer = consumer
        return self._consumer

    async def _offsets(self, which: str) -> dict[int, int]:
        consumer = await self._open()
        try:
            async with translated():
                # However many there are now, of all topics: to ask for one by its name may create it.
                numbers = (await consumer._client.fetch_all_metadata()).partitions_for_topic(self._topic)
                if not numbers:
                    raise Unavailable(f"The topic {self._topic} is missing")
                places = [TopicPartition(self._topic, number) for number in sorted(numbers)]
                found = await getattr(consumer, which)(places)
        except Unavailable:
            self._consumer = None
            await _stop(consumer)
            raise
        return {place.partition: found[place] for place in places}

    async def _seek(self, place: TopicPartition, begin: int) -> None:
        consumer = await self._open()
        consumer.assign([place])
        consumer.seek(place, begin)

    async def _next(self, place: TopicPartition) -> tuple[list[Any], int]:
        async with translated():
            read = await self._consumer.getmany(place, timeout_ms=_WAIT_MS, max_records=MESSAGES_AT_ONCE)
            return list(read.get(place, ())), await self._consumer.position(place)


async def _stop(consumer: Any) -> None:
    await close_quietly(consumer.stop())
    await close_quietly(consumer._client.close())  # which a stop that failed has left open
