"""Reservations as rows, and the lock that all share who take anything for a quote or give it back.

Times are PostgreSQL's: what is over and what is not is decided by one clock.

Source: docs/spec/reservations.md.
"""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.shop.reservations.model.reservation import Hold, Reservation

STATEMENTS = Statements(__file__, "reservations")


class HeldUnits(NamedTuple):
    """Units that a reservation holds; of one that holds none, `item_id` and `quantity` are None."""

    quote_id: UUID
    item_id: UUID | None
    quantity: int | None


@STATEMENTS.query(key="quote_id")
async def hold_quotes(connection: Connection, quote_ids: Collection[UUID]) -> dict[UUID, Reservation]:
    """Hold quotes until the transaction ends, in one order, and answer what there is of their reservations."""


@STATEMENTS.query()
async def take_held(connection: Connection, quote_ids: Collection[UUID]) -> None:
    """Turn what these quotes hold into use."""


@STATEMENTS.query()
async def hold_customer(connection: Connection, customer_id: UUID) -> None:
    """Keep a customer from being erased until the transaction ends; after the quote is held."""


@STATEMENTS.query()
async def hold_reservations_of(connection: Connection, customer_id: UUID) -> None:
    """Keep others from reserving for a customer until the transaction ends; after the quote is held."""


@STATEMENTS.query()
async def held_by(connection: Connection, customer_id: UUID, besides: UUID) -> list[HeldUnits]:
    """What the reservations of a customer hold, but for that of one quote."""


@STATEMENTS.query()
async def insert_reservation(
    connection: Connection,
    quote_id: UUID,
    customer_id: UUID | None,
    coupons: Collection[tuple[str, str]],
    actor: str,
    hold: Hold,
) -> Reservation:
    """Reserve a quote, from now on; `coupons` are rules and codes. One that has been reserved before begins again."""


@STATEMENTS.query()
async def extend_reservation(connection: Connection, quote_id: UUID, hold: Hold) -> Reservation:
    """Hold a quote that is held on from now; never shorter than it is held already."""


@STATEMENTS.query()
async def end_held(connection: Connection, quote_ids: Collection[UUID], status: str) -> None:
    """End reservations that are held, with what they hold."""


@STATEMENTS.query()
async def read_reservation(connection: Connection, quote_id: UUID) -> Reservation | None:
    """The reservation of a quote; None if there is none, or none any more."""


async def due_reservations(connection: Connection, limit: int) -> list[UUID]:
    """Reservations that are over, the oldest first; none while somebody else looks after them."""
    if not await connection.fetchval(STATEMENTS["try_to_sweep"]):
        return []
    return [row[0] for row in await connection.fetch(STATEMENTS["due"], limit)]


@STATEMENTS.query()
async def forget_ended(connection: Connection, limit: int) -> int:
    """Remove reservations that ended a day ago; how many they were."""


@STATEMENTS.query()
async def count_held(connection: Connection) -> int:
    """How many quotes are reserved."""


@STATEMENTS.query()
async def seconds_overdue(connection: Connection) -> float:
    """How long the reservation that ended first has kept what it holds; 0 where none has ended."""
