"""Look up the reservation of a quote.

Source: docs/spec/reservations.md#reserving.
"""

from collections.abc import Iterable
from uuid import UUID

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.telemetry.registry import Labels
from quote_service.shop.reservations.model.reservation import Reservation
from quote_service.shop.reservations.tables.reservations import count_held, read_reservation, seconds_overdue


async def find_reservation(connection: Connection, quote_id: UUID) -> Reservation | None:
    """The reservation of a quote; None if there is none, or none any more."""
    return await read_reservation(connection, quote_id)


async def measure_held(database: Database) -> Iterable[tuple[Labels, float]]:
    """How many quotes are reserved.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        return [({}, await count_held(connection))]


async def reservations_wait(connection: Connection) -> float:
    """Seconds since the reservation that ended first did, while it keeps what it holds; 0 where none has ended."""
    return await seconds_overdue(connection)
