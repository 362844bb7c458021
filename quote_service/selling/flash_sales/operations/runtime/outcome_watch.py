"""Wait until purchases are decided: one question to PostgreSQL for all that wait, as often as it answers.

Source: docs/spec/flash-sales.md#waiting-for-the-outcome.
"""

import asyncio
from contextvars import Context
from typing import Final
from uuid import UUID

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled, end_tasks
from quote_service.platform.system.errors import Unavailable
from quote_service.selling.flash_sales.tables.purchases import Outcome, outcomes_of

#: The name of its task.
WATCH: Final = "watch outcomes"
_LOOK_SECONDS: Final = 0.01


class OutcomeWatch:
    """The purchases that somebody in this process waits for."""

    __slots__ = ("_database", "_looking", "_waiting")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[UUID, set[asyncio.Future[Outcome]]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, purchase_id: UUID, seconds: float) -> Outcome | None:
        """What became of a purchase, once it is recorded; None where that takes longer."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(purchase_id, set()).add(future)
        if self._looking is None:
            # In no request's context: it looks for all that wait.
            self._looking = asyncio.create_task(self._look(), name=WATCH, context=Context())
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            return None
        finally:
            futures = self._waiting.get(purchase_id)
            if futures is not None:
                futures.discard(future)
                if not futures:
                    del self._waiting[purchase_id]

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            await end_tasks([self._looking])

    async def _look(self) -> None:
        try:
            while self._waiting:
                end_if_cancelled()
                await self._notify(list(self._waiting))
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            self._looking = None

    async def _notify(self, ids: list[UUID]) -> None:
        try:
            async with self._database.read() as connection:
                outcomes = await outcomes_of(connection, ids)
        except Unavailable:
            return  # who waits has a deadline, and is told then that it is not known yet
        for purchase_id, outcome in outcomes.items():
            for future in self._waiting.get(purchase_id, ()):
                if not future.done():
                    future.set_result(outcome)
