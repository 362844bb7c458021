"""Buying in a flash sale, and what became of it.

Source: docs/spec/flash-sales.md#purchase; docs/spec/flash-sales.md#finding-a-purchase.
"""

import asyncio
import re
from collections.abc import Coroutine
from typing import Any, NamedTuple, TypeVar
from urllib.parse import unquote
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromPath

from quote_service.platform.callers.access import Caller, granted
from quote_service.platform.documents.documents import envelope
from quote_service.platform.http.answers import JSON
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.endpoints.endpoint import delete, get, post
from quote_service.platform.http.idempotency.idempotency import read_idempotency_key
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.money.amounts import AMOUNT_MAJOR_MAX
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import ClientGone, IdempotencyKeyMissing, Invalid, NotFound
from quote_service.platform.system.waiting_client import require_client
from quote_service.selling.flash_sales.model.errors import PurchaseDecided
from quote_service.selling.flash_sales.model.purchase import Purchase, PurchaseDraft
from quote_service.selling.flash_sales.model.refusals import PURCHASE_PROBLEMS
from quote_service.selling.flash_sales.operations.buying.buy import buy, in_its_place, wait_for_outcome
from quote_service.selling.flash_sales.operations.buying.buyer import buyer_of
from quote_service.selling.flash_sales.operations.buying.decide_purchase import cancel_purchase, confirm_purchase
from quote_service.selling.flash_sales.operations.buying.find_purchase import find_purchase, find_purchase_by_key
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.routes import examples

WAIT_SECONDS_MAX = 10.0
_WAIT = re.compile(r"(?:^|[,;])[ \t]*wait[ \t]*=[ \t]*(\"?)([0-9]{1,15})\1[ \t]*(?:[,;]|$)", re.IGNORECASE)
BUYERS = granted("user", scopes=("flash:purchase",))
FINDERS = granted("pricing_manager", "analyst", "user", scopes=("flash:purchase",))
_Result = TypeVar("_Result")


class PlacedOrder(NamedTuple):
    """What is answered with 202: headers beside the content type, and the body."""

    headers: dict[str, str]
    body: bytes


class KeyFilters(msgspec.Struct, frozen=True):
    """Whose key it is, and in which sale; a shopper's own, and in any, unless it is said."""

    customer_id: UUID | None = None
    """The customer who made the purchase; shoppers may leave it out."""
    flash_sale_id: UUID | None = None
    """Only a purchase in this sale."""


@post(
    "/{sale_id:uuid}/purchases",
    status_code=202,
    access=BUYERS,
    message="Reserved",
    answer=Purchase,
    repeatable=True,
    key_is_required=True,
    problems=(IdempotencyKeyMissing, *PURCHASE_PROBLEMS),
    headers=examples.PLACED,
)
async def buy_in_flash_sale(
    request: AnyRequest,
    caller: Caller,
    runtime: FlashSaleRuntime,
    sale_id: FromPath[UUID],
    data: PurchaseDraft,
) -> Response[bytes]:
    """Buy in a flash sale.

    Requires `Idempotency-Key`. Status 202 means that the units are reserved; the purchase is final when its status is
    `confirmed`. With `Prefer: wait=2` the response waits up to that many seconds for the outcome. If you get no
    response, repeat the request with the same key, or call `GET /api/v1/purchases/by-key/{key}`.
    """
    key = read_idempotency_key(request.headers.getall("idempotency-key", []))
    if key is None:
        raise IdempotencyKeyMissing("Send an Idempotency-Key, so that a repeated request does not buy twice")
    if not 0 <= data.expected_price < AMOUNT_MAJOR_MAX:
        raise Invalid.at("/expected_price", "must not be negative, and less than 10^13")
    customer_id = buyer_of(caller, data.customer_id)
    wait_seconds = wait_seconds_of(",".join(request.headers.getall("prefer", [])))
    placed = await place_order(runtime, sale_id, customer_id, data, key, wait_seconds)
    return Response(placed.body, status_code=202, media_type=JSON, headers=placed.headers)


