"""Keep the keys and people that a worker knows at what is committed, and write down which keys are used.

A version in one row says whether anything has changed; whoever asks for it is handed to the loop as its `pause`. When PostgreSQL
is unavailable, what is known goes on serving and is read again as soon as it is back.

Source: docs/spec/access.md#callers.
"""

import asyncio
from collections.abc import Mapping
from typing import Protocol

import structlog

from quote_service.identity.tables.api_keys import access_version, note_uses, read_access
from quote_service.platform.callers.access import Caller
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.instants import from_micros

POLL_SECONDS = 0.4
USES_SECONDS = 10.0

_log = structlog.get_logger(__name__)


class AccessRing(Protocol):
    """What the watch fills; `api/key_ring.KeyRing` is one."""

    version: int

    def replace(self, keys: list[tuple[bytes, Caller]], generations: Mapping[str, int], version: int) -> None:
        """Put a new set in place."""

    def take_used(self) -> list[str]:
        """The keys used since it was last asked."""


async def load_access(database: Database, ring: AccessRing) -> bool:
    """Read everything if the committed version is not the one that is held; whether it was.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    async with database.read() as connection:
        if await access_version(connection) == ring.version:
            return False
    async with database.snapshot() as connection:
        found = await read_access(connection)
    ring.replace(found.keys, found.generations, found.version)
    return True


async def write_uses(database: Database, ring: AccessRing) -> None:
    """Write the uses of all keys since the last time, in one statement.

    Raises:
        Unavailable: PostgreSQL cannot be reached; these uses are not written.
    """
    used = ring.take_used()
    if used:
        async with database.read() as connection:
            await note_uses(connection, used, from_micros(now_us()))


async def watch_access(
    database: Database,
    ring: AccessRing,
    *,
    poll_seconds: float = POLL_SECONDS,
    uses_seconds: float = USES_SECONDS,
    pause: Pause = asyncio.sleep,
) -> None:
    """Load and write for as long as the process runs; never returns."""
    clock = asyncio.get_running_loop().time
    uses_due = clock() + uses_seconds
    is_away = False
    while True:
        end_if_cancelled()
        try:
            if await load_access(database, ring):
                _log.info("access_refreshed", version=ring.version)
            if clock() >= uses_due:
                uses_due = clock() + uses_seconds
                await write_uses(database, ring)
            is_away = False
        except Unavailable as failure:
            if not is_away:
                _log.warning("access_not_refreshed", held_version=ring.version, reason=failure.detail)
            is_away = True
        await pause(poll_seconds)
