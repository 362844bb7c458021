"""A quote that was issued, as it was issued, from whichever worker issued it.

Source: docs/spec/quotes.md#read-a-quote.
"""

from uuid import UUID

from quote_service.platform.system.identifiers import uuid7_millis
from quote_service.quotes.model.errors import QuoteExpired, QuoteUnknown
from quote_service.quotes.model.kept_quote import KeptQuote
from quote_service.quotes.operations.quote_cache import QuoteCache


async def read_quote(cache: QuoteCache, quote_id: UUID, at_us: int, ttl_seconds: int) -> KeptQuote:
    """The quote of this id.

    Raises:
        QuoteExpired: Its id says that it was issued longer ago than a quote lasts.
        QuoteUnknown: There is none; no quote that still lasts has this id.
        Unavailable: This worker does not hold it, and Redis cannot be asked.
    """
    issued_ms = uuid7_millis(quote_id)
    if issued_ms is None:
        raise QuoteUnknown("There is no quote with this id")
    if issued_ms + ttl_seconds * 1000 <= at_us // 1000:
        raise QuoteExpired("The quote has expired; request a new one")
    kept: KeptQuote | None = await cache.get(str(quote_id))
    if kept is None:
        raise QuoteUnknown("There is no quote with this id")
    if kept.valid_until_us <= at_us:
        raise QuoteExpired("The quote has expired; request a new one")
    return kept
