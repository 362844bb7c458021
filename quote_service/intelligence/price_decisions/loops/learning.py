"""The loop that starts a process which learns demand, when it is time.

Learning is arithmetic for minutes, and needs libraries that nothing else does: in a process of its own, of the lowest priority, it
takes neither time nor memory from whoever answers requests.

Source: docs/spec/price-decisions.md#models.
"""

import asyncio
from asyncio.subprocess import Process

import structlog

from quote_service.intelligence.price_decisions.model.learning_order import LearningOrder
from quote_service.intelligence.price_decisions.tables.models import newest_model
from quote_service.intelligence.price_decisions.tables.sold import has_sold
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.arithmetic_process import end_process, running, start_process
from quote_service.platform.system.due_work import look_seconds_for
from quote_service.platform.system.packages import IntelligencePackages, until_installed
from quote_service.platform.system.rounds import repeat_rounds

LOOK_SECONDS = 5.0
#: A process that found nothing to learn from is not started again at once.
AGAIN_SECONDS = 600.0
PACKAGES = ("numpy", "sklearn", "xgboost", "threadpoolctl")
_PROGRAM = "quote_service.serving.processes.learning_process"

_log = structlog.get_logger(__name__)


async def run_learning(
    database: Database,
    settings: Settings,
    *,
    packages: IntelligencePackages | None = None,
    look_seconds: float | None = None,
) -> None:
    """Start a process whenever it is time, for as long as this one runs; never returns."""
    await until_installed(packages, PACKAGES, "demand_not_learnt")
    process: Process | None = None
    look_seconds = look_seconds or look_seconds_for(settings.price_learn_seconds, LOOK_SECONDS)
    clock, next_at = asyncio.get_running_loop().time, float("-inf")

    async def look() -> None:
        nonlocal process, next_at
        process = running(process, "learning_process_ended")
        if process is None and clock() >= next_at and await _is_due(database, settings):
            process, next_at = await _start(settings), clock() + AGAIN_SECONDS

    try:
        await repeat_rounds("demand_not_learnt", look, look_seconds)
    finally:
        await end_process(process)


async def _is_due(database: Database, settings: Settings) -> bool:
    async with database.read() as connection:
        newest = await newest_model(connection)
        is_due = newest is None or newest.age_seconds >= settings.price_learn_seconds
        return is_due and await has_sold(connection)


async def _start(settings: Settings) -> Process:
    order = LearningOrder(
        settings.database_url,
        settings.price_learn_days,
        settings.price_learn_seconds,
        settings.time_zone,
        settings.log_level,
        settings.price_learn_behaviour == "on",
    )
    process = await start_process(_PROGRAM, order)
    _log.info("learning_process_started", pid=process.pid)
    return process
