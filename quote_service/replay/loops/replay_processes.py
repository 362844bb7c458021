"""The loop that starts a process for replays when one waits, and lets those go that have ended long ago.

Replays are arithmetic for minutes: in a process of their own, of low priority, they take nothing from whoever answers requests.

Source: docs/spec/replay.md#processes.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process

import msgspec
import structlog

from quote_service.postgres.pool import Database
from quote_service.replay.tables.replays import forget_replays, is_one_waiting
from quote_service.replay.words.process_order import ProcessOrder
from quote_service.settings import Settings
from quote_service.system.cancellation import end_if_cancelled
from quote_service.system.errors import Unavailable

ROUND_SECONDS = 1.0
_END_SECONDS = 10.0
_PROGRAM = "quote_service.serving.replay_process"

_log = structlog.get_logger(__name__)


async def run_replays(database: Database, settings: Settings, *, round_seconds: float = ROUND_SECONDS) -> None:
    """Go round again and again; never returns. At its end the processes are told to end."""
    processes: list[Process] = []
    away = ""
    try:
        while True:
            end_if_cancelled()
            processes = [process for process in processes if _runs(process)]
            try:
                async with database.read() as connection:
                    await forget_replays(connection)
                    waits = await is_one_waiting(connection)
                if waits and len(processes) < settings.replay_processes:
                    processes.append(await _start(settings))
                away = ""
            except Unavailable as failure:
                if away != failure.detail:
                    _log.warning("replays_not_run", reason=failure.detail)
                away = failure.detail
            await asyncio.sleep(round_seconds)
    finally:
        for process in processes:
            await _end(process)


async def _start(settings: Settings) -> Process:
    # What this process imports, that one does: the plain sources or the compiled ones, whatever stands in its folder.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = await asyncio.create_subprocess_exec(sys.executable, "-P", "-m", _PROGRAM, stdin=PIPE, env=environment)
    order = ProcessOrder(settings.database_url, settings.replay_quotes_max, settings.log_level)
    assert process.stdin is not None
    # Not as an argument, which others on the machine could read. It stays open: its end tells that this process has gone.
    process.stdin.write(msgspec.json.encode(order) + b"\n")
    _log.info("replay_process_started", pid=process.pid)
    return process


def _runs(process: Process) -> bool:
    if process.returncode is None:
        return True
    if process.returncode:
        _log.error("replay_process_ended", pid=process.pid, exit_code=process.returncode)
    return False


async def _end(process: Process) -> None:
    """Let a process leave what it does for another to go on with."""
    if process.returncode is not None:
        return
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(_END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
