"""Categories as rows.

Source: docs/spec/catalog.md#categories.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.errors import NotFound
from quote_service.shop.catalog.model.categories import CategoryDraft, CategoryRecord

_QUERIES = load_queries(__file__, "categories")
_CATEGORY = _QUERIES["category"]
_LOCK_TREE = _QUERIES["lock_tree"]
_LOCK = _QUERIES["lock_category"]
_INSERT = _QUERIES["insert_category"]
_UPDATE = _QUERIES["update_category"]
_DELETE = _QUERIES["delete_category"]
_KNOWN = _QUERIES["known_categories"]

CATEGORY_ROWS = ListedRows(
    CategoryRecord,
    _QUERIES["categories"],
    sorts=("name", "created_at", "updated_at"),
    search=("name",),
    conditions={"is_top": "({}::boolean IS FALSE OR listed.parent_id IS NULL)"},
)


async def read_category(connection: Connection, category_id: UUID) -> CategoryRecord:
    """A category.

    Raises:
        NotFound: There is none.
    """
    row = await connection.fetchrow(_CATEGORY, category_id)
    if row is None:
        raise NotFound("There is no such category")
    return CategoryRecord(**row)


async def lock_tree(connection: Connection) -> None:
    """Keep others from changing how categories lie until the transaction ends."""
    await connection.execute(_LOCK_TREE)


async def lock_category(connection: Connection, category_id: UUID) -> CategoryRecord:
    """A category, kept from others until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    await connection.fetchrow(_LOCK, category_id)
    return await read_category(connection, category_id)


async def insert_category(
    connection: Connection, category_id: UUID, draft: CategoryDraft, author: str, at: datetime
) -> None:
    """Write a new category.

    Raises:
        Conflict, Invalid: The name is taken below its parent, or the tree would not be one (sqlstates.py).
    """
    await connection.execute(_INSERT, category_id, draft.parent_id, draft.name, author, at)


async def update_category(connection: Connection, category_id: UUID, draft: CategoryDraft, author: str) -> None:
    """Write a category anew; as `insert_category`."""
    await connection.execute(_UPDATE, category_id, draft.parent_id, draft.name, author)


async def delete_category(connection: Connection, category_id: UUID) -> None:
    """Remove a category.

    Raises:
        Conflict: Something is in it.
    """
    await connection.execute(_DELETE, category_id)


async def known_categories(connection: Connection, category_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these there are; they stay until the transaction ends."""
    return {row[0] for row in await connection.fetch(_KNOWN, list(category_ids))}
