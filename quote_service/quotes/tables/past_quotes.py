"""Accepted quotes of the past, block by block.

Source: docs/spec/replay.md.
"""

from datetime import datetime
from uuid import UUID

from quote_service.platform.postgres.outbox import OUTBOX
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.quotes.model.past_quote import PastQuote, PastRange

STATEMENTS = Statements(__file__, "accepted_quotes", OUTBOX)


@STATEMENTS.query()
async def count_past(connection: Connection, wanted: PastRange) -> int:
    """How many there are."""


@STATEMENTS.query()
async def next_past(
    connection: Connection, wanted: PastRange, after: tuple[datetime, UUID], limit: int
) -> list[PastQuote]:
    """Up to `limit` of them in the order in which they were accepted, from behind a place."""
