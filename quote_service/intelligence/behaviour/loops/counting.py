"""The loops of behaviour in a background process: one counts what comes over the bus, one tidies up.

Source: docs/spec/behaviour.md#counting; docs/spec/behaviour.md#retention.
"""

import asyncio

import structlog

from quote_service.intelligence.behaviour.operations.count_behaviour import behaviour_group
from quote_service.intelligence.behaviour.tables.behaviour import forget_hours
from quote_service.platform.event_bus.loops.bus_loops import run_consumer
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.due_work import Occasion
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.telemetry.registry import Registry

ROWS_AT_ONCE = 5000
SWEEP_SECONDS = 300.0

_log = structlog.get_logger(__name__)


async def run_counting(
    database: Database, settings: Settings, registry: Registry, replays: Occasion | None = None
) -> None:
    """Count for as long as the process runs; never returns."""
    await run_consumer(database, settings, registry, behaviour_group(settings), replays)


async def run_behaviour_sweep(database: Database, settings: Settings) -> None:
    """Forget what is old for as long as the process runs; never returns."""
    while True:
        end_if_cancelled()
        forgotten = 0
        try:
            async with database.transaction() as connection:
                forgotten = await forget_hours(connection, settings.behaviour_keep_days, ROWS_AT_ONCE)
        except Unavailable as failure:
            _log.warning("behaviour_not_swept", reason=failure.detail)
        if forgotten < ROWS_AT_ONCE:
            await asyncio.sleep(SWEEP_SECONDS)
