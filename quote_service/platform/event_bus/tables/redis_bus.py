"""The bus on Redis Streams: each topic is some streams, an event goes into the one that its key hashes to.

Keys: `{prefix}stream:{topic}:{n}`, with the topic in braces, so that all streams of a topic are in one slot of a cluster.

Source: docs/spec/event-bus.md#redis-streams.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID
from zlib import crc32

from quote_service.platform.event_bus.model.bus import TRACEPARENT, UNTRACED, BusSystem, PartitionLag, Refused
from quote_service.platform.event_bus.model.events import TOPICS, Event, Topic, write_event
from quote_service.platform.event_bus.tables.leases import Leases
from quote_service.platform.event_bus.tables.redis_consumer import RedisConsumer
from quote_service.platform.event_bus.tables.redis_streams import answer_of, entry_at, is_missing
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.connection import RedisClient
from quote_service.platform.system.new_ids import new_id


class RedisBus:
    """Streams over a client that may wait longer than a read blocks."""

    system: BusSystem = "redis"

    def __init__(self, client: RedisClient, database: Database, *, prefix: str, partitions: int, length: int) -> None:
        """Nothing is asked of Redis yet.

        Args:
            client: Its time limit is longer than `redis_consumer.BLOCK_MS_MAX`.
            database: Where members of a group share out partitions.
            prefix: What keys begin with.
            partitions: Streams of each topic.
            length: Entries kept of each stream, about.
        """
        self._client = cast("Any", client)
        self._database = database
        self._prefix = prefix
        self._partitions = partitions
        self._length = length

    async def publish(self, events: Sequence[Event], traceparents: Mapping[UUID, str] = UNTRACED) -> list[Refused]:
        """Add the events to their streams. Redis refuses none for good.

        Raises:
            Unavailable: Redis gave no answer, or has no memory left; some may have been added.
        """
        pipeline = self._client.pipeline(transaction=False)
        for event in events:
            key = self._stream(event.topic, crc32(event.key.encode()) % self._partitions)
            fields = {b"event": write_event(event)}
            if (traceparent := traceparents.get(event.id)) is not None:
                fields[TRACEPARENT.encode()] = traceparent.encode()
            pipeline.xadd(key, fields, maxlen=self._length, approximate=True)
        await answer_of(pipeline.execute())
        return []

    async def consumer(self, group: str, topic: Topic) -> RedisConsumer:
        """A member of the group, with a name of its own."""
        streams = [self._stream(topic, number) for number in range(self._partitions)]
        leases = Leases(self._database, group, topic, new_id(), self._partitions)
        return RedisConsumer(self._client, streams, group, leases)

    async def lag(self, group: str, topic: Topic) -> list[PartitionLag]:
        """What is in each stream behind what the group was given, and what it was given and has not acknowledged.

        Raises:
            Unavailable: As above.
        """
        return [
            await self._lag(number, self._stream(topic, number), group.encode()) for number in range(self._partitions)
        ]

    async def trim(self, keep_days: int) -> None:
        """Let go of entries that are older.

        Raises:
            Unavailable: As above.
        """
        oldest = int((datetime.now(UTC) - timedelta(days=keep_days)).timestamp() * 1000)
        pipeline = self._client.pipeline(transaction=False)
        for topic in TOPICS:
            for number in range(self._partitions):
                pipeline.xtrim(self._stream(topic, number), minid=f"{oldest}-0", approximate=True)
        await answer_of(pipeline.execute())

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _stream(self, topic: Topic, number: int) -> str:
        return f"{self._prefix}stream:{{{topic}}}:{number}"

    async def _lag(self, number: int, stream: str, group: bytes) -> PartitionLag:
        groups = await answer_of(self._client.xinfo_groups(stream), otherwise=is_missing) or ()
        found = next((each for each in groups if each["name"] == group), None)
        if found is None:  # nothing was read of it yet
            count = await answer_of(self._client.xlen(stream))
            first = await answer_of(self._client.xrange(stream, count=1))
            return PartitionLag(number, count, entry_at(first[0][0]) if first else None)
        last = found["last-delivered-id"].decode()
        unread = await answer_of(self._client.xrange(stream, min=f"({last}", count=1))
        behind = found.get("lag")
        if behind is None:  # Redis cannot tell once entries were removed in between
            behind = len(await answer_of(self._client.xrange(stream, min=f"({last}", count=self._length)))
        pending = await answer_of(self._client.xpending(stream, group))
        oldest = [entry_at(entry) for entry in (pending["min"], unread[0][0] if unread else None) if entry is not None]
        return PartitionLag(number, int(behind) + int(found["pending"]), min(oldest, default=None))
