"""Ordering: `POST /api/v1/orders`.

Source: docs/spec/orders.md#place-an-order.
"""

from functools import partial
from http import HTTPStatus
from uuid import UUID

from litestar import Response

from quote_service.platform.callers.access import ORDER_PLACERS, Caller
from quote_service.platform.http.answers import JSON
from quote_service.platform.http.endpoints.endpoint import post
from quote_service.platform.http.idempotency.idempotency import (
    is_definite,
    keep_refusal,
    key_use_of,
    read_idempotency_key,
    refusal_to_keep,
    replayed,
)
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.http.problems import PROBLEM_JSON
from quote_service.platform.http.protocol.preferences import STRICTLY, wants_strict
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import IdempotencyKeyMissing, Invalid, TimedOut
from quote_service.platform.system.parts import Parts
from quote_service.pricing.basket import Basket
from quote_service.quotes.model.errors import QuoteDiffers, QuoteEnded, QuoteUnknown, QuoteUnreadable
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.selling.orders.model.records import PlacedOrderRecord
from quote_service.selling.orders.model.refusals import QuoteOrdered
from quote_service.selling.orders.operations.asked_order import AskedOrder, PlacedOrder
from quote_service.selling.orders.operations.place_order import OrderPlacer, with_customer
from quote_service.selling.orders.operations.place_orders import MESSAGE
from quote_service.selling.orders.operations.quote_basket import BasketQuoter
from quote_service.selling.orders.routes.read_order import OrderOfQuote, read_order
from quote_service.shop.reservations.model.refusals import BudgetExhausted, CouponExhausted, OutOfStock


@post(
    access=ORDER_PLACERS,
    answer=PlacedOrderRecord,
    message=MESSAGE,
    body=OrderOfQuote | Basket,
    repeatable=True,
    key_is_required=True,
    problems=(
        IdempotencyKeyMissing,
        QuoteUnknown,
        QuoteEnded,
        QuoteDiffers,
        QuoteUnreadable,
        QuoteOrdered,
        OutOfStock,
        CouponExhausted,
        BudgetExhausted,
        TimedOut,
        *OF_LIMITED_WORK,
    ),
    headers={"Location": "The order."},
)
async def place_order(
    request: AnyRequest,
    change: Author,
    caller: Caller,
    placer: OrderPlacer,
    signer: QuoteSigner,
    quoter: BasketQuoter,
    parts: Parts,
) -> Response[bytes]:
    """Place an order.

    Requires `Idempotency-Key`. Send the `quote_id` of a quote, accepted or not, or a basket as for `POST /api/v1/quote`, which
    is quoted first: fields that it does not know are ignored with a warning, or refused with `Prefer: handling=strict`. The order is stored before the response is sent: its quote is accepted, stock, coupons and budgets are
    used, and it is posted to the ledger. If you get no response, repeat the request with the same key.
    """
    key = read_idempotency_key(request.headers.getall("idempotency-key", []))
    if key is None:
        raise IdempotencyKeyMissing("Send an Idempotency-Key, so that a repeated request does not order twice")
    body = await request.body()
    use = key_use_of(request, key, body)
    wanted = read_order(body, signer)
    shopper_id = UUID(caller.id) if caller.is_customer else None
    path = request.scope["path"]
    asked = partial(
        AskedOrder,
        use=use,
        change=change,
        offer=None,
        shopper_id=shopper_id,
        refusal_to_keep=lambda refusal, customer_id: (
            refusal_to_keep(use, refusal, path, customer_id) if is_definite(refusal) else None
        ),
    )
    if wanted is None:
        kept = await placer.answer_before(use)
        if kept is not None and kept.fingerprint == use.fingerprint:
            return replayed(kept, parts)
        whose = None if shopper_id is None else str(shopper_id)
        is_strict = wants_strict(request.scope["headers"])
        try:
            quoted = await quoter.quote(body, whose, is_strict=is_strict)
        except Invalid as refusal:
            # What is wrong with the request itself may be mended under the same key.
            quoter.require_readable(body, whose, is_strict=is_strict)
            await keep_refusal(parts, use, refusal, path, customer_id=shopper_id)
            raise
        of_basket = asked(quote_id=quoted.quote_id, customer_id=None, warnings=quoted.warnings)
        return _response(await placer.place(with_customer(of_basket, quoted.offer)), is_strict=is_strict)
    asked_order = asked(quote_id=wanted.quote_id, customer_id=wanted.customer_id)
    return _response(await placer.place(asked_order, wanted.brought))


def _response(placed: PlacedOrder, *, is_strict: bool = False) -> Response[bytes]:
    headers = {**placed.headers, "Idempotent-Replayed": "true"} if placed.is_replayed else placed.headers
    if is_strict:
        headers = {**headers, **STRICTLY}
    media_type = JSON if placed.status < HTTPStatus.BAD_REQUEST else PROBLEM_JSON
    return Response(placed.body, status_code=placed.status, headers=headers, media_type=media_type)
