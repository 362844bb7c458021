"""Plain purchases answered in front of the framework; every other request goes on to it untouched.

A crowd sends thousands of purchases at one instant, and what the framework does for each costs more than all that decides
it. A request is plain when nothing about it can be refused but by the sale itself and by the caller's limit: its headers
are each given once and as usual, its body is small, came in one piece and reads at a glance, its caller may buy. What is
not plain has changed nothing by then, and is answered by the route (`purchases.py`), which says the same of plain ones.

Source: docs/spec/flash-sales.md#purchase; `docs/performance.md`.
"""

import re
from collections.abc import MutableMapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import structlog

from quote_service.identity.operations.admit import caller_with_access, count_request
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.rate_limits import RateLimits
from quote_service.platform.callers.access import Caller
from quote_service.platform.http.edge import Application, Message, Receive, Send
from quote_service.platform.http.problems import PROBLEM_JSON, ProblemAnswer, internal_problem, problem_answer
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.system.parts import Parts
from quote_service.selling.flash_sales.model.purchase import PurchaseDraft
from quote_service.selling.flash_sales.operations.buying.buyer import buyer_of
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.routes.purchases import BUYERS, place_order, wait_seconds_of
from quote_service.selling.flash_sales.routes.simple_purchases import read_simple_purchase

BODY_BYTES_MAX = 2048
_HEX = "[0-9a-f]"
_PATH = re.compile(
    f"/api/v1/flash-sales/({_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}})/purchases", re.ASCII
)
_TEMPLATE = "/api/v1/flash-sales/{sale_id}/purchases"
# As it is written bare; a quoted one is for the patient reader.
_KEY = re.compile(rb"[!#-~][!-~]{0,254}")
_UNUSUAL = (b"content-encoding", b"transfer-encoding", b"expect")
_JSON = b"application/json"
_log = structlog.get_logger("quote_service.http")


class _PlainPurchase(NamedTuple):
    caller: Caller
    customer_id: UUID
    draft: PurchaseDraft
    key: str
    prefer: str


class PurchaseFastPath:
    """An ASGI application in front of another one."""

    __slots__ = ("_inner", "_parts")

    def __init__(self, inner: Application, parts: Parts) -> None:
        self._inner = inner
        self._parts = parts

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        found = _PATH.fullmatch(scope["path"]) if scope.get("method") == "POST" else None
        headers = _plain_headers(scope) if found is not None else None
        if found is None or headers is None:
            await self._inner(scope, receive, send)
            return
        first = await receive()
        purchase = self._read(scope["headers"], headers, first)
        if purchase is None:
            await self._inner(scope, _beginning_with(first, receive), send)
            return
        scope["path_template"] = _TEMPLATE
        await self._answer(scope, send, msgspec.convert(found[1], UUID), purchase)

    def _read(
        self, headers: list[tuple[bytes, bytes]], named: dict[bytes, bytes], first: Message
    ) -> _PlainPurchase | None:
        if first["type"] != "http.request" or first.get("more_body"):
            return None
        draft = read_simple_purchase(first["body"])
        if draft is None:
            return None
        try:
            caller = caller_with_access(headers, BUYERS, self._parts[Credentials], now_us())
            customer_id = buyer_of(caller, draft.customer_id)
        except QuoteServiceError:
            return None  # the route finds the same, and says so
        prefer = named.get(b"prefer", b"").decode("latin-1")
        return _PlainPurchase(caller, customer_id, draft, named[b"idempotency-key"].decode(), prefer)

    async def _answer(
        self, scope: MutableMapping[str, Any], send: Send, sale_id: UUID, purchase: _PlainPurchase
    ) -> None:
        caller, parts = purchase.caller, self._parts
        scope["state"]["caller"] = caller
        try:
            count_request(caller, parts[RateLimits])
            placed = await place_order(
                parts[FlashSaleRuntime],
                sale_id,
                purchase.customer_id,
                purchase.draft,
                purchase.key,
                wait_seconds_of(purchase.prefer),
            )
        except QuoteServiceError as error:
            await _send_problem(send, problem_answer(error, scope["path"]))
        except Exception as mistake:  # noqa: BLE001 (the last handler of this way, as problems.py has one for the other)
            _log.error("request_failed", method=scope["method"], path=scope["path"], exc_info=mistake)
            await _send_problem(send, internal_problem(scope["path"], scope["state"]["request_id"]))
        else:
            await _send(send, 202, _JSON, placed.headers, placed.body)


def _plain_headers(scope: MutableMapping[str, Any]) -> dict[bytes, bytes] | None:
    """The headers by name; None where one is given twice, or says something that is rarely said."""
    headers = scope["headers"]
    named: dict[bytes, bytes] = dict(headers)
    length = named.get(b"content-length", b"")
    is_plain = (
        len(named) == len(headers)
        and not scope["query_string"]
        and named.get(b"content-type") == _JSON
        and length.isdigit()
        and int(length) <= BODY_BYTES_MAX
        and _KEY.fullmatch(named.get(b"idempotency-key", b"")) is not None
        and not any(name in named for name in _UNUSUAL)
    )
    return named if is_plain else None


def _beginning_with(first: Message, receive: Receive) -> Receive:
    """`receive`, once more from the beginning."""
    is_given = False

    async def again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return first

    return again


async def _send_problem(send: Send, answer: ProblemAnswer) -> None:
    await _send(send, answer.status, PROBLEM_JSON.encode(), answer.headers, answer.body)


async def _send(send: Send, status: int, media_type: bytes, headers: dict[str, str], body: bytes) -> None:
    reported = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    reported += [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": reported})
    await send({"type": "http.response.body", "body": body, "more_body": False})
