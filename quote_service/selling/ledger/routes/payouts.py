"""Payouts to sellers.

Source: docs/spec/ledger.md#payouts.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import ADMINS
from quote_service.platform.http.endpoints.connections import CreatingChange
from quote_service.platform.http.endpoints.endpoint import post
from quote_service.platform.http.endpoints.results import Location
from quote_service.selling.ledger.model.payouts import InsufficientBalance, PayoutDraft, PayoutRecord
from quote_service.selling.ledger.operations.ledger_meters import LedgerMeters
from quote_service.selling.ledger.operations.pay_out import pay_out, payout_amount


def _count_payout(meters: LedgerMeters) -> None:
    meters.posted("payout")


@post(
    "/payouts",
    access=ADMINS,
    message="Payout recorded",
    location=Location("/api/v1/ledger/transactions/{id}", "The payout's transaction."),
    check=payout_amount,
    then=_count_payout,
    problems=(InsufficientBalance,),
    tag="Ledger",
)
async def record_seller_payout(change: CreatingChange, seller_id: FromPath[UUID], data: PayoutDraft) -> PayoutRecord:
    """Record a payout to a seller.

    It takes from the seller's balance, and never more than that. Nothing is transferred: do that elsewhere, and name it in
    `reference`.
    """
    return await pay_out(change, seller_id, data)
