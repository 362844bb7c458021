"""The loop that takes reservations from Redis into PostgreSQL; any number may run.

Its own unfinished entries come first, then new ones; what another has left lying is taken over. One that was delivered
again and again, because whoever takes it dies of it, is put aside.

Source: docs/spec/flash-sales.md#recording.
"""

import asyncio

import structlog

from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.system.cancellation import end_if_cancelled, end_tasks
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.traces import work_span
from quote_service.selling.flash_sales.operations.recording.dead_letter_entry import dead_letter_entry
from quote_service.selling.flash_sales.operations.recording.record_stream import record_entries
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.tables.library import FlashLibrary
from quote_service.selling.flash_sales.tables.sales import database_now
from quote_service.selling.flash_sales.tables.stream import ReservationStream, StreamEntry

BLOCK_MS = 100
CLAIM_SECONDS = 1.0
# Many times what a batch takes. Two that record the same record it once; a buyer of a dead one waits so long.
CLAIM_IDLE_MS = 2000
DELIVERIES_MAX = 10
_CLIENT_TIMEOUT_MS = 2000

_log = structlog.get_logger(__name__)


async def run_recorder(runtime: FlashSaleRuntime, redis_url: str) -> None:
    """Record over a client of its own, which may wait longer than a read blocks; never returns."""
    client = open_redis(redis_url, _CLIENT_TIMEOUT_MS)
    try:
        await record_flash_sales(runtime, ReservationStream(FlashLibrary(client)))
    finally:
        await client.aclose()


async def record_flash_sales(
    runtime: FlashSaleRuntime,
    stream: ReservationStream,
    *,
    claim_seconds: float = CLAIM_SECONDS,
    claim_idle_ms: int = CLAIM_IDLE_MS,
) -> None:
    """Record for as long as the process runs; never returns.

    Args:
        runtime: Of this process.
        stream: Over a client that may wait as long as a read blocks.
        claim_seconds: How often to look for what others left lying.
        claim_idle_ms: How long that must have lain.
    """
    lanes: dict[str, asyncio.Task[None]] = {}
    try:
        while True:
            end_if_cancelled()
            # One for each server, so that a node of a cluster that is unavailable keeps no other's reservations waiting.
            for lane in {stream.lane_of(item.id) for item in runtime.item_cache.items} - lanes.keys():
                recorder = _Recorder(runtime, stream, lane)
                lanes[lane] = asyncio.create_task(_record_lane(recorder, claim_seconds, claim_idle_ms), name=lane)
            for task in lanes.values():
                if task.done():
                    task.result()  # raises what ended it
            await asyncio.sleep(BLOCK_MS / 1000)
    finally:
        await end_tasks(lanes.values())


async def _record_lane(recorder: "_Recorder", claim_seconds: float, claim_idle_ms: int) -> None:
    claimed_at = 0.0
    clock = asyncio.get_running_loop().time
    while True:
        end_if_cancelled()
        try:
            if recorder.has_unfinished:
                await recorder.finish_own()
            if clock() - claimed_at >= claim_seconds:
                claimed_at = clock()
                await recorder.take_over(claim_idle_ms)
            await recorder.read_new()
        except Unavailable as failure:
            recorder.mark_unavailable(failure.detail)
            await recorder.wait_for_postgres()


class _Recorder:
    def __init__(self, runtime: FlashSaleRuntime, stream: ReservationStream, lane: str) -> None:
        self._runtime = runtime
        self._stream = stream
        self._lane = lane
        self.has_unfinished = True
        self._unavailable = ""

    def mark_unavailable(self, reason: str) -> None:
        """Something gave no answer: what was read may be unfinished."""
        self.has_unfinished = True
        if reason != self._unavailable:
            _log.warning("flash_sales_not_recorded", reason=reason)
        self._unavailable = reason

    async def wait_for_postgres(self) -> None:
        """Read nothing while nothing can be recorded: each reading counts as a delivery, and too many are the end."""
        while True:
            end_if_cancelled()
            await asyncio.sleep(0.1)
            try:
                async with self._runtime.database.transaction() as connection:
                    await database_now(connection)
                return
            except Unavailable as failure:
                self.mark_unavailable(failure.detail)

    async def finish_own(self) -> None:
        """What this recorder read before, and did not finish."""
        for item_id in self._items():
            while entries := await self._stream.read_own(item_id):
                end_if_cancelled()
                await self._record(item_id, entries)
        self.has_unfinished = False
        self._unavailable = ""

    async def read_new(self) -> None:
        """What nobody has read, of all items."""
        items = self._items()
        if not items:
            await asyncio.sleep(BLOCK_MS / 1000)
            return
        batches = await self._stream.read_new(items, BLOCK_MS)
        for item_id, entries in batches.items():
            await self._record(item_id, entries)

    async def take_over(self, idle_ms: int) -> None:
        """What another recorder, or an earlier one of this name, has left lying."""
        for item_id in self._items():
            entries = await self._stream.claim(item_id, idle_ms)
            worn_out = await self._stream.worn_out(item_id, DELIVERIES_MAX) if entries else set()
            for entry in entries:
                if entry.id in worn_out:
                    runtime = self._runtime
                    await dead_letter_entry(
                        runtime.database, self._stream, item_id, entry, "delivered too often", runtime.meters
                    )
            await self._record(item_id, [entry for entry in entries if entry.id not in worn_out])

    async def _record(self, item_id: int, entries: list[StreamEntry]) -> None:
        if not entries:
            return
        with work_span("record purchases", "consumer") as span:
            span.worked(**{"messaging.batch.message_count": len(entries)})
            await record_entries(self._runtime.database, self._stream, item_id, entries, self._runtime.meters)

    def _items(self) -> list[int]:
        lane_of = self._stream.lane_of
        return [item.id for item in self._runtime.item_cache.items if item.epoch > 0 and lane_of(item.id) == self._lane]
