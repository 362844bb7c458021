"""The loop that starts a process for Spark's stream of windows, and another one when it has ended.

Source: docs/spec/market-analysis.md#spark.
"""

import asyncio
import os
import shutil
from asyncio.subprocess import Process
from importlib.util import find_spec
from typing import Final

import structlog

from quote_service.intelligence.market_analysis.model.process_order import stream_order
from quote_service.intelligence.market_analysis.operations.read_windows import is_streaming
from quote_service.intelligence.market_analysis.operations.run_market_stream import stream_refusal
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.arithmetic_process import end_process, start_process
from quote_service.platform.system.rounds import repeat_rounds

LOOK_SECONDS: Final = 5.0
# As low as can be: it has whatever others leave of a processor.
NICENESS: Final = 19
#: From a process that failed to the next one, which takes a JVM its while to start.
_PAUSE_SECONDS: Final = 60.0
_END_SECONDS: Final = 30.0
_PROGRAM: Final = "quote_service.serving.processes.stream_process"

_log = structlog.get_logger(__name__)


async def run_market_stream(
    database: Database, settings: Settings, *, look_seconds: float = LOOK_SECONDS, niceness: int = NICENESS
) -> None:
    """Go round again and again; never returns. At its end the process is asked to end."""
    reason = stream_refusal(settings) or _missing()
    if reason:
        _log.info("market_windows_not_streamed", reason=reason)
        await asyncio.Event().wait()
    process: Process | None = None
    not_before, clock = float("-inf"), asyncio.get_running_loop().time

    async def look() -> None:
        nonlocal process, not_before
        if process is not None and process.returncode is not None:
            _log.error("market_stream_ended", pid=process.pid, exit_code=process.returncode)
            # One that was killed is started again as soon as its lease has run out.
            not_before = clock() + (_PAUSE_SECONDS if process.returncode > 0 else 0)
            process = None
        if process is None and clock() >= not_before and await _is_due(database):
            process = await _start(settings, niceness)

    try:
        await repeat_rounds("market_windows_not_streamed", look, look_seconds)
    finally:
        await end_process(process, _END_SECONDS)


async def _is_due(database: Database) -> bool:
    async with database.read() as connection:
        return not await is_streaming(connection)


def _missing() -> str:
    absent = [name for name in ("pyspark", "pyarrow", "aiokafka") if find_spec(name) is None]
    if absent:
        return f"install quote-service[kafka,spark]: {', '.join(absent)} is missing"
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        return "Spark needs Java 17 or newer"
    return ""


async def _start(settings: Settings, niceness: int) -> Process:
    process = await start_process(_PROGRAM, stream_order(settings, niceness))
    _log.info("market_stream_process_started", pid=process.pid)
    return process
