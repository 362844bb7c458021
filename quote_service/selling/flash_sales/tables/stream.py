"""The way of reservations from Redis to PostgreSQL: one stream an item, one group of recorders.

An entry is acknowledged and deleted only once it is recorded, so it may come twice and is never lost by a recorder.

Source: docs/spec/flash-sales.md#recording.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

from redis.exceptions import RedisError, ResponseError

from quote_service.platform.redis_store.cluster_client import ClusterClient
from quote_service.platform.redis_store.keys import item_keys
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.errors import Unavailable
from quote_service.selling.flash_sales.tables.library import FlashLibrary
from quote_service.selling.flash_sales.tables.upkeep import GROUP, read_entry_id

ENTRIES_AT_ONCE = 500
_FIRST_LOOK_SECONDS = 0.005


class StreamEntry(NamedTuple):
    """One entry: where it stands in the stream, and the reservation's text; empty where it was deleted meanwhile."""

    id: str
    text: str

    @property
    def position(self) -> tuple[int, int]:
        return read_entry_id(self.id.encode())


class ReservationStream:
    """The streams as one recorder reads them. Every method raises Unavailable where Redis gave no answer."""

    __slots__ = ("_client", "_consumer", "_library")

    def __init__(self, library: FlashLibrary, consumer: str = "") -> None:
        self._library = library
        self._client = cast("Any", library.client)
        self._consumer = consumer or f"{socket.gethostname()}-{os.getpid()}"

    def lane_of(self, item_id: int) -> str:
        """What is unavailable together: items of one lane are read together, each lane for itself."""
        return self._library.lane_of(item_id)

    async def read_new(self, item_ids: Sequence[int], block_ms: int) -> dict[int, list[StreamEntry]]:
        """Entries that nobody has read, of any of the items; waits so long for the first.

        Where one command cannot wait for all of them, because their slots differ or one is not there, it waits a while
        between two looks, longer the longer there is nothing.
        """
        if len(item_ids) == 1 or not isinstance(self._client, ClusterClient):
            found = await self._read(item_ids, ">", block_ms)
            if found is not None:
                return found
        loop = asyncio.get_running_loop()
        pause, until = _FIRST_LOOK_SECONDS, loop.time() + block_ms / 1000
        while True:
            end_if_cancelled()
            by_item = await self._read_each(item_ids)
            if by_item or loop.time() + pause > until:
                return by_item
            await asyncio.sleep(pause)
            pause *= 2

    async def read_own(self, item_id: int) -> list[StreamEntry]:
        """Entries that this recorder has read before and not finished, the oldest first."""
        return (await self._read([item_id], "0", None) or {}).get(item_id, [])

    async def claim(self, item_id: int, idle_ms: int) -> list[StreamEntry]:
        """Take over entries that another recorder has left lying for so long."""
        key = item_keys(item_id)[5]
        answer = await _answer(
            self._client.xautoclaim(key, GROUP, self._consumer, idle_ms, "0-0", count=ENTRIES_AT_ONCE)
        )
        return [] if answer is None else _entries(answer[1])

    async def worn_out(self, item_id: int, deliveries_max: int) -> set[str]:
        """Entries that were delivered more often than that, and are still there."""
        pending = await _answer(self._client.xpending_range(item_keys(item_id)[5], GROUP, "-", "+", ENTRIES_AT_ONCE))
        return {one["message_id"].decode() for one in pending or () if one["times_delivered"] > deliveries_max}

    async def everything(self, item_id: int) -> list[StreamEntry]:
        """All that stands in the stream, read by somebody or not; up to ENTRIES_AT_ONCE of it."""
        return _entries(await _answer(self._client.xrange(item_keys(item_id)[5], count=ENTRIES_AT_ONCE)))

    async def finish(
        self, item_id: int, entry_ids: Sequence[str], settled: Sequence[UUID], released: Sequence[UUID]
    ) -> None:
        """Acknowledge and delete entries, settle reservations and give others back, in one step."""
        words: list[str | int] = [
            GROUP,
            len(entry_ids),
            len(settled),
            *entry_ids,
            *map(str, settled),
            *map(str, released),
        ]
        await _answer(self._library.call("finish", item_id, words))

    async def _read_each(self, item_ids: Sequence[int]) -> dict[int, list[StreamEntry]]:
        pipeline = self._client.pipeline(transaction=False)
        for item_id in item_ids:
            pipeline.xreadgroup(GROUP, self._consumer, {item_keys(item_id)[5]: ">"}, count=ENTRIES_AT_ONCE)
        answers = await _answer(pipeline.execute(raise_on_error=False))
        by_item: dict[int, list[StreamEntry]] = {}
        for item_id, answer in zip(item_ids, answers, strict=True):
            if isinstance(answer, RedisError):
                if not _is_not_there(answer):
                    # What others were answered comes again, as what this recorder has read and not finished.
                    raise Unavailable("The stock cannot be reached", retry_after_seconds=1) from answer
            elif answer:
                by_item[item_id] = [entry for _, found in answer for entry in _entries(found)]
        return by_item

    async def _read(
        self, item_ids: Sequence[int], after: str, block_ms: int | None
    ) -> dict[int, list[StreamEntry]] | None:
        """Entries by item; None where one of the streams is not there."""
        keys = {item_keys(item_id)[5]: item_id for item_id in item_ids}
        if not keys:
            return {}
        answer = await _answer(
            self._client.xreadgroup(
                GROUP, self._consumer, dict.fromkeys(keys, after), count=ENTRIES_AT_ONCE, block=block_ms
            ),
            otherwise=_NOT_THERE,
        )
        if answer is _NOT_THERE:
            return None
        return {keys[key.decode()]: _entries(entries) for key, entries in answer or ()}


_NOT_THERE = object()


async def _answer(command: Awaitable[Any], otherwise: object = None) -> Any:
    """The answer to a command; `otherwise` where the stream or its group is not there."""
    try:
        return await command
    except (RedisError, OSError, TimeoutError) as failure:
        if _is_not_there(failure):
            return otherwise
        raise Unavailable("The stock cannot be reached", retry_after_seconds=1) from failure


def _is_not_there(failure: Exception) -> bool:
    return isinstance(failure, ResponseError) and "NOGROUP" in str(failure)


def _entries(answer: Any) -> list[StreamEntry]:
    # An entry that is pending and deleted has no fields; it comes all the same, so that it is acknowledged.
    return [
        StreamEntry(entry_id.decode(), (fields or {}).get(b"e", b"").decode("utf-8", "replace"))
        for entry_id, fields in answer or ()
        if entry_id is not None
    ]
