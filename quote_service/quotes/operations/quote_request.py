"""One quote request on its way, let in already: find, price, share, answer.

Each phase is a call downwards that returns. What has to wait, for a permit or for Redis, goes on with the next phase of the
same object; the request is answered, refused or failed once, and then whoever asked is notified. The ways in
(`quote_endpoint.py`, `quote_batch.py`) make the object of what they know of the caller.

Source: docs/spec/quotes.md#limits; docs/spec/quotes.md#caching.
"""

import asyncio
from collections.abc import Callable
from time import perf_counter

from quote_service.platform.system.errors import Overloaded, QuoteServiceError, TimedOut, Unavailable
from quote_service.platform.system.new_ids import random_bits
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.quotes.model.quote_cells import PricedQuote
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.local_quotes import CacheTier, LocalAnswer
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.quote_notes import QuoteNote
from quote_service.quotes.operations.request_warnings import request_warnings
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.quotes.reading.read_basket import Care, read_basket
from quote_service.quotes.tables.share_quotes import NOT_SHARED, Outcome
from quote_service.rulebook.experiments.model.observations import ONE


class QuoteAsker:
    """Who asked, and is notified once when a request is over."""

    __slots__ = ()

    def over(self, request: "QuoteRequest") -> None:
        """Take the answer of the request, or its error."""
        raise NotImplementedError

    def failed(self, mistake: Exception) -> None:
        """Take a mistake of ours that came to light while the request waited."""
        raise NotImplementedError


