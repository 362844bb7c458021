"""Units of items that quotes hold or have taken, line by line.

Source: docs/spec/reservations.md.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "claimed_units")


class LineUnits(NamedTuple):
    """Units of one line, and the item whose stock they are; lines count from 0."""

    quote_id: UUID
    line: int
    item_id: UUID
    quantity: int


@STATEMENTS.query()
async def insert_units(connection: Connection, units: Sequence[LineUnits], *, is_taken: bool) -> None:
    """Note what quotes hold, or have taken."""


@STATEMENTS.query()
async def units_of_quotes(connection: Connection, quote_ids: Collection[UUID], *, is_taken: bool) -> list[LineUnits]:
    """What these quotes hold, or have taken less what has been given back."""


@STATEMENTS.query()
async def return_units(connection: Connection, units: Sequence[LineUnits]) -> None:
    """Mark these units as given back."""
