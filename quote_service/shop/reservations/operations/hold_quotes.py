"""Hold quotes, so that nobody else accepts, orders, reserves or gives back any of them until the transaction ends.

Source: docs/spec/reservations.md; docs/decisions/reservations.md.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.shop.reservations.model.reservation import Reservation
from quote_service.shop.reservations.tables import reservations

HeldQuotes = Mapping[UUID, Reservation]


async def hold_quotes(connection: Connection, quote_ids: Collection[UUID]) -> HeldQuotes:
    """Hold quotes in the one order in which all do, before anything else of them is locked or written.

    Args:
        connection: Inside a transaction that holds nothing of customers, rules or stock yet.
        quote_ids: The quotes, whether anything is stored of them or not.

    Returns:
        What there is of their reservations.
    """
    return await reservations.hold_quotes(connection, quote_ids)
