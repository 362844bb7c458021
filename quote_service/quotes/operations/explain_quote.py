"""Explain a quote: price it again by the rulebook version of its time, and hold the result against what was issued.

Everything comes from the request and the version that are kept with the quote, so issuing pays nothing for it. What the
catalog said and what was on sale is taken from the quote itself (`issued_prices.py`).

Source: docs/spec/quotes.md#explain-a-quote.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from quote_service.platform.documents.document_changes import FieldChange
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import NotFound, Unavailable
from quote_service.platform.system.instants import instant_text
from quote_service.pricing.explain.explain_pricing import Explained, explain_pricing
from quote_service.pricing.explain.explanation import Explanation
from quote_service.pricing.quote import CheckedBasket
from quote_service.quotes.answer.shopper_form import shopper_document
from quote_service.quotes.model.accepted_quote import AcceptedQuote
from quote_service.quotes.model.issued_quote import read_issued
from quote_service.quotes.model.kept_quote import KeptQuote
from quote_service.quotes.operations.issued_again import issued_differences
from quote_service.quotes.operations.issued_prices import issued_sales, take_issued_prices
from quote_service.quotes.operations.quote_cache import QuoteCache
from quote_service.quotes.operations.read_quote import read_quote
from quote_service.quotes.tables.accepted_quotes import accepted_quote
from quote_service.rulebook.snapshot.model.errors import RowUnreadable
from quote_service.rulebook.snapshot.operations.past_rulebook import past_rulebook

VERDICTS_MAX = 1000  # of rules and of rates each: an answer that somebody can read
_RESTORED = "the database does not know the rulebook version any more; it was restored from before it"
_NOT_KEPT = "the request is not kept: the quote was accepted by its signature alone, or its customer has been erased"
_UNREADABLE = "this release does not understand a rule or rate of that version"


async def find_explainable(
    cache: QuoteCache, database: Database, quote_id: UUID, at_us: int, ttl_seconds: int
) -> KeptQuote | AcceptedQuote:
    """The quote as it is kept, or as it was accepted once the cache has lost it.

    Raises:
        QuoteExpired, QuoteUnknown: It is neither kept nor accepted.
        Unavailable: A store that may have it cannot be asked.
    """
    try:
        return await read_quote(cache, quote_id, at_us, ttl_seconds)
    except (NotFound, Unavailable) as away:
        async with database.read() as connection:
            accepted = await accepted_quote(connection, quote_id)
        if accepted is None:
            raise away from None
        return accepted


async def explain_quote(
    database: Database,
    quote: KeptQuote | AcceptedQuote,
    decode: Callable[[bytes], CheckedBasket],
    *,
    parents: Mapping[str, str | None] | None = None,
    seller_regions: Mapping[str, str] | None = None,
    for_shopper: bool = False,
) -> Explanation:
    """Explain a quote.

    Args:
        database: Holds the rulebook's past.
        quote: The quote.
        decode: Reads its request.
        parents: The category above each category.
        seller_regions: Where sellers are, as far as the catalog knows.
        for_shopper: Leave out what a shopper's form of a quote leaves out, and the rates behind it.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    issued, request = parse_exact(quote.data), quote.request
    if for_shopper:
        issued = shopper_document(issued)
    if request is None or quote.rulebook_version is None:
        return _unexplained(quote, issued, _NOT_KEPT)
    checked, shown = decode(request), read_issued(quote.data)
    try:
        rows = await past_rulebook(database, quote.rulebook_version, checked.basket)
        if rows is None:
            return _unexplained(quote, issued, _RESTORED)
        # Some milliseconds of arithmetic, beside the event loop: quotes go on meanwhile.
        explained = await asyncio.to_thread(
            explain_pricing,
            rows,
            checked,
            quote.issued_at_us,
            issued_sales(shown),
            lambda rules: take_issued_prices(shown, request, checked, rules),
            parents,
            seller_regions,
        )
    except (RowUnreadable, msgspec.ValidationError):
        return _unexplained(quote, issued, _UNREADABLE)
    if for_shopper:
        explained = explained._replace(rates=[])
    differences = issued_differences(
        issued, explained.quote, quote.quote_id, quote.issued_at_us, quote.valid_until_us, for_shopper=for_shopper
    )
    return _explanation(quote, issued, explained, differences)


def _explanation(
    quote: KeptQuote | AcceptedQuote, issued: dict[str, Any], explained: Explained, differences: list[FieldChange]
) -> Explanation:
    rules, rates = explained.rules, explained.rates
    rules.sort(key=lambda verdict: not verdict.won)
    rates.sort(key=lambda verdict: not verdict.won)
    return Explanation(
        quote_id=quote.quote_id,
        priced_at=instant_text(quote.issued_at_us),
        rulebook_version=quote.rulebook_version,
        is_recomputed=True,
        agrees=not differences,
        detail=None if not differences else "this release, or a changed time zone, prices the same rows otherwise",
        differences=differences,
        calculations=issued["pricing_breakdown"]["calculations"],
        rules=rules[:VERDICTS_MAX],
        rates=rates[:VERDICTS_MAX],
        left_out=max(0, len(rules) - VERDICTS_MAX) + max(0, len(rates) - VERDICTS_MAX),
    )


def _unexplained(quote: KeptQuote | AcceptedQuote, issued: dict[str, Any], detail: str) -> Explanation:
    return Explanation(
        quote_id=quote.quote_id,
        priced_at=instant_text(quote.issued_at_us),
        rulebook_version=quote.rulebook_version,
        is_recomputed=False,
        agrees=None,
        detail=detail,
        differences=[],
        calculations=issued["pricing_breakdown"]["calculations"],
        rules=[],
        rates=[],
        left_out=0,
    )
