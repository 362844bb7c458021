"""Reservations as rows, and the lock that all share who take anything for a quote or give it back.

Times are PostgreSQL's: what is over and what is not is decided by one clock.

Source: docs/spec/reservations.md.
"""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.shop.reservations.model.reservation import Hold, Reservation

_QUERIES = load_queries(__file__, "reservations")
_HOLD_QUOTES = _QUERIES["hold_quotes"]
_TAKE_HELD = _QUERIES["take_held"]
_HOLD_CUSTOMER = _QUERIES["hold_customer"]
_HOLD_RESERVATIONS = _QUERIES["hold_reservations_of"]
_HELD_BY = _QUERIES["held_by"]
_INSERT = _QUERIES["insert_reservation"]
_EXTEND = _QUERIES["extend_reservation"]
_END_HELD = _QUERIES["end_held"]
_READ = _QUERIES["reservation"]
_TRY_TO_SWEEP = _QUERIES["try_to_sweep"]
_DUE = _QUERIES["due"]
_FORGET_ENDED = _QUERIES["forget_ended"]
_COUNT = _QUERIES["count_held"]


class HeldUnits(NamedTuple):
    """Units that a reservation holds; of one that holds none, `item_id` and `quantity` are None."""

    quote_id: UUID
    item_id: UUID | None
    quantity: int | None


async def hold_quotes(connection: Connection, quote_ids: Collection[UUID]) -> dict[UUID, Reservation]:
    """Hold quotes until the transaction ends, in one order, and answer what there is of their reservations."""
    rows = await connection.fetch(_HOLD_QUOTES, quote_ids)
    return {row["quote_id"]: Reservation(**row) for row in rows}


async def take_held(connection: Connection, quote_ids: Collection[UUID]) -> None:
    """Turn what these quotes hold into use."""
    await connection.execute(_TAKE_HELD, quote_ids)


async def hold_customer(connection: Connection, customer_id: UUID) -> None:
    """Keep a customer from being erased until the transaction ends; after the quote is held."""
    await connection.execute(_HOLD_CUSTOMER, customer_id)


async def hold_reservations_of(connection: Connection, customer_id: UUID) -> None:
    """Keep others from reserving for a customer until the transaction ends; after the quote is held."""
    await connection.execute(_HOLD_RESERVATIONS, customer_id)


async def held_by(connection: Connection, customer_id: UUID, besides: UUID) -> list[HeldUnits]:
    """What the reservations of a customer hold, but for that of one quote."""
    return [HeldUnits(*row) for row in await connection.fetch(_HELD_BY, customer_id, besides)]


async def insert_reservation(
    connection: Connection,
    quote_id: UUID,
    customer_id: UUID | None,
    coupons: Collection[tuple[str, str]],
    actor: str,
    hold: Hold,
) -> Reservation:
    """Reserve a quote, from now on; `coupons` are rules and codes. One that has been reserved before begins anew."""
    rules, codes = [name for name, _ in coupons], [code for _, code in coupons]
    return _reservation(
        await connection.fetchrow(_INSERT, quote_id, customer_id, rules, codes, actor, hold.seconds, hold.ends_at)
    )


async def extend_reservation(connection: Connection, quote_id: UUID, hold: Hold) -> Reservation:
    """Hold a quote that is held on from now; never shorter than it is held already."""
    return _reservation(await connection.fetchrow(_EXTEND, quote_id, hold.seconds, hold.ends_at))


async def end_held(connection: Connection, quote_ids: Collection[UUID], status: str) -> None:
    """End reservations that are held, with what they hold."""
    await connection.execute(_END_HELD, quote_ids, status)


async def read_reservation(connection: Connection, quote_id: UUID) -> Reservation | None:
    """The reservation of a quote; None if there is none, or none any more."""
    row = await connection.fetchrow(_READ, quote_id)
    return None if row is None else Reservation(**row)


async def due_reservations(connection: Connection, limit: int) -> list[UUID]:
    """Reservations that are over, the oldest first; none while somebody else looks after them."""
    if not await connection.fetchval(_TRY_TO_SWEEP):
        return []
    return [row[0] for row in await connection.fetch(_DUE, limit)]


async def forget_ended(connection: Connection, limit: int) -> int:
    """Remove reservations that ended a day ago; how many they were."""
    gone: int = await connection.fetchval(_FORGET_ENDED, limit)
    return gone


async def count_held(connection: Connection) -> int:
    """How many quotes are reserved."""
    count: int = await connection.fetchval(_COUNT)
    return count


def _reservation(row: Record | None) -> Reservation:
    assert row is not None  # every statement above answers the row it has written
    return Reservation(**row)


async def seconds_overdue(connection: Connection) -> float:
    """How long the reservation that ended first has kept what it holds; 0 where none has ended."""
    return float(await connection.fetchval(_QUERIES["seconds_overdue"]) or 0)
