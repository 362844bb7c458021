"""Units of items that quotes hold or have taken, line by line.

Source: docs/spec/reservations.md.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "claimed_units")
_INSERT = _QUERIES["insert_units"]
_OF_QUOTES = _QUERIES["units_of_quotes"]
_RETURN = _QUERIES["return_units"]


class LineUnits(NamedTuple):
    """Units of one line, and the item whose stock they are; lines count from 0."""

    quote_id: UUID
    line: int
    item_id: UUID
    quantity: int


async def insert_units(connection: Connection, units: Sequence[LineUnits], *, is_taken: bool) -> None:
    """Note what quotes hold, or have taken."""
    await connection.execute(_INSERT, *(list(column) for column in zip(*units, strict=True)), is_taken)


async def units_of_quotes(connection: Connection, quote_ids: Collection[UUID], *, is_taken: bool) -> list[LineUnits]:
    """What these quotes hold, or have taken less what has been given back."""
    return [LineUnits(*row) for row in await connection.fetch(_OF_QUOTES, quote_ids, is_taken)]


async def return_units(connection: Connection, units: Sequence[LineUnits]) -> None:
    """Mark these units as given back."""
    await connection.execute(
        _RETURN, [each.quote_id for each in units], [each.line for each in units], [each.quantity for each in units]
    )
