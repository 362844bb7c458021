"""The Redis client as it is at its worst: it hears of no cancellation while a command is under way.

The client does so by chance, where `asyncio.wait_for` finds the answer there at the moment of the cancellation; here it
does so every time, and the command goes on to its real end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio.connection import AbstractConnection, Connection

SWALLOWED: list[str] = []


def deaf(method: Callable[..., Awaitable[Any]], report: Callable[[str], None]) -> Callable[..., Awaitable[Any]]:
    """A method that runs to its end, however often its caller is cancelled."""

    async def to_its_end(*arguments: Any, **named: Any) -> Any:
        work = asyncio.ensure_future(method(*arguments, **named))
        while not work.done():
            try:
                await asyncio.wait([work])
            except asyncio.CancelledError:
                report(str(getattr(asyncio.current_task(), "get_name", str)()))
        return work.result()

    return to_its_end


def make_deaf(put: Callable[[Any, str, Any], None], report: Callable[[str], None] = SWALLOWED.append) -> None:
    """Change the client of this process, with `setattr` or what undoes it afterwards."""
    assert Connection.read_response is AbstractConnection.read_response
    for name in ("read_response", "send_packed_command"):
        put(AbstractConnection, name, deaf(getattr(AbstractConnection, name), report))
