"""The loops of the event bus in a background process: the relay, consumers, retries, lag, the sweep.

Each opens the bus for itself. While the bus or PostgreSQL is unavailable a loop waits and says so once; nothing is lost by it.

Source: docs/spec/event-bus.md#outbox; docs/spec/event-bus.md#consumers.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import structlog

from quote_service.platform.event_bus.operations.bus_meters import BusMeters
from quote_service.platform.event_bus.operations.consume import apply_replays, consume_next
from quote_service.platform.event_bus.operations.handle_batch import Group
from quote_service.platform.event_bus.operations.measure_bus import measure_lag
from quote_service.platform.event_bus.operations.open_bus import opened_bus
from quote_service.platform.event_bus.operations.relay_outbox import ROWS_AT_ONCE, relay_outbox
from quote_service.platform.event_bus.operations.retry_events import retry_next
from quote_service.platform.event_bus.operations.sweep_events import sweep_events
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.due_work import DueWork, Occasion, Pause
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.rounds import AT_ONCE, more_if, repeat_rounds
from quote_service.platform.telemetry.registry import Registry

POLL_SECONDS = 0.2
UNAVAILABLE_SECONDS = 1.0
MEASURE_SECONDS = 5.0
SWEEP_SECONDS = 60.0
RETRY_SECONDS = 1.0

_log = structlog.get_logger(__name__)


async def run_relay(
    database: Database, settings: Settings, registry: Registry, *, pause: Pause = asyncio.sleep
) -> None:
    """Publish the outbox for as long as the process runs; never returns."""
    meters = BusMeters(registry)
    async with opened_bus(settings, database) as bus:

        async def relay() -> float | None:
            return more_if(await relay_outbox(database, bus, meters) == ROWS_AT_ONCE)

        await repeat_rounds("events_not_published", relay, POLL_SECONDS, pause, unavailable_seconds=UNAVAILABLE_SECONDS)


async def run_consumer(
    database: Database, settings: Settings, registry: Registry, group: Group, replays: Occasion | None = None
) -> None:
    """Consume as one member of a group for as long as the process runs; never returns.

    Asks for replays when `replays` says that there may be one, and without it each time.
    """
    meters = BusMeters(registry)
    async with opened_bus(settings, database) as bus:
        consumer = await bus.consumer(group.name, group.topic)

        async def consume() -> float:
            try:
                if replays is None or replays.is_due(POLL_SECONDS):
                    await apply_replays(database, consumer, group)
                await consume_next(database, consumer, group, meters, wait_seconds=POLL_SECONDS)
            except Unavailable:
                with suppress(Unavailable):
                    await consumer.forget()
                raise
            return AT_ONCE

        try:
            await repeat_rounds("events_not_consumed", consume, POLL_SECONDS, unavailable_seconds=UNAVAILABLE_SECONDS)
        finally:
            await consumer.close()


async def run_retries(
    database: Database, registry: Registry, groups: Mapping[str, Group], *, pause: Pause = asyncio.sleep
) -> None:
    """Try again what could not be handled, for as long as the process runs; never returns."""
    meters = BusMeters(registry)

    async def retry() -> float | None:
        return more_if(await retry_next(database, groups, meters))

    await repeat_rounds("events_not_retried", retry, RETRY_SECONDS, pause, unavailable_seconds=UNAVAILABLE_SECONDS)


async def run_upkeep(database: Database, settings: Settings, registry: Registry, work: DueWork | None = None) -> None:
    """Measure and sweep for as long as the process runs; never returns. With `work` one process does it for all."""
    meters, clock = BusMeters(registry), asyncio.get_running_loop().time
    async with opened_bus(settings, database) as bus:
        sweep_at = clock()

        async def keep_up() -> float | None:
            nonlocal sweep_at
            if work is not None and not work.is_for_all:
                return None
            await measure_lag(database, bus, settings)
            if clock() >= sweep_at:
                is_much = await sweep_events(database, bus, settings, meters)
                sweep_at = clock() + (0 if is_much else SWEEP_SECONDS)
                return more_if(is_much)
            return None

        await repeat_rounds("event_bus_not_measured", keep_up, MEASURE_SECONDS, unavailable_seconds=UNAVAILABLE_SECONDS)
