"""Payouts to sellers.

Source: docs/spec/ledger.md#payouts.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from quote_service.platform.callers.access import ADMINS
from quote_service.platform.documents.documents import envelope, read_document
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.selling.ledger.model.payouts import InsufficientBalance, PayoutDraft, PayoutRecord
from quote_service.selling.ledger.operations.ledger_meters import LedgerMeters
from quote_service.selling.ledger.operations.pay_out import pay_out, payout_amount
from quote_service.selling.ledger.routes import examples


@post(
    "/payouts",
    opt={
        "access": ADMINS,
        "described": Described(
            body=PayoutDraft,
            body_example=examples.PAYOUT,
            answer=PayoutRecord,
            answer_example=examples.PAYOUT_RECORD,
            message="Payout recorded",
            repeatable=True,
            problems=(InsufficientBalance,),
            headers={"Location": "The payout's transaction."},
            tag="Ledger",
        ),
    },
)
async def record_seller_payout(request: Request[Any, Any, Any], seller_id: FromPath[UUID]) -> Response[bytes]:
    """Record a payout to a seller.

    It takes from the seller's balance, and never more than that. Nothing is transferred: do that elsewhere, and name it in
    `reference`.
    """
    draft = read_document(await request.body(), PayoutDraft)
    payout_amount(draft)  # what is wrong with it is told before anything is written
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await pay_out(creation.connection, change_of(request), seller_id, draft)
        headers = {"Location": f"/api/v1/ledger/transactions/{record.id}"}
        answer = creation.answer(201, envelope(record, "Payout recorded"), headers)
    parts_of(request)[LedgerMeters].posted("payout")
    return answer
