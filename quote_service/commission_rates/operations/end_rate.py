"""An admin ends a commission rate.

Source: docs/spec/commission.md#managing-rates.
"""

from uuid import UUID

from quote_service.commission_rates.operations.replace_rate import hold_rate, write_next_version
from quote_service.commission_rates.words.rate_records import RateRecord, content_of, ended
from quote_service.postgres.pool import Connection
from quote_service.system.changes import Change
from quote_service.system.preconditions import Precondition


async def end_rate(connection: Connection, change: Change, rate_id: UUID, precondition: Precondition) -> RateRecord:
    """End a rate at the instant of the change; one that has not begun is switched off, one that has ended stays.

    Args:
        connection: Inside a transaction.
        change: Its author.
        rate_id: Which.
        precondition: The version that the author has seen.

    Raises:
        NotFound: There is no such rate.
        Stale: It has been changed since.
    """
    held = await hold_rate(connection, rate_id, precondition)
    return await write_next_version(connection, change, held, content_of(ended(held, change.at_us)), "rate.end")
