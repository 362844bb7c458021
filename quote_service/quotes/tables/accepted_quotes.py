"""Accepted quotes: written once, read again by whoever accepts a second time, explains, pays out or counts.

Source: docs/spec/quotes.md#accept-a-quote.
"""

from uuid import UUID

import msgspec

from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries
from quote_service.quotes.words.accepted_quote import AcceptedQuote, QuoteFigures
from quote_service.system.changes import Change
from quote_service.system.instants import from_micros

_QUERIES = load_queries(__file__, "accepted_quotes")
_INSERT = _QUERIES["insert_accepted"]
_BY_ID = _QUERIES["accepted_quote"]


async def insert_accepted(
    connection: Connection, change: Change, accepted: AcceptedQuote, figures: QuoteFigures
) -> bool:
    """Write an accepted quote; False if it is accepted already, after waiting for whoever is about to."""
    row = await connection.fetchval(
        _INSERT,
        UUID(accepted.quote_id),
        None if accepted.customer_id is None else UUID(accepted.customer_id),
        figures.external_ref,
        figures.currency,
        figures.exponent,
        figures.item_total_minor,
        figures.discount_minor,
        figures.subtotal_minor,
        figures.tax_minor,
        figures.delivery_fee_minor,
        figures.small_basket_fee_minor,
        figures.total_minor,
        figures.platform_discount_minor,
        figures.seller_commission_minor,
        figures.category_commission_minor,
        figures.logistics_commission_minor,
        None if figures.payouts is None else msgspec.json.encode(figures.payouts).decode(),
        figures.coupon_codes,
        accepted.data,
        accepted.request,
        accepted.rulebook_version,
        from_micros(accepted.issued_at_us),
        from_micros(accepted.valid_until_us),
        from_micros(accepted.accepted_at_us),
        change.actor,
        change.actor_kind,
        change.request_id,
        accepted.receipt,
    )
    return row is not None


async def accepted_quote(connection: Connection, quote_id: UUID) -> AcceptedQuote | None:
    """The accepted quote of this id; None if it has not been accepted."""
    row = await connection.fetchrow(_BY_ID, quote_id)
    return None if row is None else AcceptedQuote(**dict(row))
