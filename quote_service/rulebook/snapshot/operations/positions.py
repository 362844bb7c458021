"""Positions: from when on a write is there, and waiting until this process holds it.

A position is an instant of the database's clock in microseconds, read after the write was committed; a process has reached it
when it holds everything that was committed up to then. So it rises, and one number stands for everything that is followed.

Source: docs/spec/wire.md#positions.
"""

import asyncio
from typing import Final, Protocol

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import PositionNotReached, Unavailable
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.rulebook.snapshot.tables.moment import read_position
from quote_service.rulebook.snapshot.tables.rulebook_listener import RulebookListener

# Twice as long as changes may take until every process has them.
WAIT_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.005


class Followed(Protocol):
    """What a process reads by itself beside the rulebook: everything that was committed by `reached_us` is in it."""

    @property
    def reached_us(self) -> int: ...
    async def refresh(self) -> None:
        """Read it again; whoever asks meanwhile waits for the same reading, which may have begun before."""


class Positions:
    """Where the database is, and where this process is."""

    __slots__ = ("_database", "_holder", "_listener", "_sales")

    def __init__(self, database: Database, holder: RulebookHolder, listener: RulebookListener, sales: Followed) -> None:
        self._database = database
        self._holder = holder
        self._listener = listener
        self._sales = sales

    async def now(self) -> int | None:
        """The position of everything that is committed; None while the database cannot be asked."""
        try:
            async with self._database.read() as connection:
                return await read_position(connection)
        except Unavailable:
            return None

    async def reach(self, position_us: int) -> None:
        """Return once this process holds everything up to a position.

        Raises:
            PositionNotReached: It does not within WAIT_SECONDS.
        """
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while self._holder.reached_us < position_us:
                    self._listener.look_now()
                    await asyncio.sleep(_LOOK_SECONDS)
                while self._sales.reached_us < position_us:
                    await self._sales.refresh()
        except (TimeoutError, Unavailable):
            raise PositionNotReached(
                f"This process has not reached the position within {WAIT_SECONDS:.0f} seconds", retry_after_seconds=1
            ) from None
