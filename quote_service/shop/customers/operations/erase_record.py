"""Erase what is recorded of a customer. What other rooms hold is theirs to erase (`personal_data/`).

Source: docs/spec/customers.md#erasure.
"""

from typing import Literal
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource.operations import hold, record_change_of
from quote_service.platform.system.errors import NotFound
from quote_service.shop.customers.model.customers import CustomerErased, CustomerRecord
from quote_service.shop.customers.operations.customers import CUSTOMERS
from quote_service.shop.customers.tables.customers import hold_alone, mark_erased

#: `known` with a record, `unknown` without one, `erased` where there is no more.
RecordState = Literal["known", "unknown", "erased"]


async def hold_record(connection: Connection, customer_id: UUID) -> tuple[RecordState, CustomerRecord | None]:
    """A customer's record, if there is one, kept from others until the transaction ends.

    Whoever accepts a quote for the customer has done so, or waits and finds the customer erased.
    """
    await hold_alone(connection, customer_id)
    try:
        return "known", await hold(CUSTOMERS, connection, customer_id, alone=True)
    except CustomerErased:
        return "erased", None
    except NotFound:
        return "unknown", None


async def erase_record(change: Change, customer_id: UUID, held: CustomerRecord | None) -> None:
    """Erase a held record, or note of a customer without one that the id is not to be used, with the audit row."""
    await mark_erased(change.connection, customer_id, change.actor, change.at)
    if held is not None:
        await record_change_of(CUSTOMERS, change, "erase", held, None)
    else:
        await change.record("customer.erase", object_id=customer_id)
