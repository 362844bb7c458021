"""The loop that gives back what reservations hold that are over.

Source: docs/spec/reservations.md#the-end-of-a-reservation.
"""

import asyncio

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.rounds import more_if, repeat_rounds
from quote_service.shop.reservations.operations.release import QUOTES_AT_ONCE, forget_ended_reservations, release_due
from quote_service.shop.reservations.operations.reservation_meters import ReservationMeters

SWEEP_SECONDS = 1.0

_log = structlog.get_logger(__name__)


async def sweep_reservations(
    database: Database, meters: ReservationMeters, *, sweep_seconds: float = SWEEP_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Sweep for as long as the process runs, again at once while there is much; never returns."""

    async def work() -> float | None:
        ended = await release_due(database)
        meters.count("expired", ended)
        return more_if(max(ended, await forget_ended_reservations(database)) >= QUOTES_AT_ONCE)

    await repeat_rounds("reservations_not_swept", work, sweep_seconds, pause)
