"""One member of a group that reads the streams of a topic.

It reads the partitions that it has leased. What a partition had under way with its former reader comes first, so that the
events of a key stay in order; then what nobody has read. Where Redis has lost the group, it is made again from the oldest
entry there is: what was handled before is known by its id.

Source: docs/spec/event-bus.md#redis-streams.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from quote_service.platform.event_bus.model.bus import TRACEPARENT, BusSystem, Delivery
from quote_service.platform.event_bus.model.events import EventUnreadable, read_event
from quote_service.platform.event_bus.tables.leases import Leases
from quote_service.platform.event_bus.tables.redis_streams import answer_of, exists, is_missing
from quote_service.platform.system.errors import Unavailable

BLOCK_MS_MAX = 1000
#: Every member reads under this name: a partition has one reader, and names of members that are gone would pile up.
READER = "reader"
#: How long partitions stay with a member that says nothing.
LEASE_SECONDS = 15.0
_RENEW_SECONDS = LEASE_SECONDS / 3


class RedisConsumer:
    """A member of a group."""

    system: BusSystem = "redis"

    def __init__(
        self,
        client: Any,
        streams: Sequence[str],
        group: str,
        leases: Leases,
        *,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._client = client
        self._streams = streams
        self._group = group
        self._leases = leases
        self.lease_seconds = lease_seconds
        self._mine: frozenset[int] = frozenset()
        # Those of mine of which something may be under way with whoever read them before.
        self._unfinished: set[int] = set()
        self._shared_at = float("-inf")

    async def read(self, limit: int, wait_seconds: float) -> list[Delivery]:
        """As `EventConsumer.read`."""
        mine = await self.partitions()
        if not mine:
            await asyncio.sleep(wait_seconds)
            return []
        for partition in sorted(self._unfinished):
            if begun := await self._take_over(partition, limit):
                return begun
            self._unfinished.discard(partition)
        return await self._read_new(sorted(mine), limit, wait_seconds)

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """As `EventConsumer.acknowledge`."""
        by_partition: dict[int, list[str]] = {}
        for delivery in deliveries:
            by_partition.setdefault(delivery.partition, []).append(delivery.position)
        pipeline = self._client.pipeline(transaction=False)
        for partition, positions in by_partition.items():
            pipeline.xack(self._streams[partition], self._group, *positions)
        if by_partition:
            await answer_of(pipeline.execute(), otherwise=is_missing)

    async def forget(self) -> None:
        """As `EventConsumer.forget`."""
        self._unfinished = set(self._mine)

    async def partitions(self) -> frozenset[int]:
        """As `EventConsumer.partitions`; renewed now and then."""
        clock = asyncio.get_running_loop().time
        if clock() - self._shared_at >= min(_RENEW_SECONDS, self.lease_seconds / 3):
            mine = await self._leases.share(self.lease_seconds, self._mine if self._shared_at > float("-inf") else None)
            self._unfinished = (self._unfinished | (mine - self._mine)) & mine
            self._mine, self._shared_at = mine, clock()
        return self._mine

    async def rewind(self, partition: int, since: datetime) -> None:
        """As `EventConsumer.rewind`."""
        before = max(int(since.timestamp() * 1000) - 1, 0)
        stream, position = self._streams[partition], f"{before}-{2**64 - 1}"
        await self._make_group(stream)
        await answer_of(self._client.xgroup_setid(stream, self._group, position))

    async def close(self) -> None:
        """As `EventConsumer.close`."""
        self._mine, self._shared_at = frozenset(), float("-inf")
        with suppress(Unavailable):
            await self._leases.leave()

    async def _take_over(self, partition: int, limit: int) -> list[Delivery]:
        stream, after = self._streams[partition], b"0-0"
        while True:
            claim = self._client.xautoclaim(stream, self._group, READER, 0, after, count=limit)
            answer = await answer_of(claim, otherwise=is_missing)
            if answer is None:
                await self._make_group(stream)
                return []
            after, entries = answer[0], answer[1]
            # Entries that were trimmed meanwhile fill a turn too, and are let go of by Redis itself.
            if entries or after == b"0-0":
                return [_delivery(partition, *entry) for entry in entries]

    async def _read_new(self, mine: Sequence[int], limit: int, wait_seconds: float) -> list[Delivery]:
        by_name = {self._streams[partition].encode(): partition for partition in mine}
        block = max(min(int(wait_seconds * 1000), BLOCK_MS_MAX), 1)
        reading = self._client.xreadgroup(
            self._group, READER, dict.fromkeys(by_name, ">"), count=max(limit // len(mine), 1), block=block
        )
        answer = await answer_of(reading, otherwise=is_missing)
        if answer is None:
            for partition in mine:
                await self._make_group(self._streams[partition])
            return []
        return [_delivery(by_name[name], *entry) for name, entries in answer for entry in entries]

    async def _make_group(self, stream: str) -> None:
        making = self._client.xgroup_create(stream, self._group, id="0", mkstream=True)
        await answer_of(making, otherwise=exists)


def _delivery(partition: int, position: bytes, fields: dict[bytes, bytes] | None) -> Delivery:
    message, cause = (fields or {}).get(b"event", b""), (fields or {}).get(TRACEPARENT.encode())
    traceparent = None if cause is None else cause.decode("latin-1")
    try:
        return Delivery(partition, position.decode(), message, read_event(message), traceparent=traceparent)
    except EventUnreadable as fault:
        return Delivery(partition, position.decode(), message or repr(fields).encode(), None, str(fault))
