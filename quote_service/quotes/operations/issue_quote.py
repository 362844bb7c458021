"""Issue a quote: found in this process, or priced, signed and shared, so that one basket has one quote everywhere.

Pricing is quicker than asking Redis, so Redis is not asked first. The command that keeps the new quote there answers with
the one that was there before, if another process was quicker; then that one is handed out. While it is under way, the
same basket asked for again waits for it instead of being priced twice.

What the catalog says of the basket, and what is on sale of it, is read once for each quote, from what this process knows.
Where there is nothing, that costs a look.

Everything here runs in the event loop between two awaits, so nothing is locked.

Source: docs/spec/quotes.md#caching; docs/spec/flash-sales.md#sale-prices-in-quotes;
`docs/decisions/tiers-of-the-cache.md`.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.instants import SECOND_US
from quote_service.platform.system.quote_form import FORM
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.fingerprint import fingerprint_bits, same_until_us
from quote_service.pricing.hints.find_hints import find_hints
from quote_service.pricing.hints.hint import Hints
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import Quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.sale_prices import SalePrices
from quote_service.quotes.model.kept_bytes import unpack_quote
from quote_service.quotes.model.quote_cells import PricedQuote
from quote_service.quotes.operations.count_quotes import QuoteCounts
from quote_service.quotes.operations.kept_hints import KeptHints
from quote_service.quotes.operations.local_quotes import CacheTier, LocalAnswer, LocalQuotes
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.write_answer import AnswerWriter, kept_answer
from quote_service.quotes.tables.share_quotes import NotShared, Outcome, QuoteSharer
from quote_service.rulebook.experiments.operations.exposure_log import ExposureLog
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder

# Takes the items of flash sales whose price an answer shows, each time that it is given.
OnShown = Callable[[tuple[int, ...]], None]
# Takes an answer that was waited for.
HandOver = Callable[[LocalAnswer, CacheTier], None]

_BODIES_MAX: Final = 4  # of one answer: different spellings of one request
# A body is remembered up to this many times the length of what is kept of it, and so many bytes more: white space and
# the usual extras pass. What is padded beyond that is read again each time, and takes no room from other answers.
_BODY_TIMES: Final = 2
_BODY_MORE_BYTES: Final = 2048


class QuoteIssuer:
    """Issues the quotes of one worker, a step at a time, for `quote_request.py`.

    Counts `local`, `found`, `priced` and `joined` quotes since the start; `flags_evaluated` counts the flags that the
    priced quotes show. `under_way` holds who waits for a quote that is being shared, by its bits.
    """

    __slots__ = (
        "_counts",
        "_hints",
        "_holder",
        "_on_shown",
        "_sales",
        "_secret",
        "_ttl_us",
        "_writer",
        "exposures",
        "flags_evaluated",
        "found",
        "joined",
        "local",
        "priced",
        "quotes",
        "sharer",
        "under_way",
    )

    def __init__(
        self,
        holder: RulebookHolder,
        quotes: LocalQuotes,
        sharer: QuoteSharer,
        signer: QuoteSigner,
        *,
        fingerprint_secret: bytes,
        ttl_seconds: int,
        sales: SalePrices,
        note_shown: OnShown,
        exposures: ExposureLog | None = None,
        counts: QuoteCounts | None = None,
        kept_form: int = FORM,
    ) -> None:
        self._counts = counts
        self._holder = holder
        self._sales = sales
        self._hints = KeptHints()
        self._on_shown = note_shown
        self.exposures = ExposureLog() if exposures is None else exposures
        self.quotes = quotes
        self.sharer = sharer
        self._secret = fingerprint_secret
        self._ttl_us = ttl_seconds * SECOND_US
        self._writer = AnswerWriter(signer, self._ttl_us, counts, kept_form)
        self.under_way: dict[int, list[HandOver]] = {}
        self.local = self.found = self.priced = self.joined = self.flags_evaluated = 0

    def find(self, body: bytes, at_us: int) -> LocalAnswer | None:
        """The answer that this process gave to the very same bytes, if it is still good."""
        answer = self.quotes.by_body(body, self._edition(), at_us)
        if answer is not None:
            self.local += 1
            self.note_shown(answer)
        return answer

    def rulebook(self) -> Rulebook:
        """The rulebook in force.

        Raises:
            Unavailable: None has been read yet.
        """
        rulebook = self._holder.rulebook
        if rulebook is None:
            raise Unavailable("The rulebook has not been loaded yet")
        return rulebook

    def complete(self, basis: QuoteBasis) -> None:
        """Fill in what the catalog and the customer's record say of a basket, and what of it is on sale.

        Raises:
            Invalid: A line has no price; every fault has its pointer.
        """
        complete_basket(basis)
        basis.find_sales(self._sales.by_product)

    def expose(self, basis: QuoteBasis) -> str | None:
        """Note whom an experiment is about: the customer's id, where what comes of the quote is of interest."""
        watched = basis.period.watched_flags
        return self.exposures.expose(watched, basis.subject, basis.at_us) if watched else None

    def add_hints(self, basis: QuoteBasis) -> None:
        """Find the hints of a basket whose request asks for them, and until when they stand."""
        checked, edition, bits = basis.checked, self._edition(), self.bits_of(basis)
        hints = self._hints.find(bits, edition, basis.at_us, is_shoppers=checked.is_shoppers)
        if hints is None:
            found = find_hints(basis, self._sales.by_product, price_quote(basis))
            hints = Hints(found.entries, min(found.until_us, self._good_until_us(basis)))
            self._hints.keep(bits, edition, hints, is_shoppers=checked.is_shoppers)
        checked.hints = hints

    def bits_of(self, basis: QuoteBasis) -> int:
        """What the quote of this basket is found by, in all processes."""
        return fingerprint_bits(basis, self._secret)

    def find_by_bits(self, bits: int, basis: QuoteBasis) -> LocalAnswer | None:
        """The answer that this process gave to the same basket, if it is still good."""
        held = self.quotes.by_bits(bits, basis.at_us)
        if held is not None:
            self.local += 1
            edition = self._edition()
            if held.edition != edition or held.good_until_us <= basis.at_us:
                return self._renew(held, edition, self._good_until_us(basis))
        return held

    def price(self, basis: QuoteBasis) -> Quote:
        """Work a quote out."""
        quote = price_quote(basis)
        hints = basis.checked.hints
        if hints is not None:
            quote.hints = hints.entries
        self.priced += 1
        self.flags_evaluated += len(basis.period.exposed_flags)
        return quote

    def write(self, quote: Quote, basis: QuoteBasis, bits: int, reported: bytes, body: bytes) -> LocalAnswer:
        """Write and sign a quote that has been worked out; `body` are the bytes that asked for it."""
        at_us, sales = basis.at_us, basis.sales
        good_until_us = min(at_us + self._ttl_us, self._good_until_us(basis))
        answer = self._writer.write(quote, bits, basis.rulebook.version, at_us, good_until_us, reported)
        answer.edition = self._edition()
        if _is_rememberable(answer, body):
            answer.bodies = (body,)
        if sales is not None:
            answer.shown = sales.item_ids
        return answer

    def sum_up(self, quote: Quote, answer: LocalAnswer) -> PricedQuote | None:
        """What is counted of a quote that was written, if it is issued; None where nothing is counted."""
        counts, cell = self._counts, answer.cell
        return None if counts is None or cell is None else counts.sum_up(quote, cell)

    def count_issued(self, priced: PricedQuote) -> None:
        """Count a quote that was issued."""
        counts = self._counts
        if counts is not None:
            counts.issued(priced)

    def count_answer(self, answer: LocalAnswer, tier: CacheTier, seconds: float) -> None:
        """Count an answer that was given."""
        counts, cell = self._counts, answer.cell
        if counts is not None and cell is not None:
            counts.answered(cell, tier, seconds)

    def pack(self, answer: LocalAnswer) -> bytes:
        """A new quote as it is kept in Redis."""
        return self._writer.pack(answer)

    def settle(self, outcome: Outcome, answer: LocalAnswer, at_us: int) -> tuple[LocalAnswer, CacheTier]:
        """What is handed out now that Redis has answered: ours, or the one that was there before.

        It works on what was written. The quote as it was worked out is let go before the wait: many that wait at once
        would keep all that they are made of, and the next would be made in memory that no cache holds.
        """
        if outcome is None:
            return answer, "miss"
        if not isinstance(outcome, NotShared):
            kept = unpack_quote(outcome)
            if kept.valid_until_us > at_us:
                self.found += 1
                return kept_answer(kept, answer), "redis"
        return self._writer.unshared(answer), "miss"

    def note_shown(self, answer: LocalAnswer) -> None:
        """Count what of flash sales an answer shows, each time that it is given."""
        if answer.shown:
            self._on_shown(answer.shown)

    def adopt(self, answer: LocalAnswer, body: bytes, external_ref: str | None, reported: bytes) -> LocalAnswer:
        """The answer for a request that echoes this reference and gets these warnings, remembered for its very bytes."""
        if answer.external_ref != external_ref or answer.request_warnings != reported:
            return self._writer.with_echo(answer, external_ref, reported)
        if body not in answer.bodies and len(answer.bodies) < _BODIES_MAX and _is_rememberable(answer, body):
            answer = msgspec.structs.replace(answer, bodies=(*answer.bodies, body))
            self.quotes.keep(answer)
        return answer

    def for_shopper(self, answer: LocalAnswer) -> LocalAnswer:
        """The answer in the form that a shopper gets; what is kept stays the whole quote."""
        return self._writer.for_shopper(answer)

    def _edition(self) -> int:
        """A number that rises with whatever this process prices by: rules, prices, customers, what is on sale."""
        return self._holder.edition + self._sales.version

    def _good_until_us(self, basis: QuoteBasis) -> int:
        """When time alone may make the quote another one, so that its bits have to be asked again."""
        until_us, hints, sales = same_until_us(basis), basis.checked.hints, basis.sales
        if hints is not None:
            until_us = min(until_us, hints.until_us)
        return until_us if sales is None else min(until_us, sales.until_us)

    def _renew(self, held: LocalAnswer, edition: int, good_until_us: int) -> LocalAnswer:
        """A kept answer that another edition, or the end of a period, has left as it was.

        It forgets the bytes that asked: two spellings of one basket may be two baskets once the catalog says otherwise of
        what one of them leaves out. Whoever asks now is remembered again.
        """
        renewed = msgspec.structs.replace(
            held, edition=edition, good_until_us=min(held.valid_until_us, good_until_us), bodies=()
        )
        self.quotes.keep(renewed)
        return renewed


def _is_rememberable(answer: LocalAnswer, body: bytes) -> bool:
    return len(body) <= _BODY_TIMES * len(answer.request) + _BODY_MORE_BYTES
