"""The process of Spark's stream, started by the loop of a worker; and events that are simple to count."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from quote_service.intelligence.market_analysis.loops.window_stream import run_market_stream
from quote_service.platform.event_bus.model.events import Event
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.instants import instant_text, to_micros
from tests.market_analysis.windows.random_events import PRODUCTS, event_of


def view(at: datetime, product: int = 0) -> Event:
    data = {"product_id": PRODUCTS[product], "minute": instant_text(to_micros(at)), "views": 1}
    return event_of("behaviour", "behaviour.counted", data, at)


@asynccontextmanager
async def streamed(database: Database, settings: Settings) -> AsyncIterator[None]:
    """With the loop of a worker, which starts the process and starts it again."""
    loop = asyncio.create_task(run_market_stream(database, settings, look_seconds=0.2, niceness=0))
    try:
        yield
    finally:
        loop.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loop


def stream_pid() -> int:
    """The process of the stream; of none 0."""
    return next((int(path.name) for path in Path("/proc").glob("[0-9]*") if _is_stream(path)), 0)


def _is_stream(process: Path) -> bool:
    try:
        is_ours = f"\nPPid:\t{os.getpid()}\n" in (process / "status").read_text()
        return is_ours and b"quote_service.serving.processes.stream_process" in (process / "cmdline").read_bytes()
    except OSError:  # it has ended meanwhile
        return False
