"""Hold quotes, so that nobody else accepts, orders, reserves or gives back any of them until the transaction ends.

Source: docs/spec/reservations.md.
"""

from collections.abc import Collection
from uuid import UUID

from quote_service.postgres.pool import Connection
from quote_service.reservations.tables import reservations


async def hold_quotes(connection: Connection, quote_ids: Collection[UUID]) -> None:
    """Hold quotes in the one order in which all do, before anything else of them is locked or written."""
    await reservations.hold_quotes(connection, quote_ids)
