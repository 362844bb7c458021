"""What a checkout asks for when it orders, and what it is answered.

Source: docs/spec/orders.md#place-an-order.
"""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.postgres.idempotency_keys import KeptAnswer, KeyUse
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.pricing.quote_answer import WarningDocument
from quote_service.quotes.operations.accept_quote import Offer

#: What a key holds of a refusal, about a customer where that is known; None of one that a repeat may find otherwise.
RefusalToKeep = Callable[[QuoteServiceError, UUID | None], KeptAnswer | None]


class AskedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One request for an order.

    `offer` is what stands to be ordered unless the quote was accepted before, or why nothing does; None where it has not
    been looked for: an accepted quote needs none. `customer_id` is the customer as far as the request or the kept quote
    says; `shopper_id` is the caller, if a shopper. `warnings` are about what the request says and does not count.
    `refusal_to_keep` writes what the key holds where there is no order.
    """

    use: KeyUse
    change: Author
    quote_id: UUID
    offer: Offer | QuoteServiceError | None
    customer_id: UUID | None
    shopper_id: UUID | None
    warnings: tuple[WarningDocument, ...] = ()
    refusal_to_keep: RefusalToKeep = lambda _refusal, _customer_id: None


class PlacedOrder(NamedTuple):
    """The answer to a request that was placed, now or before (`is_replayed`)."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_replayed: bool


class OfferWanted(NamedTuple):
    """The quote has not been accepted, so what it offers has to be looked for; nothing has been done."""


Outcome = PlacedOrder | OfferWanted | QuoteServiceError
