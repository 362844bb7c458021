"""Refunds of an order: `/api/v1/orders/{order_id}/refunds`.

Source: docs/spec/refunds.md.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromPath

from quote_service.platform.callers.access import ORDER_READERS, ORDER_WRITERS, Caller
from quote_service.platform.documents.documents import envelope
from quote_service.platform.http.answers import one_answer
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import Writing
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import IdempotencyKeyMissing, NotFound
from quote_service.selling.ledger.operations.ledger_meters import LedgerMeters
from quote_service.selling.orders.model.refunds.draft import RefundDraft
from quote_service.selling.orders.model.refunds.records import RefundRecord, refund_record
from quote_service.selling.orders.model.refunds.require_left import RefundExceedsOrder
from quote_service.selling.orders.model.refusals import OrderStateForbids
from quote_service.selling.orders.operations.refund_order import preview_refund, refund_order
from quote_service.selling.orders.tables.refunds import customer_of_order, page_of_refunds, read_refund

_TAG = "Orders"
_CREATED = "Order refunded"
_Number = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class RefundOptions(msgspec.Struct, frozen=True):
    """How to refund."""

    dry_run: bool = False
    """Only work out what the refund would come to: nothing is written, and no key is needed."""


class RefundFilters(msgspec.Struct, frozen=True):
    """Which refunds to list: all of the order."""


@post(
    access=ORDER_WRITERS,
    answer=RefundRecord,
    message=_CREATED,
    repeatable=True,
    key_is_required=True,
    problems=(IdempotencyKeyMissing, NotFound, OrderStateForbids, RefundExceedsOrder),
    headers={"Location": "The refund."},
    tag=_TAG,
)
async def create_order_refund(
    request: AnyRequest,
    change: Author,
    database: Database,
    meters: LedgerMeters,
    order_id: FromPath[UUID],
    query: RefundOptions,
    data: RefundDraft,
) -> Response[bytes]:
    """Refund an order.

    Units of its lines, and fees if you ask for them. Requires `Idempotency-Key`. With `dry_run=true` the response (200) is what
    the refund would come to now, nothing is written, and a key is not looked at. Refunds of all units, in however many parts, add
    up to exactly the order.
    """
    if query.dry_run:
        async with database.snapshot() as connection:
            return one_answer(refund_record(await preview_refund(connection, order_id, data)), "Refund preview")
    if not request.headers.getall("idempotency-key", []):
        raise IdempotencyKeyMissing("Send an Idempotency-Key, so that a repeated request does not refund twice")
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        made = await refund_order(Change.within(creation.connection, change), order_id, data)
        headers = {"Location": f"/api/v1/orders/{order_id}/refunds/{made.refund.id}"}
        body = envelope(refund_record(made.refund), _CREATED)
        answer = creation.answer(201, body, headers, customer_id=made.customer_id)
        crash_point("before_refund_commit")
    crash_point("after_refund_commit")
    if made.is_posted:
        meters.posted("refund")
    return answer


@get(access=ORDER_READERS, cursor=Cursor("refunds", ("number",)), tag=_TAG)
async def list_order_refunds(
    connection: Writing, caller: Caller, order_id: FromPath[UUID], page: Page[RefundFilters, tuple[_Number]]
) -> list[RefundRecord]:
    """List the refunds of an order.

    In the order in which they were made. Shoppers see those of their own orders, without commission and payouts.
    """
    after = 0 if page.after is None else page.after[0]
    await _require_sight(connection, caller, order_id)
    refunds = await page_of_refunds(connection, order_id, after=after, limit=page.limit + 1)
    return [refund_record(refund, for_shopper=caller.is_customer) for refund in refunds]


@get("/{refund_id:uuid}", access=ORDER_READERS, message="Refund", tag=_TAG)
async def show_order_refund(
    connection: Writing, caller: Caller, order_id: FromPath[UUID], refund_id: FromPath[UUID]
) -> RefundRecord:
    """Get a refund of an order.

    Shoppers see those of their own orders, without commission and payouts.
    """
    await _require_sight(connection, caller, order_id)
    refund = await read_refund(connection, order_id, refund_id)
    return refund_record(refund, for_shopper=caller.is_customer)


async def _require_sight(connection: Connection, caller: Caller, order_id: UUID) -> None:
    if not caller.may_see(str(await customer_of_order(connection, order_id))):
        raise NotFound("There is no such order")
