"""Accepted quotes written by the thousand: priced and written as the service does, without asking it.

What measures or tests replays needs a past; signing and accepting one by one would be most of the time that it takes.
"""

from collections.abc import Iterable
from uuid import UUID

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author, change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.model.accepted_quote import AcceptedQuote, QuoteFigures, figures_of
from quote_service.quotes.model.kept_bytes import kept_request
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.quotes.tables.accepted_quotes import insert_all_accepted
from quote_service.rulebook.snapshot.operations.refresh_rulebook import refresh_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder

_TTL_US = 900_000_000
_BLOCK = 500


def accepted_of_basket(rulebook: Rulebook, body: bytes, at_us: int) -> tuple[Author, AcceptedQuote, QuoteFigures]:
    """A basket's quote as it is stored once it is accepted, at the instant at which it is issued."""
    checked = complete_basket(QuoteBasis(rulebook, decode_basket(body), at_us)).checked
    quote = price_quote(QuoteBasis(rulebook, checked, at_us))
    quote_id = new_id(at_us // 1000)
    text = write_quote(quote, quote_id, at_us, at_us + _TTL_US)
    data = f'{text.head}{text.flags}{text.middle}"miss"{text.tail},"signature":"none"}}'.encode()
    accepted = AcceptedQuote(
        quote_id=quote_id,
        customer_id=checked.basket.customer_id,
        data=data,
        request=kept_request(checked.basket),
        rulebook_version=rulebook.version,
        issued_at_us=at_us,
        valid_until_us=at_us + _TTL_US,
        accepted_at_us=at_us,
        receipt="none",
    )
    return change_by_system("load", at_us), accepted, figures_of(parse_exact(data), checked.exponent)


async def write_past(database: Database, bodies: Iterable[bytes]) -> list[UUID]:
    """Accept a quote of each basket by the rulebook of now; answers their ids."""
    holder = RulebookHolder()
    await refresh_rulebook(database, holder)
    assert holder.rulebook is not None
    waiting, written = [], []
    for body in bodies:
        entry = accepted_of_basket(holder.rulebook, body, now_us())
        written.append(UUID(entry[1].quote_id))
        waiting.append(entry)
        if len(waiting) >= _BLOCK:
            await _insert(database, waiting)
            waiting = []
    if waiting:
        await _insert(database, waiting)
    return written


async def _insert(database: Database, entries: list[tuple[Author, AcceptedQuote, QuoteFigures]]) -> None:
    async with database.transaction() as connection:
        await insert_all_accepted(connection, entries)
