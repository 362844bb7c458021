"""The loop that starts a process for replays when one waits, and lets those go that have ended long ago.

Replays are arithmetic for minutes: in a process of their own, of low priority, they take nothing from whoever answers requests.

Source: docs/spec/replay.md#processes.
"""

import asyncio
from asyncio.subprocess import Process

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.arithmetic_process import end_process, running, start_process
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.rounds import repeat_rounds
from quote_service.steering.replay.model.process_order import ProcessOrder
from quote_service.steering.replay.tables.replays import forget_replays, is_one_waiting

ROUND_SECONDS = 1.0
_PROGRAM = "quote_service.serving.processes.replay_process"

_log = structlog.get_logger(__name__)


async def run_replays(
    database: Database, settings: Settings, *, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Go round again and again; never returns. At its end the processes are asked to end."""
    processes: list[Process] = []

    async def look() -> None:
        nonlocal processes
        processes = [process for process in processes if running(process, "replay_process_ended") is not None]
        async with database.read() as connection:
            await forget_replays(connection)
            waits = await is_one_waiting(connection)
        if waits and len(processes) < settings.replay_processes:
            processes.append(await _start(settings))

    try:
        await repeat_rounds("replays_not_run", look, round_seconds, pause)
    finally:
        for process in processes:
            await end_process(process)


async def _start(settings: Settings) -> Process:
    order = ProcessOrder(
        settings.database_url,
        settings.replay_quotes_max,
        settings.log_level,
        settings.otlp_endpoint,
        settings.trace_sample_ratio,
    )
    process = await start_process(_PROGRAM, order)
    _log.info("replay_process_started", pid=process.pid)
    return process
