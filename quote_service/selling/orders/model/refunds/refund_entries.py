"""What a refund says in the ledger.

Source: docs/spec/refunds.md#ledger.
"""

from uuid import UUID

from quote_service.selling.ledger.model.transactions import Account, AccountName, Entry, credit, debit
from quote_service.selling.orders.model.refunds.plan import RefundFigures


def entries_of_refund(refund: RefundFigures, customer_id: UUID, currency: str) -> tuple[Entry, ...]:
    """The entries of a refund, those of nothing left out: the order's the other way round, as far as it is refunded.

    They add up to zero, whatever was rounded.

    Args:
        refund: Its figures.
        customer_id: Whose order it is.
        currency: Of the order.
    """

    def on(account: AccountName, party_id: UUID | None = None) -> Account:
        return Account(account, party_id, currency)

    entries = [credit(on("customer", customer_id), refund.total_minor)]
    for seller in refund.sellers:
        seller_id = seller.seller_id
        entries += (
            credit(on("seller", seller_id), seller.payout_minor),
            debit(on("commission", seller_id), seller.earned_commission_minor),
            debit(on("commission_tax", seller_id), seller.commission_tax_minor),
            debit(on("sales_tax", seller_id), seller.exclusive_tax_minor),
            credit(on("platform_discounts", seller_id), seller.platform_discount_minor),
        )
    entries += (debit(on("sales_tax"), refund.fees.exclusive_tax_minor), debit(on("delivery"), refund.fees.fees_minor))
    return tuple(entry for entry in entries if entry.amount_minor)
