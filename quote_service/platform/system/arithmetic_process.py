"""Processes for long arithmetic, which takes nothing from whoever answers requests.

Such a process reads what it is to do as one line of JSON from its standard input, which stays open: its end tells the process that
whoever has started it is gone.

Source: docs/spec/replay.md#processes; docs/spec/market-analysis.md#runs; docs/spec/price-decisions.md#models.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import structlog

#: As low as can be: it has whatever others leave of a processor.
NICENESS: Final = 19
_END_SECONDS: Final = 10.0
_AUTOGROUP: Final = Path("/proc/self/autogroup")

_log = structlog.get_logger(__name__)


def give_way(niceness: int = NICENESS) -> None:
    """Have of a processor what others leave; for a process to say of itself before it begins.

    Where Linux weighs whole sessions against each other (autogroups), a niceness counts among the processes of one session alone.
    So this process gets a session of its own, which gives way as well.
    """
    os.nice(niceness)
    with suppress(OSError):
        os.setsid()
    if os.getsid(0) == os.getpid():  # or it would be the session of whoever started it
        with suppress(OSError):
            _AUTOGROUP.write_text(str(niceness), "ascii")


async def start_process(program: str, order: msgspec.Struct) -> Process:
    """Start a module as a process of its own, and hand it what it is to do.

    Args:
        program: The module's name.
        order: What it is to do. Not as an argument, which others on the machine could read.
    """
    # What this process imports, that one does: the plain sources or the compiled ones, whatever stands in its folder.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = await asyncio.create_subprocess_exec(sys.executable, "-P", "-m", program, stdin=PIPE, env=environment)
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(order) + b"\n")
    return process


def running(process: Process | None, ended: str) -> Process | None:
    """The process while it runs; one that has failed is logged as `ended`."""
    if process is None or process.returncode is None:
        return process
    if process.returncode:
        _log.error(ended, pid=process.pid, exit_code=process.returncode)
    return None


async def end_process(process: Process | None, end_seconds: float = _END_SECONDS) -> None:
    """Tell a process to end, and kill it where it does not; whatever it has not kept by then another begins again."""
    if process is None or process.returncode is not None:
        return
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(end_seconds):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
