"""The quote route from headers and body to an answer: who asks, how often, and the bytes around the quote.

It knows neither uvicorn nor Litestar: `hot_path.py` and `quotes.py` bring requests here and carry the answers away, so
both give the same bytes. The way of a request is told in `quote_request.py`.

Source: docs/spec/quotes.md; docs/spec/access.md#routes.
"""

from random import random
from typing import Final

from quote_service.identity.operations.credentials import Credentials, caller_of_headers
from quote_service.identity.operations.rate_limits import RateLimits
from quote_service.platform.callers.access import Access, Caller, granted
from quote_service.platform.http.problems import INTERNAL_ERROR, PROBLEM_JSON, problem_answer
from quote_service.platform.http.protocol.preferences import STRICTLY
from quote_service.platform.http.protocol.request_heads import PLAIN_ENCODINGS, RequestHead
from quote_service.platform.http.request_bodies import require_utf8
from quote_service.platform.http.request_ids import trace_parent_of_headers
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import (
    Forbidden,
    QuoteServiceError,
    Unauthorized,
    UnsupportedMediaType,
)
from quote_service.platform.telemetry.loop_watch import HELD_SECONDS, LoopWatch
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.local_quotes import CacheTier
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.quote_meters import QuoteMeters
from quote_service.quotes.operations.quote_notes import QuoteNote, QuoteNotes
from quote_service.quotes.operations.quote_request import QuoteAsker, QuoteRequest
from quote_service.quotes.reading.read_basket import Care

QUOTE_PATH = "/api/v1/quote"
QUOTE_ACCESS: Access = granted("pricing_manager", "analyst", "user", scopes=("quote:write",))
MESSAGE = "Quote calculated successfully"
_ROUTE: Final = {"method": "POST", "path_template": QUOTE_PATH}

_STRICTLY: Final[dict[str, str]] = dict(STRICTLY)
_NONE: Final[dict[str, str]] = {}
_BEFORE_DATA: Final = f'{{"success":true,"message":"{MESSAGE}","data":'.encode()
_TIERS: Final[dict[CacheTier, bytes]] = {"miss": b'"miss"', "local": b'"local"', "redis": b'"redis"'}


