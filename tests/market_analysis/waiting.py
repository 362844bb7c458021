"""Waiting for what several JVMs do, one after the other, on a machine that others use too."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 900.0


async def until(holds: Callable[[], Any], what: str) -> None:
    """Return once it holds, which may be something to await."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        held = holds()
        if await held if inspect.isawaitable(held) else held:
            return
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:.0f} s: {what}"
        await asyncio.sleep(0.1)
