"""One quote request on its way: admit, find, price, share, answer.

Each phase is a call downwards that returns. What has to wait, for a permit or for Redis, is called back and goes on with
the next phase of the same object; the request is answered, refused or failed once. Ways in (`quote_endpoint.py`,
`quote_batch.py`) say who may ask, how a basket is read, and where the answer goes.

Source: docs/spec/quotes.md#limits; docs/spec/quotes.md#caching.
"""

from collections.abc import Callable

from quote_service.platform.system.errors import Overloaded, QuoteServiceError, TimedOut, Unavailable
from quote_service.platform.system.new_ids import random_bits
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.sale_price import BasketSales
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.local_quotes import LocalAnswer
from quote_service.quotes.operations.quote_asker import CacheTier, QuoteAsker
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.quote_notes import QuoteNote
from quote_service.quotes.operations.request_warnings import request_warnings
from quote_service.quotes.tables.share_quotes import NOT_SHARED, Outcome
from quote_service.rulebook.experiments.model.observations import ONE


class QuoteRequest(QuoteAsker):
    """A single object for all that happens to a request, so that a way in derives from it and nothing is handed about."""

    __slots__ = (
        "at_us",
        "bits",
        "bypass",
        "deadline",
        "exposed",
        "finds_by_body",
        "give_up",
        "has_permit",
        "issued",
        "issuer",
        "limiter",
        "note",
        "waiting",
    )

    def __init__(self, issuer: QuoteIssuer, limiter: QuoteLimiter, body: bytes, deadline: float) -> None:
        """The bytes of the basket, and the loop's time until which it is worth waiting for a permit."""
        self.external_ref: str | None = None
        self.request_warnings = b""
        self.body = body
        self.issuer = issuer
        self.limiter = limiter
        self.deadline = deadline
        self.at_us = 0  # the one instant of this quote
        self.bypass = False  # price it again, whatever is kept
        self.finds_by_body = True
        self.has_permit = False
        self.note: QuoteNote | None = None  # of one that was sampled
        self.give_up: Callable[[], None] | None = None  # gives its place in the queue back, if it has one
        self.exposed: str | None = None  # the customer, where a watched flag was evaluated
        self.waiting: list[QuoteAsker] | None = None  # for the same quote, while it is being shared
        self.priced = None
        # Known once it is priced.
        self.bits: int
        self.issued: LocalAnswer

    # What a way in says

    def admit(self) -> None:
        """Let the request in, or not; sets `at_us`, and `bypass`, `finds_by_body` and `note` where they are not as usual.

        Raises:
            QuoteServiceError: It is refused.
        """
        raise NotImplementedError

    def read(self, catalog: CatalogSnapshot) -> CheckedBasket:
        """The basket, read from the body; `catalog` as in `decode_basket`.

        Raises:
            QuoteServiceError: It is none.
        """
        raise NotImplementedError

    def answered(self, answer: LocalAnswer, tier: CacheTier) -> None:
        """Take the answer."""
        raise NotImplementedError

    def refused(self, error: QuoteServiceError) -> None:
        """Hear why there is none."""
        raise NotImplementedError

    def failed(self, mistake: Exception) -> None:
        """Hear of a mistake of ours that came to light while the request waited."""
        raise NotImplementedError

    # The way

    def run(self) -> None:
        """Go as far as there is nothing to wait for.

        Raises:
            Exception: A mistake of ours; nobody has been told.
        """
        try:
            self.admit()
            held = self.issuer.find(self.body, self.at_us) if self.finds_by_body and not self.bypass else None
            if held is not None:
                self.answered(held, "local")
            elif self.limiter.try_enter():
                self.permitted()
            else:
                self.wait()
        except QuoteServiceError as error:
            self.refuse(error)
        except BaseException:
            self.harmed("error")
            self.leave()
            raise

    def wait(self) -> None:
        """Wait for a permit.

        Raises:
            Overloaded: Too many do.
        """
        self.give_up = self.limiter.wait(self.deadline, self.enter, self.expire)
        if self.give_up is None:
            raise Overloaded("Too many quote requests are already waiting", retry_after_seconds=1)

    def enter(self) -> None:
        """A permit is there after waiting: go on, and report a mistake, of which nobody else would hear."""
        self.give_up = None
        try:
            self.permitted()
        except QuoteServiceError as error:
            self.refuse(error)
        except Exception as mistake:  # noqa: BLE001 (handed to the last handler of whoever runs the request)
            self.harmed("error")
            self.leave()
            self.failed(mistake)

    def permitted(self) -> None:
        """Go on with a permit, which is held until there is an answer.

        Raises:
            QuoteServiceError: It is no acceptable basket, or no rulebook has been read yet.
        """
        self.has_permit = True
        issuer = self.issuer
        rulebook = issuer.rulebook()
        checked = self.read(rulebook.catalog)
        note = self.note
        if note is not None:
            note.decoded()
        checked = issuer.complete(rulebook, checked, self.at_us)
        self.exposed = issuer.expose(rulebook, checked, self.at_us)
        sales = issuer.sales_of(checked, self.at_us)
        if checked.basket.include_hints:
            issuer.add_hints(rulebook, checked, self.at_us, sales)
        if not self.find(rulebook, checked, sales):
            self.price(rulebook, checked, sales)
            self.share()

    def find(self, rulebook: Rulebook, checked: CheckedBasket, sales: BasketSales | None) -> bool:
        """Answer with what this process knows of the basket, or wait for the request that is having it priced already."""
        issuer, at_us = self.issuer, self.at_us
        self.external_ref = checked.basket.external_ref
        if checked.unknown_fields or checked.price_warnings:
            self.request_warnings = request_warnings(checked.price_warnings, checked.unknown_fields)
        if self.bypass:
            self.bits = random_bits()
            return False
        self.bits = bits = issuer.bits_of(rulebook, checked, at_us, sales)
        held = issuer.find_by_bits(bits, rulebook, checked, sales, at_us)
        if held is not None:
            self.answer(held, "local")
            return True
        under_way = issuer.under_way.get(bits)
        if under_way is None:
            return False
        issuer.joined += 1
        under_way.join(self)
        return True

    def price(self, rulebook: Rulebook, checked: CheckedBasket, sales: BasketSales | None) -> None:
        """Work the quote out, write and sign it."""
        issuer, at_us, note = self.issuer, self.at_us, self.note
        quote = issuer.price(rulebook, checked, at_us, sales)
        if note is not None:
            note.priced()
        if self.exposed is not None:
            price = quote.total_minor * 10 ** (6 - quote.exponent)
            issuer.exposures.observe(self.exposed, "price." + quote.basket.currency, price, at_us)
        self.issued = issuer.write(quote, self, self.bits, rulebook, checked, at_us, sales)

    def share(self) -> None:
        """Keep the quote where all processes find it, unless another was quicker."""
        issuer, note = self.issuer, self.note
        packed = issuer.pack(self.issued)
        if note is not None:
            note.encoded()
        issuer.under_way[self.bits] = self
        issuer.sharer.share(self.bits, packed, self.shared)

    def shared(self, outcome: Outcome) -> None:
        """Redis has answered, or is unavailable: answer, and those who wait for the same quote with it."""
        issuer, note = self.issuer, self.note
        if note is not None:
            note.shared(by_redis=outcome is not NOT_SHARED)
        del issuer.under_way[self.bits]
        issued, tier = issuer.settle(outcome, self.issued, self.at_us)
        if not self.bypass:  # nobody else is handed that one
            issuer.quotes.keep(issued)
        if tier == "miss" and self.priced is not None:
            issuer.count_issued(self.priced)
        self.priced = None
        self.hand_over(issued, tier)
        if self.waiting is not None:
            for other in self.waiting:
                other.hand_over(issued, "local")

    def join(self, other: QuoteAsker) -> None:
        """Have another request answered with the quote that this one waits for."""
        if self.waiting is None:
            self.waiting = [other]
        else:
            self.waiting.append(other)

    def hand_over(self, answer: LocalAnswer, tier: CacheTier) -> None:
        """Answer after waiting, and report a mistake, of which nobody else would hear."""
        try:
            self.answer(answer, tier)
        except Exception as mistake:  # noqa: BLE001 (as above)
            self.harmed("error")
            self.leave()
            self.failed(mistake)

    def answer(self, answer: LocalAnswer, tier: CacheTier) -> None:
        """Answer, in the words of this request."""
        answer = self.issuer.adopt(answer, self, remember=not self.bypass)
        self.leave()
        self.answered(answer, tier)

    # Ending without a quote

    def refuse(self, error: QuoteServiceError) -> None:
        """Say why there is no quote."""
        if self.exposed is not None and isinstance(error, Unavailable):
            self.harmed("error")
        self.leave()
        self.refused(error)

    def expire(self) -> None:
        """The time is over while waiting for a permit."""
        self.give_up = None
        self.expose_unread()
        self.harmed("timeout")
        self.refuse(TimedOut("The quote could not be priced in time"))

    def expose_unread(self) -> None:
        """Note whom an experiment is about, of a basket whose turn never came."""
        try:
            rulebook = self.issuer.rulebook()
            if rulebook.period_at(self.at_us).watched_flags:
                checked = self.issuer.complete(rulebook, self.read(rulebook.catalog), self.at_us)
                self.exposed = self.issuer.expose(rulebook, checked, self.at_us)
        except QuoteServiceError:  # no basket that could be quoted
            return

    def harmed(self, metric: str) -> None:
        """Note what a customer of an experiment has got instead of a quote."""
        if self.exposed is not None:
            self.issuer.exposures.observe(self.exposed, metric, ONE, self.at_us)

    def leave(self) -> None:
        """Give the permit back, if there is one."""
        if self.has_permit:
            self.has_permit = False
            self.limiter.leave()
