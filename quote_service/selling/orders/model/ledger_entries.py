"""What an order says in the ledger.

A tax that is contained in a price stays with the seller, who owes it; one that is added is collected by the marketplace. The
entries add up to zero for any order whose figures hold their laws, whatever its sellers, discounts and taxes.

Source: docs/spec/orders.md#ledger.
"""

from uuid import UUID

from quote_service.selling.ledger.model.transactions import Account, Entry, credit, debit
from quote_service.selling.orders.model.order import OrderFigures


def entries_of_order(figures: OrderFigures, customer_id: UUID) -> tuple[Entry, ...]:
    """The entries of an order when it is placed, those of nothing left out; none where nothing is paid."""
    currency = figures.currency
    entries = [debit(Account("customer", customer_id, currency), figures.total_minor)]
    for seller in figures.sellers:
        seller_id = seller.seller_id
        entries += (
            credit(Account("seller", seller_id, currency), seller.payout_minor),
            credit(Account("commission", seller_id, currency), seller.earned_commission_minor),
            credit(Account("commission_tax", seller_id, currency), seller.commission_tax_minor),
            credit(Account("sales_tax", seller_id, currency), seller.exclusive_tax_minor),
            debit(Account("platform_discounts", seller_id, currency), seller.platform_discount_minor),
        )
    entries += (
        credit(Account("sales_tax", None, currency), figures.fee_exclusive_tax_minor),
        credit(Account("delivery", None, currency), figures.fees_minor),
    )
    return tuple(entry for entry in entries if entry.amount_minor)


def reversed_entries(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries that take these back."""
    return tuple(Entry(entry.account, -entry.amount_minor) for entry in entries)