class EndpointAnswer:
    """What to send; `headers` are beside the content type."""

    __slots__ = ("body", "headers", "media_type", "status")

    def __init__(self, status: int, media_type: str, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.media_type = media_type
        self.headers = headers
        self.body = body


class QuoteEndpoint:
    """What the quote requests of one worker are answered with."""

    __slots__ = (
        "_admitted",
        "_credentials",
        "_draw_max",
        "_follows_parents",
        "_limits",
        "_meters",
        "_notes",
        "_reports_unknown",
        "_shopper_id",
        "_slow_seconds",
        "_watch",
        "issuer",
        "limiter",
        "timeout_seconds",
    )

    def __init__(
        self,
        credentials: Credentials,
        limits: RateLimits,
        limiter: QuoteLimiter,
        issuer: QuoteIssuer,
        meters: QuoteMeters,
        notes: QuoteNotes,
        timeout_ms: int,
        *,
        watch: LoopWatch | None = None,
        reports_unknown: bool = False,
    ) -> None:
        # Who was let in last, and his id if he is a shopper: the same object says the same of what it may do.
        self._admitted: Caller | None = None
        self._shopper_id: str | None = None
        self._reports_unknown = reports_unknown
        self._credentials = credentials
        self._limits = limits
        self.limiter = limiter
        self.issuer = issuer
        self._meters = meters
        self._notes = notes
        self._draw_max = notes.draw_max
        self._follows_parents = notes.follows_parents
        self._slow_seconds = min(notes.slow_seconds, HELD_SECONDS)
        self._watch = watch
        self.timeout_seconds = timeout_ms / 1000

    def ask(self, asker: QuoteAsker, head: RequestHead, body: bytes, started_at: float) -> QuoteRequest:
        """Let a request in, or refuse it, and run it; `started_at` is the loop's time when it began to come.

        Raises:
            Exception: A mistake of ours; the asker has not been notified.
        """
        at_us = now_us()
        asked = QuoteRequest(self.issuer, self.limiter, asker, body, at_us, started_at + self.timeout_seconds)
        asked.note = self._sample(head)
        try:
            shopper_id = self._let_in(head, at_us)
            if not head.is_plain:
                _check_media(head.named)
        except QuoteServiceError as error:
            asked.refuse(error)
            return asked
        asked.bypass = head.bypasses
        if shopper_id is not None or head.is_strict or self._reports_unknown:
            asked.care = Care(shopper_id, head.is_strict, self._reports_unknown)
        asked.run()
        return asked

    def answer(self, asked: QuoteRequest, head: RequestHead) -> EndpointAnswer:
        """What is sent to whoever asked, now that the request is over; it is counted."""
        error, seconds = asked.error, asked.seconds
        if error is not None:
            refusal = self.problem(error, seconds)
            if head.is_strict:
                refusal.headers = {**refusal.headers, **_STRICTLY}
            return refusal
        tier = asked.tier
        self._meters.quoted(tier, seconds)
        answer = asked.shown_answer()
        body = b'%b%b%b%b,"processing_time_ms":%.3f}' % (
            _BEFORE_DATA,
            answer.head,
            _TIERS[tier],
            answer.tail,
            seconds * 1000,
        )
        return EndpointAnswer(200, "application/json", _STRICTLY if head.is_strict else _NONE, body)

    def record(self, asked: QuoteRequest, head: RequestHead, request_id: str, status: int) -> None:
        """Log and trace a request that is over, if it was sampled, slow or refused; notice whether it held the loop."""
        if asked.note is None and status == 200 and asked.seconds <= self._slow_seconds:
            return
        if self._watch is not None:
            self._watch.answered(_ROUTE, asked.received)
        self._notes.record(
            asked.note,
            request_id=request_id,
            parent=trace_parent_of_headers(head.headers),
            status=status,
            outcome=asked.tier if asked.error is None else asked.error.code,
            seconds=asked.seconds,
        )

    def problem(self, error: QuoteServiceError, seconds: float) -> EndpointAnswer:
        """The answer to a request that ended in an error after so many seconds."""
        answer = problem_answer(error, QUOTE_PATH)
        self._meters.request_refused(answer.status, seconds)
        return EndpointAnswer(answer.status, PROBLEM_JSON, answer.headers, answer.body)

    def mistake(self, seconds: float) -> None:
        """Count a request that ended in a mistake of ours."""
        self._meters.request_refused(INTERNAL_ERROR.status, seconds)

    def _sample(self, head: RequestHead) -> QuoteNote | None:
        """A note, if this request is one of the sample."""
        draw = random()  # noqa: S311 (whether it is one of the sample)
        if draw < self._draw_max or (self._follows_parents and head.is_traced):
            return self._notes.begin(draw, trace_parent_of_headers(head.headers))
        return None

    def _let_in(self, head: RequestHead, at_us: int) -> str | None:
        """Know the caller, check that he may ask for quotes, and count the request against his limit.

        Returns:
            The caller's own id if he is a shopper.

        Raises:
            QuoteServiceError: He is not let in.
        """
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
                raise Forbidden("Requires the scope quote:write")
            self._admitted = caller
            self._shopper_id = caller.id if caller.is_customer else None
        if caller.rate_limit is not None:
            self._limits.spend(caller.id, caller.rate_limit)
        return self._shopper_id


def _check_media(named: dict[bytes, bytes]) -> None:
    """Refuse what is no plain JSON; called where that is in doubt."""
    if named.get(b"content-encoding") not in PLAIN_ENCODINGS:
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding")
    media_type, _, parameters = named.get(b"content-type", b"").decode("latin-1").partition(";")
    if media_type.strip().lower() != "application/json":
        raise UnsupportedMediaType("Send the body as application/json")
    require_utf8(parameters)
