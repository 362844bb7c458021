"""The quote route from headers and body to an answer: who asks, how often, how much at once, and then the desk.

It knows neither uvicorn nor Litestar: `hot_path.py` and `quotes.py` bring requests here and carry the answers away, so
both give the same bytes. Nothing is awaited: what has to wait for Redis or for a permit is called back.

Source: spec 2; spec 8.
"""

import asyncio
import time
from collections.abc import Callable
from random import random
from typing import NamedTuple

from quote_service.api.credentials import Credentials, caller_of_headers
from quote_service.api.problems import INTERNAL_ERROR, PROBLEM_JSON, problem_answer
from quote_service.api.rate_limits import RateLimits
from quote_service.api.request_bodies import require_utf8
from quote_service.api.request_heads import PLAIN_ENCODINGS, RequestHead
from quote_service.api.request_ids import trace_parent_of_headers
from quote_service.api.wire.decode_basket import decode_basket
from quote_service.domain.access import Access, Caller, granted
from quote_service.domain.errors import (
    Forbidden,
    Overloaded,
    QuoteServiceError,
    TimedOut,
    Unauthorized,
    UnsupportedMediaType,
)
from quote_service.flows.issue_quote import CacheTier, QuoteDesk
from quote_service.flows.local_quotes import LocalAnswer
from quote_service.flows.turnstile import Turnstile
from quote_service.system.clock import now_us
from quote_service.telemetry.quote_meters import QuoteMeters
from quote_service.telemetry.quote_notes import QuoteNote, QuoteNotes

QUOTE_PATH = "/api/v1/quote"
QUOTE_ACCESS: Access = granted("pricing_manager", "analyst", "user", scopes=("quote:write",))
MESSAGE = "Quote calculated successfully"

_BEFORE_DATA = f'{{"success":true,"message":"{MESSAGE}","data":'.encode()
_TIERS: dict[CacheTier, bytes] = {"miss": b'"miss"', "local": b'"local"', "redis": b'"redis"'}


class DoorAnswer(NamedTuple):
    """What to send; `headers` are beside the content type, and empty for a quote."""

    status: int
    media_type: str
    headers: dict[str, str]
    body: bytes


class QuoteDoor:
    """The way in to one worker's desk."""

    __slots__ = (
        "_admitted",
        "_credentials",
        "_desk",
        "_follows_parents",
        "_limits",
        "_luck_max",
        "_meters",
        "_notes",
        "_timeout_seconds",
        "_turnstile",
        "slow_seconds",
    )

    def __init__(
        self,
        credentials: Credentials,
        limits: RateLimits,
        turnstile: Turnstile,
        desk: QuoteDesk,
        meters: QuoteMeters,
        notes: QuoteNotes,
        timeout_ms: int,
    ) -> None:
        # Who was let in last: the same object says the same of what it may do.
        self._admitted: Caller | None = None
        self._credentials = credentials
        self._limits = limits
        self._turnstile = turnstile
        self._desk = desk
        self._meters = meters
        self._notes = notes
        self._luck_max = notes.luck_max
        self._follows_parents = notes.follows_parents
        self.slow_seconds = notes.slow_seconds
        self._timeout_seconds = timeout_ms / 1000

    def answer(self, errand: "Errand") -> None:
        """Answer one request: the errand is told once, now or when Redis or a permit has been waited for.

        Raises:
            Exception: A mistake of ours, while nothing had to be waited for; the errand has not been told.
        """
        errand.door = self
        errand.received = time.perf_counter()
        errand.at_us = now_us()
        head = errand.head
        luck = random()  # noqa: S311 (whether it is one of the sample)
        if luck < self._luck_max or (self._follows_parents and head.is_traced):
            errand.note = self._notes.begin(luck, trace_parent_of_headers(head.headers))
        try:
            self._let_in(head, errand.at_us)
            if not head.is_plain:
                _check_media(head.named)
            errand.bypass = head.bypasses
            if not errand.bypass:
                held = self._desk.find(errand.body, errand.at_us)
                if held is not None:
                    errand.answered(self._quote(errand, held, "local"))
                    return
            if self._turnstile.try_enter():
                self._issue(errand)
            else:
                deadline = errand.started_at + self._timeout_seconds
                errand.give_up = self._turnstile.wait(deadline, errand.enter, errand.expire)
                if errand.give_up is None:
                    raise Overloaded("Too many quotes are waiting already", retry_after_seconds=1)
        except QuoteServiceError as error:
            errand.answered(self._refuse(errand, error))

    def problem(self, error: QuoteServiceError) -> DoorAnswer:
        """The answer to a request that ended in an error."""
        answer = problem_answer(error, QUOTE_PATH)
        self._meters.refused(answer.status)
        return DoorAnswer(answer.status, PROBLEM_JSON, answer.headers, answer.body)

    def mistake(self) -> None:
        """Count a request that ended in a mistake of ours."""
        self._meters.refused(INTERNAL_ERROR.status)

    def tell(self, errand: "Errand", request_id: str, status: int) -> None:
        """Log and trace an errand that is over and was sampled, slow or refused."""
        self._notes.tell(
            errand.note,
            request_id=request_id,
            parent=trace_parent_of_headers(errand.head.headers),
            status=status,
            outcome=errand.outcome,
            seconds=errand.seconds,
        )

    def _refuse(self, errand: "Errand", error: QuoteServiceError) -> DoorAnswer:
        errand.seconds = time.perf_counter() - errand.received
        errand.outcome = error.code
        return self.problem(error)

    def _let_in(self, head: RequestHead, at_us: int) -> None:
        """Know the caller, check that he may ask for quotes, and count the request against his limit."""
        digest = head.key_digest
        if digest is not None:
            caller = self._credentials.ring.caller_of_digest(digest, at_us)
        else:
            caller = caller_of_headers(head.headers, self._credentials, at_us)
        if caller is None:
            # Says what is wrong with what was sent, and that nobody can be known before the keys have been read.
            caller_of_headers(head.headers, self._credentials, at_us)
            raise Unauthorized("Send a valid API key in X-API-Key, or a bearer token in Authorization")
        if caller is not self._admitted:
            if not QUOTE_ACCESS.allows(caller):
                raise Forbidden("This takes the scope quote:write")
            self._admitted = caller
        if caller.rate_limit is not None:
            self._limits.spend(caller.id, caller.rate_limit)

    def _issue(self, errand: "Errand") -> None:
        """Have a quote issued, with a permit that the errand gives back when it has its answer."""
        try:
            checked = decode_basket(errand.body)
            note = errand.note
            if note is not None:
                note.decoded()
            self._desk.issue(checked, errand.body, errand.at_us, errand.issued, bypass=errand.bypass, note=note)
        except BaseException:
            self._turnstile.leave()
            raise

    def _issue_late(self, errand: "Errand") -> None:
        """As above, for an errand that has waited: nobody else would hear of an error."""
        try:
            self._issue(errand)
        except QuoteServiceError as error:
            errand.answered(self._refuse(errand, error))
        except Exception as mistake:  # noqa: BLE001 (handed to the last handler of whoever runs the errand)
            errand.failed(mistake)

    def _expired(self, errand: "Errand") -> DoorAnswer:
        return self._refuse(errand, TimedOut("The quote could not be worked out in time"))

    def _issued(self, errand: "Errand", answer: LocalAnswer, tier: CacheTier) -> DoorAnswer:
        self._turnstile.leave()
        return self._quote(errand, answer, tier)

    def _quote(self, errand: "Errand", answer: LocalAnswer, tier: CacheTier) -> DoorAnswer:
        errand.seconds = seconds = time.perf_counter() - errand.received
        errand.outcome = tier
        self._meters.quoted(tier, seconds)
        body = b'%b%b%b%b,"processing_time_ms":%.3f}' % (
            _BEFORE_DATA,
            answer.head,
            _TIERS[tier],
            answer.tail,
            seconds * 1000,
        )
        return DoorAnswer(200, "application/json", {}, body)