class QuoteRequest:
    """All that happens to one request. Once it is over it has an `error`, or else an `answer` and its `tier`, and `seconds`."""

    __slots__ = (
        "answer",
        "asker",
        "at_us",
        "bits",
        "body",
        "bypass",
        "care",
        "deadline",
        "error",
        "exposed",
        "external_ref",
        "give_up",
        "has_permit",
        "issued",
        "issuer",
        "limiter",
        "note",
        "priced",
        "received",
        "request_warnings",
        "seconds",
        "tier",
    )

    def __init__(
        self, issuer: QuoteIssuer, limiter: QuoteLimiter, asker: QuoteAsker, body: bytes, at_us: int, deadline: float
    ) -> None:
        """The bytes of the basket, the one instant of its quote, and the loop's time until which a permit is waited for."""
        self.received = perf_counter()
        self.issuer = issuer
        self.limiter = limiter
        self.asker = asker
        self.body = body
        self.at_us = at_us
        self.deadline = deadline
        self.care: Care | None = None  # None where the quick reading will do
        self.bypass = False  # price it again, whatever is kept
        self.note: QuoteNote | None = None  # of one that was sampled
        self.has_permit = False
        self.give_up: Callable[[], None] | None = None  # gives its place in the queue back, if it has one
        self.exposed: str | None = None  # the customer, where a watched flag was evaluated
        self.external_ref: str | None = None
        self.request_warnings = b""  # warnings about what of the request does not count
        self.priced: PricedQuote | None = None  # what is counted of the quote, if that becomes the one that is issued
        self.error: QuoteServiceError | None = None
        # Known once it is priced.
        self.bits: int
        self.issued: LocalAnswer
        # Known once it is over.
        self.answer: LocalAnswer
        self.tier: CacheTier
        self.seconds: float

    def run(self) -> None:
        """Go as far as there is nothing to wait for.

        Raises:
            Exception: A mistake of ours; nobody has been notified.
        """
        try:
            care = self.care
            held = None
            if not self.bypass and (care is None or care.finds_by_body):
                held = self.issuer.find(self.body, self.at_us)
            if held is not None:
                self.finish(held, "local")
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
            self.fail(mistake)

    def permitted(self) -> None:
        """Go on with a permit, which is held until there is an answer.

        Raises:
            QuoteServiceError: It is no acceptable basket, or no rulebook has been read yet.
        """
        self.has_permit = True
        issuer, note = self.issuer, self.note
        basis = self.read()
        if note is not None:
            note.decoded()
        issuer.complete(basis)
        self.exposed = issuer.expose(basis)
        if basis.checked.basket.include_hints:
            issuer.add_hints(basis)
        if not self.find(basis):
            self.price(basis)
            self.share()

    def read(self) -> QuoteBasis:
        """The basket, read with the care that its sender asks for, under the rulebook in force."""
        rulebook, care = self.issuer.rulebook(), self.care
        catalog = rulebook.catalog
        checked = decode_basket(self.body, catalog) if care is None else read_basket(self.body, care, catalog)
        return QuoteBasis(rulebook, checked, self.at_us)

    def find(self, basis: QuoteBasis) -> bool:
        """Answer with what this process knows of the basket, or wait for the request that is having it priced already."""
        issuer, checked = self.issuer, basis.checked
        self.external_ref = checked.basket.external_ref
        if checked.unknown_fields or checked.price_warnings:
            self.request_warnings = request_warnings(checked.price_warnings, checked.unknown_fields)
        if self.bypass:
            self.bits = random_bits()
            return False
        self.bits = bits = issuer.bits_of(basis)
        held = issuer.find_by_bits(bits, basis)
        if held is not None:
            self.give(held, "local")
            return True
        waiting = issuer.under_way.get(bits)
        if waiting is None:
            return False
        issuer.joined += 1
        waiting.append(self.hand_over)
        return True

    def price(self, basis: QuoteBasis) -> None:
        """Work the quote out, write and sign it."""
        issuer, note = self.issuer, self.note
        quote = issuer.price(basis)
        if note is not None:
            note.priced()
        if self.exposed is not None:
            price = quote.total_minor * 10 ** (6 - quote.exponent)
            issuer.exposures.observe(self.exposed, "price." + quote.basket.currency, price, self.at_us)
        self.issued = issuer.write(quote, basis, self.bits, self.request_warnings, self.body)
        self.priced = issuer.sum_up(quote, self.issued)

    def share(self) -> None:
        """Keep the quote where all processes find it, unless another was quicker."""
        issuer, note = self.issuer, self.note
        packed = issuer.pack(self.issued)
        if note is not None:
            note.encoded()
        issuer.under_way[self.bits] = []
        issuer.sharer.share(self.bits, packed, self.shared)

    def shared(self, outcome: Outcome) -> None:
        """Redis has answered, or is unavailable: answer, and those who wait for the same quote with it."""
        issuer, note = self.issuer, self.note
        if note is not None:
            note.shared(by_redis=outcome is not NOT_SHARED)
        waiting = issuer.under_way.pop(self.bits)
        issued, tier = issuer.settle(outcome, self.issued, self.at_us)
        if not self.bypass:  # nobody else is handed that one
            issuer.quotes.keep(issued)
        if tier == "miss" and self.priced is not None:
            issuer.count_issued(self.priced)
        self.priced = None
        self.hand_over(issued, tier)
        for hand_over in waiting:
            hand_over(issued, "local")

    def hand_over(self, answer: LocalAnswer, tier: CacheTier) -> None:
        """Answer after waiting, and report a mistake, of which nobody else would hear."""
        try:
            self.give(answer, tier)
        except Exception as mistake:  # noqa: BLE001 (as above)
            self.fail(mistake)

    def give(self, answer: LocalAnswer, tier: CacheTier) -> None:
        """Answer with the quote of this basket, in the words of this request."""
        issuer = self.issuer
        issuer.note_shown(answer)
        if not self.bypass:
            answer = issuer.adopt(answer, self.body, self.external_ref, self.request_warnings)
        self.leave()
        self.finish(answer, tier)

    def finish(self, answer: LocalAnswer, tier: CacheTier) -> None:
        """Be over, with an answer."""
        self.answer = answer
        self.tier = tier
        self.seconds = seconds = perf_counter() - self.received
        if self.exposed is not None:
            self.issuer.exposures.answered(self.exposed, seconds, self.at_us)
        self.issuer.count_answer(answer, tier, seconds)
        self.asker.over(self)

    def shown_answer(self) -> LocalAnswer:
        """The answer in the form that the caller gets; what is kept stays the whole quote."""
        care = self.care
        return self.answer if care is None or care.shopper_id is None else self.issuer.for_shopper(self.answer)

    # Ending without a quote

    def refuse(self, error: QuoteServiceError) -> None:
        """Be over, and say why there is no quote."""
        if self.exposed is not None and isinstance(error, Unavailable):
            self.harmed("error")
        self.leave()
        self.error = error
        self.seconds = perf_counter() - self.received
        self.asker.over(self)

    def fail(self, mistake: Exception) -> None:
        """Be over because of a mistake of ours, where nobody else would hear of it."""
        self.harmed("error")
        self.leave()
        self.asker.failed(mistake)

    def abandon(self, error: QuoteServiceError) -> None:
        """Wait no longer: if it has not begun, it never does."""
        self.error = error
        if self.give_up is not None:
            self.give_up()

    def expire(self) -> None:
        """The time is over while waiting for a permit."""
        self.give_up = None
        self.expose_unread()
        self.harmed("timeout")
        self.refuse(too_late())

    def expose_unread(self) -> None:
        """Note whom an experiment is about, of a basket whose turn never came."""
        try:
            if self.issuer.rulebook().period_at(self.at_us).watched_flags:
                basis = self.read()
                self.issuer.complete(basis)
                self.exposed = self.issuer.expose(basis)
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


class AwaitedAsker(QuoteAsker):
    """Whoever awaits `future`, which is done when the request is over, and raises a mistake of ours."""

    __slots__ = ("future",)

    def __init__(self, future: asyncio.Future[None]) -> None:
        self.future = future

    def over(self, request: QuoteRequest) -> None:
        """Wake whoever awaits it, if anybody still does."""
        if not self.future.done():
            self.future.set_result(None)

    def failed(self, mistake: Exception) -> None:
        """Raise where it is awaited."""
        if not self.future.done():
            self.future.set_exception(mistake)


def too_late() -> TimedOut:
    """Why a basket has not been quoted when the time is over."""
    return TimedOut("The quote could not be priced in time")
