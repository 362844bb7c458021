"""The quote route from headers and body to an answer: who asks, how often, how much at once, and then the desk.

It knows neither uvicorn nor Litestar: `hot_path.py` and `quotes.py` bring requests here and carry the answers away, so
both give the same bytes. Nothing is awaited; what has to wait for Redis or for a permit comes back as a future.

Source: spec 2; spec 8.
"""

import asyncio
import time
from typing import NamedTuple

from quote_service.api.credentials import Credentials, caller_of_headers
from quote_service.api.problems import PROBLEM_JSON, problem_answer
from quote_service.api.rate_limits import RateLimits
from quote_service.api.wire.decode_basket import decode_basket
from quote_service.domain.access import Access, granted
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

QUOTE_PATH = "/api/v1/quote"
QUOTE_ACCESS: Access = granted("pricing_manager", "analyst", "user", scopes=("quote:write",))
MESSAGE = "Quote calculated successfully"

_BEFORE_DATA = f'{{"success":true,"message":"{MESSAGE}","data":'.encode()
_TIERS: dict[CacheTier, bytes] = {"miss": b'"miss"', "local": b'"local"', "redis": b'"redis"'}
_JSON_TYPES = {b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"}
_PLAIN_ENCODINGS = {None, b"", b"identity"}


class DoorAnswer(NamedTuple):
    """What to send; `headers` are beside the content type, and empty for a quote."""

    status: int
    media_type: str
    headers: dict[str, str]
    body: bytes


class QuoteDoor:
    """The way in to one worker's desk."""

    __slots__ = ("_credentials", "_desk", "_limits", "_loop", "_meters", "_timeout_seconds", "_turnstile")

    def __init__(
        self,
        credentials: Credentials,
        limits: RateLimits,
        turnstile: Turnstile,
        desk: QuoteDesk,
        meters: QuoteMeters,
        timeout_ms: int,
    ) -> None:
        self._credentials = credentials
        self._limits = limits
        self._turnstile = turnstile
        self._desk = desk
        self._meters = meters
        self._timeout_seconds = timeout_ms / 1000
        self._loop = asyncio.get_running_loop()

    def answer(
        self, headers: list[tuple[bytes, bytes]], body: bytes, started_at: float
    ) -> "DoorAnswer | asyncio.Future[DoorAnswer]":
        """Answer one request.

        Args:
            headers: Lower-case names and values, as they came.
            body: The whole body.
            started_at: The loop's time when the request began to come.
        """
        received = time.perf_counter()
        at_us = now_us()
        named = dict(headers)
        try:
            # A name given twice leaves fewer names than headers; then the patient reading decides.
            self._let_in(headers, named if len(named) == len(headers) else None, at_us)
            _check_media(named)
            bypass = b"no-cache" in named.get(b"cache-control", b"")
            if not bypass:
                held = self._desk.find(body, at_us)
                if held is not None:
                    return self._quote(held, "local", received)
            return self._issue(body, at_us, started_at, received, bypass)
        except QuoteServiceError as error:
            return self.problem(error)

    def problem(self, error: QuoteServiceError) -> DoorAnswer:
        """The answer to a request that ended in an error."""
        answer = problem_answer(error, QUOTE_PATH)
        self._meters.refused(answer.status)
        return DoorAnswer(answer.status, PROBLEM_JSON, answer.headers, answer.body)

    def _let_in(self, headers: list[tuple[bytes, bytes]], named: dict[bytes, bytes] | None, at_us: int) -> None:
        """Know the caller, check that he may ask for quotes, and count the request against his limit."""
        key = named.get(b"x-api-key") if named is not None and b"authorization" not in named else None
        if key is not None:
            caller = self._credentials.ring.caller_of_key(key, at_us)
        else:
            caller = caller_of_headers(headers, self._credentials, at_us)
        if caller is None:
            raise Unauthorized("Send a valid API key in X-API-Key, or a bearer token in Authorization")
        if not QUOTE_ACCESS.allows(caller):
            raise Forbidden("This takes the scope quote:write")
        if caller.rate_limit is not None:
            self._limits.spend(caller.id, caller.rate_limit)

    def _issue(
        self, body: bytes, at_us: int, started_at: float, received: float, bypass: bool
    ) -> "DoorAnswer | asyncio.Future[DoorAnswer]":
        waiting = _Waiting(self._loop)
        turnstile = self._turnstile

        def issued(answer: LocalAnswer, tier: CacheTier) -> None:
            turnstile.leave()
            waiting.finish(self._quote(answer, tier, received))

        def enter() -> None:
            try:
                self._desk.issue(decode_basket(body), body, at_us, issued, bypass=bypass)
            except QuoteServiceError as error:
                turnstile.leave()
                waiting.finish(self.problem(error))
            except Exception as mistake:  # noqa: BLE001 (carried to the last handler; it must not cost a permit)
                turnstile.leave()
                waiting.fail(mistake)

        def expire() -> None:
            waiting.finish(self.problem(TimedOut("The quote could not be worked out in time")))

        if turnstile.try_enter():
            enter()
        elif turnstile.wait(started_at + self._timeout_seconds, enter, expire) is None:
            raise Overloaded("Too many quotes are waiting already", retry_after_seconds=1)
        return waiting.result()

    def _quote(self, answer: LocalAnswer, tier: CacheTier, received: float) -> DoorAnswer:
        seconds = time.perf_counter() - received
        self._meters.quoted(tier, seconds)
        body = b'%b%b%b%b,"processing_time_ms":%.3f}' % (
            _BEFORE_DATA,
            answer.head,
            _TIERS[tier],
            answer.tail,
            seconds * 1000,
        )
        return DoorAnswer(200, "application/json", {}, body)


class _Waiting:
    """An answer that may be there at once; only if it is not, a future is made for it."""

    __slots__ = ("_answer", "_future", "_loop", "_mistake")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._answer: DoorAnswer | None = None
        self._mistake: Exception | None = None
        self._future: asyncio.Future[DoorAnswer] | None = None

    def finish(self, answer: DoorAnswer) -> None:
        if self._future is None:
            self._answer = answer
        elif not self._future.done():  # a caller who has gone has cancelled it
            self._future.set_result(answer)

    def fail(self, mistake: Exception) -> None:
        if self._future is None:
            self._mistake = mistake
        elif not self._future.done():
            self._future.set_exception(mistake)

    def result(self) -> "DoorAnswer | asyncio.Future[DoorAnswer]":
        if self._answer is not None:
            return self._answer
        if self._mistake is not None:
            raise self._mistake
        self._future = self._loop.create_future()
        return self._future


def _check_media(named: dict[bytes, bytes]) -> None:
    if named.get(b"content-encoding") not in _PLAIN_ENCODINGS:
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding")
    content_type = named.get(b"content-type", b"")
    if content_type not in _JSON_TYPES and content_type.lower().partition(b";")[0].strip() != b"application/json":
        raise UnsupportedMediaType("Send the body as application/json")
