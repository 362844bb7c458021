"""Make, replace and remove sellers.

Source: docs/spec/catalog.md#sellers.
"""

from uuid import UUID

from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.audit_log import record_change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Change
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.catalog.model.sellers import SellerDraft, SellerRecord, seller_faults
from quote_service.shop.catalog.tables.sellers import delete_seller, insert_seller, read_seller, update_seller


async def create_seller(connection: Connection, change: Change, seller_id: UUID, draft: SellerDraft) -> SellerRecord:
    """Make a seller.

    Args:
        connection: Inside a transaction.
        change: Its author.
        seller_id: A new one.
        draft: What it is.

    Raises:
        Invalid: Its region is none.
        NameTaken: Another seller has the same `external_ref`.
    """
    _refuse_faults(draft)
    await insert_seller(connection, seller_id, draft, change.actor, from_micros(change.at_us))
    record = await read_seller(connection, seller_id)
    await _audit(connection, change, "seller.create", None, record)
    return record


async def replace_seller(
    connection: Connection, change: Change, seller_id: UUID, draft: SellerDraft, precondition: Precondition
) -> SellerRecord:
    """Write a seller anew; as `create_seller`.

    Raises:
        NotFound: There is no such seller.
        Stale: It has been changed since.
        Invalid, NameTaken: As `create_seller`.
    """
    _refuse_faults(draft)
    held = await read_seller(connection, seller_id, lock=True)
    precondition.require(str(seller_id), held.version)
    if all(getattr(draft, name) == getattr(held, name) for name in draft.__struct_fields__):
        return held
    await update_seller(connection, seller_id, draft, change.actor)
    record = await read_seller(connection, seller_id)
    await _audit(connection, change, "seller.replace", held, record)
    return record


async def remove_seller(connection: Connection, change: Change, seller_id: UUID, precondition: Precondition) -> None:
    """Remove a seller whom no product names.

    Raises:
        NotFound, Stale: As `replace_seller`.
        Conflict: Products name the seller.
    """
    held = await read_seller(connection, seller_id, lock=True)
    precondition.require(str(seller_id), held.version)
    await delete_seller(connection, seller_id)
    await _audit(connection, change, "seller.delete", held, None)


def _refuse_faults(draft: SellerDraft) -> None:
    faults = tuple(seller_faults(draft))
    if faults:
        raise Invalid.because(faults)


async def _audit(
    connection: Connection, change: Change, action: str, before: SellerRecord | None, after: SellerRecord | None
) -> None:
    named = before or after
    assert named is not None
    await record_change(
        connection,
        change,
        action=action,
        object_kind="seller",
        object_id=str(named.id),
        before=None if before is None else write_document(before),
        after=None if after is None else write_document(after),
    )
