"""Hold a quote, before anybody decides what becomes of it: the first thing in a transaction that reserves.

Source: docs/decisions/reservations.md.
"""

from uuid import UUID

from quote_service.postgres.pool import Connection
from quote_service.reservations.tables.reservations import hold_customer, hold_quotes
from quote_service.reservations.words.reservation import Reservation


async def hold_quote(connection: Connection, quote_id: UUID, customer_id: UUID | None) -> Reservation | None:
    """Hold a quote until the transaction ends: nobody takes for it, reserves it or releases it meanwhile.

    Args:
        connection: Inside a transaction that holds nothing yet.
        quote_id: The quote.
        customer_id: Whom it will be written about, where known; not erased meanwhile.

    Returns:
        What there is of its reservation.
    """
    if customer_id is not None:
        await hold_customer(connection, customer_id)
    return (await hold_quotes(connection, [quote_id])).get(quote_id)
