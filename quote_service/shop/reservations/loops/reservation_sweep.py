"""The loop that gives back what reservations hold that are over.

Source: docs/spec/reservations.md#the-end-of-a-reservation.
"""

import asyncio

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.errors import Unavailable
from quote_service.shop.reservations.operations.release import QUOTES_AT_ONCE, forget_ended_reservations, release_due
from quote_service.shop.reservations.operations.reservation_meters import ReservationMeters

SWEEP_SECONDS = 1.0

_log = structlog.get_logger(__name__)


async def sweep_reservations(
    database: Database, meters: ReservationMeters, *, sweep_seconds: float = SWEEP_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Sweep for as long as the process runs, again at once while there is much; never returns."""
    away = ""
    while True:
        end_if_cancelled()
        ended = gone = 0
        try:
            ended = await release_due(database)
            meters.count("expired", ended)
            gone = await forget_ended_reservations(database)
            away = ""
        except Unavailable as failure:
            if away != failure.detail:
                _log.warning("reservations_not_swept", reason=failure.detail)
            away = failure.detail
        if max(ended, gone) < QUOTES_AT_ONCE:
            await pause(sweep_seconds)
