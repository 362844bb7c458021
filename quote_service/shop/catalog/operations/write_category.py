"""Make, replace and remove categories.

Source: docs/spec/catalog.md#categories.
"""

from uuid import UUID

from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.audit_log import record_change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Change
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.catalog.model.categories import CategoryDraft, CategoryRecord
from quote_service.shop.catalog.tables.categories import (
    delete_category,
    insert_category,
    known_categories,
    lock_category,
    lock_tree,
    read_category,
    update_category,
)


async def create_category(
    connection: Connection, change: Change, category_id: UUID, draft: CategoryDraft
) -> CategoryRecord:
    """Make a category.

    Args:
        connection: Inside a transaction.
        change: Its author.
        category_id: A new one.
        draft: What it is.

    Raises:
        Invalid: There is no such parent, or it is too deep.
        NameTaken: The parent has a category of this name.
    """
    await lock_tree(connection)
    await _require_parent(connection, draft)
    await insert_category(connection, category_id, draft, change.actor, from_micros(change.at_us))
    record = await read_category(connection, category_id)
    await _audit(connection, change, "category.create", None, record)
    return record


async def replace_category(
    connection: Connection, change: Change, category_id: UUID, draft: CategoryDraft, precondition: Precondition
) -> CategoryRecord:
    """Rename a category or move it with all that is below it; as `create_category`.

    Raises:
        NotFound: There is no such category.
        Stale: It has been changed since.
        Invalid, NameTaken: As `create_category`; it would be below itself.
    """
    await lock_tree(connection)
    held = await lock_category(connection, category_id)
    precondition.require(str(category_id), held.version)
    if (draft.name, draft.parent_id) == (held.name, held.parent_id):
        return held
    await _require_parent(connection, draft)
    await update_category(connection, category_id, draft, change.actor)
    record = await read_category(connection, category_id)
    await _audit(connection, change, "category.replace", held, record)
    return record


async def remove_category(
    connection: Connection, change: Change, category_id: UUID, precondition: Precondition
) -> None:
    """Remove a category in which there is nothing.

    Raises:
        NotFound, Stale: As `replace_category`.
        Conflict: There are categories or products in it.
    """
    await lock_tree(connection)
    held = await lock_category(connection, category_id)
    precondition.require(str(category_id), held.version)
    await delete_category(connection, category_id)
    await _audit(connection, change, "category.delete", held, None)


async def _require_parent(connection: Connection, draft: CategoryDraft) -> None:
    if draft.parent_id is not None and not await known_categories(connection, [draft.parent_id]):
        raise Invalid.at("/parent_id", "there is no such category")


async def _audit(
    connection: Connection, change: Change, action: str, before: CategoryRecord | None, after: CategoryRecord | None
) -> None:
    named = before or after
    assert named is not None
    await record_change(
        connection,
        change,
        action=action,
        object_kind="category",
        object_id=str(named.id),
        before=None if before is None else write_document(before),
        after=None if after is None else write_document(after),
    )
