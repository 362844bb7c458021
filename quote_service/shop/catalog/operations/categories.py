"""Categories.

Source: docs/spec/catalog.md#categories.
"""

from collections.abc import Iterator
from uuid import UUID

import msgspec
from msgspec import UNSET

from quote_service.platform.callers.access import CATALOG_READERS, CATALOG_WRITERS, PRODUCT_READERS, Caller
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource.operations import known
from quote_service.platform.resource.resource import Resource
from quote_service.platform.system.errors import Fault, Invalid, NameTaken, StillUsed
from quote_service.shop.catalog.model.categories import CategoryDraft, CategoryRecord


class CategoryFilters(msgspec.Struct, frozen=True):
    """Which categories to list."""

    parent_id: UUID | None = None
    """Only categories right below this one."""
    is_top: bool = False
    """Only categories without a parent."""


def _filter_faults(asked: CategoryFilters) -> Iterator[Fault]:
    if asked.is_top and asked.parent_id is not None:
        yield Fault("/query/is_top", "no category at the top has a parent")


async def _require_parent(connection: Connection, _: UUID, draft: CategoryDraft, held: CategoryRecord | None) -> None:
    if draft.parent_id is not None and not await known(CATEGORIES, connection, [draft.parent_id]):
        raise Invalid.at("/parent_id", "there is no such category")


def _shown(record: CategoryRecord, caller: Caller) -> CategoryRecord:
    if CATALOG_READERS.allows(caller):
        return record
    return msgspec.structs.replace(record, created_by=UNSET, changed_by=UNSET)


CATEGORIES: Resource[CategoryDraft, CategoryRecord] = Resource(
    one="category",
    many="categories",
    draft=CategoryDraft,
    record=CategoryRecord,
    example=CategoryDraft(name="Shoes"),
    readers=PRODUCT_READERS,
    writers=CATALOG_WRITERS,
    computed={"path": "category_path(id)"},
    shown_example={"path": ["Shoes"]},
    filters=CategoryFilters,
    filter_faults=_filter_faults,
    conditions={"is_top": "({}::boolean IS FALSE OR listed.parent_id IS NULL)"},
    sorts=("name", "created_at", "updated_at"),
    search=("name",),
    # Before any row, as the trigger does (migration 0060): rows first and the tree second could be a circle of waiters.
    one_at_a_time=True,
    check=_require_parent,
    shown=_shown,
    problems={"create": (NameTaken,), "replace": (NameTaken,), "remove": (StillUsed,)},
    about={
        "create": "Names are unique below one parent, and there are at most ten levels.",
        "list": "Oldest first. Each has its `path` of names from the top down.",
        "replace": "With another `parent_id` the category moves, with all that is below it. It cannot move below itself.",
        "remove": "Only if it has no products and no categories below it.",
    },
)