async def place_order(
    runtime: FlashSaleRuntime, sale_id: UUID, customer_id: UUID, draft: PurchaseDraft, key: str, wait_seconds: float
) -> PlacedOrder:
    """Buy, and say what came of it.

    Raises:
        QuoteServiceError: As `buy`.
    """
    # Not shielded: once asked, Redis reserves whoever goes away meanwhile, and PostgreSQL does all of it or nothing.
    bought = await buy(runtime, sale_id, customer_id, draft, key, now_us() // 1000)
    purchase = bought.purchase
    headers = {"Location": f"/api/v1/purchases/{purchase.purchase_id}"}
    if bought.is_replayed:
        headers["Idempotent-Replayed"] = "true"
    if wait_seconds:
        purchase = await wait_for_outcome(runtime, purchase, wait_seconds)
        headers["Preference-Applied"] = f"wait={wait_seconds:.0f}"
    shown = await in_its_place(runtime, purchase, key)
    if shown is not purchase:
        purchase = shown
        headers |= {"Location": f"/api/v1/purchases/{purchase.purchase_id}", "Idempotent-Replayed": "true"}
    message = {"reserved": "Reserved", "confirmed": "Confirmed"}.get(purchase.status, f"It is {purchase.status}")
    return PlacedOrder(headers, envelope(purchase, message))


def wait_seconds_of(prefer: str) -> float:
    """The seconds of `Prefer: wait=n` (RFC 7240), none where it is not asked for."""
    found = _WAIT.search(prefer) if prefer else None
    return min(float(found[2]), WAIT_SECONDS_MAX) if found else 0.0


@get("/{purchase_id:uuid}", access=FINDERS, message="Purchase")
async def show_purchase(caller: Caller, runtime: FlashSaleRuntime, purchase_id: FromPath[UUID]) -> Purchase:
    """Get a purchase."""
    return _own(caller, await find_purchase(runtime, purchase_id))


@get("/by-key/{key:path}", access=FINDERS, message="Purchase", query=KeyFilters)
async def show_purchase_by_key(
    request: AnyRequest, caller: Caller, runtime: FlashSaleRuntime, key: FromPath[str]
) -> Purchase:
    """Get a purchase by Idempotency-Key.

    API keys and staff send the customer in `customer_id`. Without `flash_sale_id`, the latest purchase with that key is
    returned. The key
    is percent-encoded like any part of a path, bare or in the quotes of the header.
    """
    wanted = read_page(request.scope["query_string"], "purchases-by-key", KeyFilters, tuple[UUID]).filters
    customer_id = UUID(caller.id) if caller.is_customer else wanted.customer_id
    if customer_id is None:
        raise Invalid.at("/query/customer_id", "is required")
    try:
        bare = read_idempotency_key([_key_as_sent(request, key)])
    except Invalid:
        bare = None
    if bare is None:
        raise NotFound("There is no such purchase: the key is not a valid Idempotency-Key")
    found = await find_purchase_by_key(runtime, customer_id, bare, wanted.flash_sale_id)
    return _own(caller, found)


@post(
    "/{purchase_id:uuid}/confirm",
    status_code=200,
    access=BUYERS,
    example={**examples.PURCHASE, "status": "confirmed"},
    message="Purchase confirmed",
    problems=(PurchaseDecided,),
)
async def confirm_held_purchase(caller: Caller, runtime: FlashSaleRuntime, purchase_id: FromPath[UUID]) -> Purchase:
    """Confirm a reserved purchase.

    Must happen before it expires. Confirming twice returns the confirmed purchase.
    """
    _own(caller, await find_purchase(runtime, purchase_id))
    return await _to_the_end(confirm_purchase(runtime, purchase_id))


@delete(
    "/{purchase_id:uuid}",
    status_code=200,
    access=BUYERS,
    example={**examples.PURCHASE, "status": "cancelled"},
    message="Purchase cancelled",
    problems=(PurchaseDecided,),
)
async def cancel_held_purchase(caller: Caller, runtime: FlashSaleRuntime, purchase_id: FromPath[UUID]) -> Purchase:
    """Cancel a reserved purchase.

    The units become available to others. Cancelling twice returns the cancelled purchase.
    """
    _own(caller, await find_purchase(runtime, purchase_id))
    return await _to_the_end(cancel_purchase(runtime, purchase_id))


def _key_as_sent(request: AnyRequest, key: str) -> str:
    """The key of the path with each of its slashes, of which routing leaves one where several stand together."""
    raw_path = request.scope.get("raw_path") or b""
    _, found, as_sent = raw_path.partition(b"/by-key/")
    return unquote(as_sent.decode("latin-1")) if found else key.removeprefix("/")


def _own(caller: Caller, purchase: Purchase) -> Purchase:
    if not caller.may_see(str(purchase.customer_id)):
        raise NotFound("There is no such purchase")
    return purchase


async def _to_the_end(work: Coroutine[Any, Any, _Result]) -> _Result:
    try:
        require_client()
    except ClientGone:
        work.close()
        raise
    return await asyncio.shield(asyncio.create_task(work))
