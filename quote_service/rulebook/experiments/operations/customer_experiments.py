"""What experiments hold about a customer: told page by page, or taken away.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.rulebook.experiments.model.customer_exposure import CustomerExposure
from quote_service.rulebook.experiments.tables.counting import wait_for_turn
from quote_service.rulebook.experiments.tables.customers import forget_customer, has_exposures, page_of_exposures

_AT_ONCE = 100


async def exposures_of_customer(database: Database, customer_id: UUID) -> AsyncIterator[list[CustomerExposure]]:
    """Arms that a customer was shown, oldest experiment first; no connection is held between pages.

    Raises:
        Unavailable: The database cannot be reached; what has been read until then is not all.
    """
    after = 0
    while True:
        async with database.read() as connection:
            page, after = await page_of_exposures(connection, customer_id, after=after, limit=_AT_ONCE)
        if not page:
            return
        yield page


async def is_in_experiments(connection: Connection, customer_id: UUID) -> bool:
    """Whether the customer was shown an arm of a flag."""
    return await has_exposures(connection, customer_id)


async def forget_customer_of_experiments(connection: Connection, customer_id: UUID) -> None:
    """Take a customer out of experiments, within the transaction that erases; sums stay as they are.

    Nothing is counted until it ends, and what other processes still write about the customer is dropped afterwards.
    """
    await wait_for_turn(connection)
    await forget_customer(connection, customer_id)
