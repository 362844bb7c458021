"""Reservations as rows, and the lock that all share who take anything for a quote or give it back.

Source: docs/spec/reservations.md.
"""

from collections.abc import Collection
from uuid import UUID

from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries
from quote_service.reservations.words.reservation import Reservation

_QUERIES = load_queries(__file__, "reservations")
_HOLD_QUOTES = _QUERIES["hold_quotes"]
_TAKE_HELD = _QUERIES["take_held"]


async def hold_quotes(connection: Connection, quote_ids: Collection[UUID]) -> dict[UUID, Reservation]:
    """Hold quotes until the transaction ends, in one order, and answer what there is of their reservations."""
    rows = await connection.fetch(_HOLD_QUOTES, quote_ids)
    return {row["quote_id"]: Reservation(**row) for row in rows}


async def take_held(connection: Connection, quote_ids: Collection[UUID]) -> None:
    """Turn what these quotes hold into use."""
    await connection.execute(_TAKE_HELD, quote_ids)
