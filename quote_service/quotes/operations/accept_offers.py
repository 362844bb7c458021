"""Accept many quotes in one transaction, each by itself: for those who order.

Source: docs/spec/quotes.md#accept-a-quote; docs/spec/orders.md#place-an-order.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.outbox import publish_many
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Author, change_by_system
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.quotes.model.accepted_quote import AcceptedQuote
from quote_service.quotes.operations.accept_quote import Offer, accepted_of
from quote_service.quotes.operations.sign_receipt import ReceiptSigner
from quote_service.quotes.tables import accepted_quotes as table
from quote_service.shop.reservations.operations.hold_quotes import HeldQuotes
from quote_service.shop.reservations.operations.take import take


class OfferToAccept(NamedTuple):
    """A quote that stands to be accepted, by whom, and for which customer."""

    quote_id: UUID
    offer: Offer
    customer_id: UUID
    change: Author


async def accepted_quotes(connection: Connection, quote_ids: Sequence[UUID]) -> dict[UUID, AcceptedQuote]:
    """Those of these quotes that have been accepted. To be asked under their locks (`hold_quotes`)."""
    return await table.accepted_quotes(connection, quote_ids)


async def accept_offers(
    connection: Connection,
    offers: Sequence[OfferToAccept],
    held: HeldQuotes,
    receipts: ReceiptSigner,
) -> list[QuoteServiceError | None]:
    """Accept quotes and take what their prices rest on; what cannot be taken refuses its quote alone.

    Args:
        connection: Inside a transaction that holds the quotes; none of them has been accepted.
        offers: One a quote.
        held: What `hold_quotes` has answered.
        receipts: Signs the receipts.

    Returns:
        For each None, or why it is not accepted: see `take`.
    """
    await table.hold_customers(connection, [each.customer_id for each in offers])
    at_us = max(each.change.at_us for each in offers)
    actors = {each.change.actor for each in offers}
    author = offers[0].change if len(actors) == 1 else change_by_system("orders", at_us)
    change = Change.within(connection, msgspec.structs.replace(author, at_us=at_us))
    claims = [each.offer.claim(str(each.customer_id)) for each in offers]
    refusals = await take(change, claims, held)
    taken = [each for each, refusal in zip(offers, refusals, strict=True) if refusal is None]
    if taken:
        accepted = [
            accepted_of(each.quote_id, each.offer, str(each.customer_id), each.change.at_us, receipts) for each in taken
        ]
        is_wanted = await table.insert_all_accepted(
            connection,
            [(each.change, quote, each.offer.figures) for each, quote in zip(taken, accepted, strict=True)],
        )
        if is_wanted:
            reported = (
                (quote.quote_id, quote.document().decode(), each.customer_id)
                for each, quote in zip(taken, accepted, strict=True)
            )
            traceparents = [each.change.traceparent for each in taken]
            await publish_many(connection, "quote.accepted", reported, traceparents=traceparents)
    return refusals
