"""All that is held about one customer.

Source: docs/spec/customers.md#export.
"""

from typing import Any

import msgspec

from quote_service.identity.model.identities import Identity
from quote_service.identity.model.people import User
from quote_service.platform.callers.sessions import LiveSession
from quote_service.quotes.model.customer_quote import CustomerQuote
from quote_service.rulebook.experiments.model.customer_exposure import CustomerExposure
from quote_service.selling.flash_sales.model.purchase import Purchase
from quote_service.selling.ledger.model.customer_entry import CustomerEntry
from quote_service.selling.orders.model.records import OrderRecord
from quote_service.selling.orders.model.refunds.records import RefundRecord
from quote_service.shop.customers.model.customers import CustomerRecord
from quote_service.shop.reservations.model.customer_reservation import CustomerReservation


class CustomerExport(msgspec.Struct, frozen=True, kw_only=True):
    """All that is held about one customer."""

    customer: CustomerRecord | None
    """The customer's record; null if there is none."""
    user: User | None
    """The shopper's login of the same id; null if there is none."""
    accepted_quotes: list[CustomerQuote]
    """Quotes that were accepted for the customer, oldest first."""
    reservations: list[CustomerReservation]
    """Quotes that are reserved for the customer, or were until a day ago, by id."""
    orders: list[OrderRecord]
    """Orders of the customer, oldest first."""
    refunds: list[RefundRecord]
    """Refunds of these orders, order by order."""
    purchases: list[Purchase]
    """Purchases in flash sales, newest first."""
    ledger_entries: list[CustomerEntry]
    """Entries of the customer's accounts in the ledger, one account after the other, each newest first."""
    experiments: list[CustomerExposure]
    """Arms of feature flags that the customer was shown, oldest first, with what was recorded since."""
    identities: list[Identity]
    """Who the shopper is at the sign-in provider."""
    sessions: list[LiveSession]
    """Sessions of the shopper's login that have not ended, newest first."""
    audit: list[dict[str, Any]]
    """What the audit log says of the record, then of the login, newest first, in the form of `GET /api/v1/audit`."""
