"""Accepted quotes of the past, block by block.

Source: docs/spec/replay.md.
"""

from datetime import datetime
from uuid import UUID

from quote_service.platform.postgres.outbox import OUTBOX
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.quotes.model.past_quote import PastQuote, PastRange

_QUERIES = load_queries(__file__, "accepted_quotes", OUTBOX)
_COUNT = _QUERIES["count_past_quotes"]
_NEXT = _QUERIES["past_quotes"]


async def count_past(connection: Connection, wanted: PastRange) -> int:
    """How many there are."""
    return int(await connection.fetchval(_COUNT, *wanted))


async def next_past(
    connection: Connection, wanted: PastRange, after: tuple[datetime, UUID], limit: int
) -> list[PastQuote]:
    """Up to `limit` of them in the order in which they were accepted, from behind a place."""
    return [PastQuote._make(row) for row in await connection.fetch(_NEXT, *wanted, *after, limit)]
