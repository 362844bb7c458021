"""Create and replace customers.

Source: docs/spec/customers.md#customers.
"""

from uuid import UUID

from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.audit_log import record_change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Change
from quote_service.platform.system.errors import Conflict, NotFound
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.customers.model.customers import (
    CustomerDraft,
    CustomerErased,
    CustomerRecord,
    ErasedIdTaken,
    audited,
    draft_of,
    in_one_spelling,
)
from quote_service.shop.customers.tables.customers import insert_customer, read_customer, update_customer


async def create_customer(
    connection: Connection, change: Change, customer_id: UUID, draft: CustomerDraft
) -> CustomerRecord:
    """Create a customer.

    Args:
        connection: Inside a transaction.
        change: Its author.
        customer_id: The id, new or given by the caller.
        draft: What the customer is, with nothing wrong in it.

    Raises:
        Conflict: There is a customer with this id.
        ErasedIdTaken: There was, and the customer's data has been erased.
        NameTaken: Another customer has the same `external_ref` or e-mail address.
    """
    try:
        await read_customer(connection, customer_id)
    except CustomerErased as erased:
        raise ErasedIdTaken(erased.detail) from None
    except NotFound:
        pass
    else:
        raise Conflict("A customer with this id exists")
    await insert_customer(connection, customer_id, in_one_spelling(draft), change.actor, from_micros(change.at_us))
    record = await read_customer(connection, customer_id)
    await record_customer(connection, change, "customer.create", None, record)
    return record


async def replace_customer(
    connection: Connection, change: Change, customer_id: UUID, draft: CustomerDraft, precondition: Precondition
) -> CustomerRecord:
    """Write a customer anew; as `create_customer`. What means the same makes no new version.

    Raises:
        NotFound: There is no such customer.
        CustomerErased: There is no more.
        Stale: The customer has been changed since.
        NameTaken: As `create_customer`.
    """
    held = await read_customer(connection, customer_id, lock=True)
    precondition.require(str(customer_id), held.version)
    wanted = in_one_spelling(draft)
    if wanted == draft_of(held):
        return held
    await update_customer(connection, customer_id, wanted, change.actor)
    record = await read_customer(connection, customer_id)
    await record_customer(connection, change, "customer.replace", held, record)
    return record


async def record_customer(
    connection: Connection, change: Change, action: str, before: CustomerRecord | None, after: CustomerRecord | None
) -> None:
    """Write the audit row of a change, without what identifies the customer."""
    named = before or after
    assert named is not None
    await record_change(
        connection,
        change,
        action=action,
        object_kind="customer",
        object_id=str(named.id),
        before=None if before is None else write_document(audited(before, None)),
        after=None if after is None else write_document(audited(after, before)),
    )