class Errand:
    """One request on its way through the door: a single object for all that is called back.

    Whoever brings requests makes a class of it, and is told by `answered`, or by `failed` of a mistake of ours.
    """

    __slots__ = (
        "at_us",
        "body",
        "bypass",
        "door",
        "give_up",
        "head",
        "note",
        "outcome",
        "received",
        "seconds",
        "started_at",
    )

    def __init__(self, head: RequestHead, body: bytes, started_at: float) -> None:
        """What the headers say, the whole body, and the loop's time when the request began to come."""
        self.head = head
        self.body = body
        self.started_at = started_at
        self.received = 0.0
        self.at_us = 0
        self.bypass = False
        self.note: QuoteNote | None = None  # of one that was sampled
        self.give_up: Callable[[], None] | None = None  # gives its place in the queue back, if it has one
        # Known with the answer: the tier or the code of the problem, and how long it took.
        self.outcome: str
        self.seconds: float
        self.door: QuoteDoor

    def answered(self, answer: DoorAnswer) -> None:
        """Take the answer."""
        raise NotImplementedError

    def failed(self, mistake: Exception) -> None:
        """Hear of a mistake of ours that came to light while the errand waited."""
        raise NotImplementedError

    def issued(self, answer: LocalAnswer, tier: CacheTier) -> None:
        """The desk has issued the quote."""
        self.answered(self.door._issued(self, answer, tier))

    def enter(self) -> None:
        """A permit is there after waiting."""
        self.door._issue_late(self)

    def expire(self) -> None:
        """The time is over while waiting for a permit."""
        self.answered(self.door._expired(self))


class AwaitedErrand(Errand):
    """An errand whose answer is awaited."""

    __slots__ = ("_future",)

    def __init__(self, head: RequestHead, body: bytes, started_at: float) -> None:
        super().__init__(head, body, started_at)
        self._future: asyncio.Future[DoorAnswer] = asyncio.get_running_loop().create_future()

    def answered(self, answer: DoorAnswer) -> None:
        """Hand the answer over, unless whoever awaits it has gone."""
        if not self._future.done():
            self._future.set_result(answer)

    def failed(self, mistake: Exception) -> None:
        """Raise where the answer is awaited."""
        if not self._future.done():
            self._future.set_exception(mistake)

    async def answer(self) -> DoorAnswer:
        """Wait for the answer."""
        return await self._future


def _check_media(named: dict[bytes, bytes]) -> None:
    """Refuse what is no plain JSON; called where that is in doubt."""
    if named.get(b"content-encoding") not in PLAIN_ENCODINGS:
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding")
    media_type, _, parameters = named.get(b"content-type", b"").decode("latin-1").partition(";")
    if media_type.strip().lower() != "application/json":
        raise UnsupportedMediaType("Send the body as application/json")
    require_utf8(parameters)
