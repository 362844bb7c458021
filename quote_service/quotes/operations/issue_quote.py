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
from quote_service.pricing.basket_subject import subject_of
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.fingerprint import fingerprint_bits, same_until_us
from quote_service.pricing.hints.find_hints import find_hints
from quote_service.pricing.hints.hint import Hints
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import CheckedBasket, Quote
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.find_sales import find_sales
from quote_service.pricing.sales.sale_price import BasketSales
from quote_service.pricing.sales.sale_prices import SalePrices
from quote_service.quotes.model.kept_quote import unpack_quote
from quote_service.quotes.model.priced_quote import PricedQuote
from quote_service.quotes.operations.count_quotes import QuoteCounts
from quote_service.quotes.operations.kept_hints import KeptHints
from quote_service.quotes.operations.local_quotes import LocalAnswer, LocalQuotes
from quote_service.quotes.operations.quote_asker import CacheTier, QuoteAsker
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.write_answer import AnswerWriter, kept_answer
from quote_service.quotes.tables.share_quotes import NotShared, Outcome, QuoteSharer
from quote_service.rulebook.experiments.operations.exposure_log import ExposureLog
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder

# Takes the items of flash sales whose price an answer shows, each time that it is given.
OnShown = Callable[[tuple[int, ...]], None]

_BODIES_MAX: Final = 4  # of one answer: different spellings of one request
# A body is remembered up to this many times the length of what is kept of it, and so many bytes more: white space and
# the usual extras pass. What is padded beyond that is read again each time, and takes no room from other answers.
_BODY_TIMES: Final = 2
_BODY_MORE_BYTES: Final = 2048


class QuoteIssuer:
    """Issues the quotes of one worker, a step at a time, for `quote_request.py`.

    Counts `local`, `found`, `priced` and `joined` quotes since the start; `flags_evaluated` counts the flags that the
    priced quotes show. `under_way` holds who has a quote shared, by the quote's bits.
    """

    __slots__ = (
        "_counts",
        "_hints",
        "_holder",
        "_note_shown",
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
        self._note_shown = note_shown
        self.exposures = ExposureLog() if exposures is None else exposures
        self.quotes = quotes
        self.sharer = sharer
        self._secret = fingerprint_secret
        self._ttl_us = ttl_seconds * SECOND_US
        self._writer = AnswerWriter(signer, self._ttl_us, counts, kept_form)
        self.under_way: dict[int, QuoteAsker] = {}
        self.local = self.found = self.priced = self.joined = self.flags_evaluated = 0

    def find(self, body: bytes, at_us: int) -> LocalAnswer | None:
        """The answer that this process gave to the very same bytes, if it is still good."""
        answer = self.quotes.by_body(body, self._edition(), at_us)
        if answer is not None:
            self.local += 1
            if answer.shown:
                self._note_shown(answer.shown)
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

    def complete(self, rulebook: Rulebook, checked: CheckedBasket, at_us: int) -> CheckedBasket:
        """The basket with what the catalog and the customer's record say.

        Raises:
            Invalid: A line has no price; every fault has its pointer.
        """
        return complete_basket(rulebook, checked, at_us)

    def expose(self, rulebook: Rulebook, checked: CheckedBasket, at_us: int) -> str | None:
        """Note whom an experiment is about: the customer's id, where what comes of the quote is of interest."""
        period = rulebook.period_at(at_us)
        watched = period.watched_flags
        if not watched:
            return None
        basket = checked.basket
        address = basket.delivery_address
        regions = period.applicable_rules(address.country, address.city, address.district, basket.currency).regions
        return self.exposures.expose(watched, subject_of(basket, regions), at_us)

    def sales_of(self, checked: CheckedBasket, at_us: int) -> BasketSales | None:
        """What of a basket is on sale."""
        prices = self._sales.by_product
        return find_sales(prices, checked, at_us) if prices else None

    def add_hints(self, rulebook: Rulebook, checked: CheckedBasket, at_us: int, sales: BasketSales | None) -> None:
        """Find the hints of a basket whose request asks for them, and until when they stand."""
        edition, bits = self._edition(), self.bits_of(rulebook, checked, at_us, sales)
        hints = self._hints.find(bits, edition, at_us, is_shoppers=checked.is_shoppers)
        if hints is None:
            now = price_quote(rulebook, checked, at_us, sales)
            found = find_hints(rulebook, checked, at_us, self._sales.by_product, now)
            until_us = self._good_until_us(rulebook, checked, sales, at_us)
            hints = Hints(found.entries, min(found.until_us, until_us))
            self._hints.keep(bits, edition, hints, is_shoppers=checked.is_shoppers)
        checked.hints = hints

    def bits_of(self, rulebook: Rulebook, checked: CheckedBasket, at_us: int, sales: BasketSales | None) -> int:
        """What the quote of this basket is found by, in all processes."""
        return fingerprint_bits(rulebook, checked, at_us, self._secret, sales)

    def find_by_bits(
        self, bits: int, rulebook: Rulebook, checked: CheckedBasket, sales: BasketSales | None, at_us: int
    ) -> LocalAnswer | None:
        """The answer that this process gave to the same basket, if it is still good."""
        held = self.quotes.by_bits(bits, at_us)
        if held is not None:
            self.local += 1
            edition = self._edition()
            if held.edition != edition or held.good_until_us <= at_us:
                return self._renew(held, edition, self._good_until_us(rulebook, checked, sales, at_us))
        return held

    def price(self, rulebook: Rulebook, checked: CheckedBasket, at_us: int, sales: BasketSales | None) -> Quote:
        """Work a quote out."""
        quote = price_quote(rulebook, checked, at_us, sales)
        if checked.hints is not None:
            quote.hints = checked.hints.entries
        self.priced += 1
        self.flags_evaluated += len(rulebook.period_at(at_us).exposed_flags)
        return quote

    def write(
        self,
        quote: Quote,
        asker: QuoteAsker,
        bits: int,
        rulebook: Rulebook,
        checked: CheckedBasket,
        at_us: int,
        sales: BasketSales | None,
    ) -> LocalAnswer:
        """Write and sign a quote that has been worked out."""
        good_until_us = min(at_us + self._ttl_us, self._good_until_us(rulebook, checked, sales, at_us))
        answer = self._writer.write(quote, bits, rulebook.version, at_us, good_until_us, asker)
        answer.edition = self._edition()
        if _is_rememberable(answer, asker.body):
            answer.bodies = (asker.body,)
        if sales is not None:
            answer.shown = sales.item_ids
        return answer

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

    def adopt(self, answer: LocalAnswer, asker: QuoteAsker, *, remember: bool) -> LocalAnswer:
        """The answer for a request that echoes this reference; remembered for the very same bytes, if it shall be.

        What of flash sales it shows is counted each time that it is given.
        """
        if answer.shown:
            self._note_shown(answer.shown)
        if not remember:
            return answer
        if answer.external_ref != asker.external_ref or answer.request_warnings != asker.request_warnings:
            return self._writer.with_echo(answer, asker)
        body = asker.body
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

    def _good_until_us(self, rulebook: Rulebook, checked: CheckedBasket, sales: BasketSales | None, at_us: int) -> int:
        """When time alone may make the quote another one, so that its bits have to be asked again."""
        until_us = same_until_us(rulebook, checked, at_us)
        if checked.hints is not None:
            until_us = min(until_us, checked.hints.until_us)
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
