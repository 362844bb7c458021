"""What processes of long arithmetic have in common: their order, their database, and their end.

Source: docs/spec/replay.md#processes; docs/spec/market-analysis.md#runs; docs/spec/price-decisions.md#models.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec

from quote_service.platform.postgres.pool import Database

# A statement about years is long, and of the lowest priority it waits, as for a connection.
_STATEMENT_SECONDS = 300.0
_ACQUIRE_SECONDS = 30.0
_Order = TypeVar("_Order", bound=msgspec.Struct)


def read_order(kind: type[_Order]) -> _Order:
    """What whoever started the process wants of it: a line of standard input."""
    return msgspec.json.decode(sys.stdin.buffer.readline(), type=kind)


@asynccontextmanager
async def database_of_arithmetic(url: str) -> AsyncIterator[Database]:
    """The database, with patience."""
    database = await Database.open(
        url,
        connections_max=3,
        acquire_seconds=_ACQUIRE_SECONDS,
        statement_seconds=_STATEMENT_SECONDS,
        lock_seconds=_STATEMENT_SECONDS,
    )
    try:
        yield database
    finally:
        await database.close()


def asked_to_end() -> asyncio.Event:
    """Set once a signal, or the end of standard input, asks the process to end."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopped.set)
    loop.add_reader(sys.stdin.fileno(), stopped.set)  # nothing more comes but its end
    return stopped
