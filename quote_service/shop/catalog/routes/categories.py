"""Categories: `/api/v1/categories`.

Source: docs/spec/catalog.md#categories.
"""

from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post, put
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import UNSET

from quote_service.platform.callers.access import CATALOG_READERS, CATALOG_WRITERS, PRODUCT_READERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.documents.shown_members import read_replacement
from quote_service.platform.http.answers import tagged_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.lists.listing import Listing
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.errors import Invalid, NameTaken, StillUsed
from quote_service.platform.system.new_ids import new_id
from quote_service.shop.catalog.model.categories import CategoryDraft, CategoryRecord
from quote_service.shop.catalog.operations.write_category import create_category, remove_category, replace_category
from quote_service.shop.catalog.routes import examples
from quote_service.shop.catalog.tables.categories import CATEGORY_ROWS, read_category


class CategoryFilters(msgspec.Struct, frozen=True):
    """Which categories to list."""

    parent_id: UUID | None = None
    """Only categories right below this one."""
    is_top: bool = False
    """Only categories without a parent."""


_CATEGORIES = Listing("categories", CATEGORY_ROWS, CategoryFilters)


@post(
    "/",
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(
            body=CategoryDraft,
            body_example=examples.CATEGORY,
            answer=CategoryRecord,
            answer_example=examples.CATEGORY_RECORD,
            message="Category created",
            repeatable=True,
            problems=(NameTaken,),
            headers={**examples.TAGGED, "Location": "The category."},
        ),
    },
)
async def create_product_category(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a category.

    Names are unique below one parent, and there are at most ten levels.
    """
    draft = read_document(await request.body(), CategoryDraft)
    change = change_of(request)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        category_id = UUID(new_id(change.at_us // 1000))
        record = await create_category(creation.connection, change, category_id, draft)
        return creation.created("/api/v1/categories", record, "Category created")


@get("/", opt={"access": PRODUCT_READERS, "described": _CATEGORIES.described(examples.CATEGORY_RECORD)})
async def list_product_categories(request: Request[Any, Any, Any]) -> Response[bytes] | Stream:
    """List categories.

    Oldest first. Each has its `path` of names from the top down.
    """
    return await _CATEGORIES.answer(request, shown=partial(_shown, request), check=_check)


async def _check(_: Connection, asked: CategoryFilters) -> None:
    if asked.is_top and asked.parent_id is not None:
        raise Invalid.at("/query/is_top", "no category at the top has a parent")


@get(
    "/{category_id:uuid}",
    opt={
        "access": PRODUCT_READERS,
        "described": Described(
            answer=CategoryRecord,
            answer_example=examples.CATEGORY_RECORD,
            message="Category",
            headers=examples.TAGGED,
        ),
    },
)
async def show_product_category(request: Request[Any, Any, Any], category_id: FromPath[UUID]) -> Response[bytes]:
    """Get a category."""
    async with parts_of(request)[Database].read() as connection:
        record = await read_category(connection, category_id)
    return tagged_answer(_shown(request, record), "Category", record.id, record.version)


@put(
    "/{category_id:uuid}",
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(
            body=CategoryDraft,
            body_example=examples.CATEGORY,
            answer=CategoryRecord,
            answer_example={**examples.CATEGORY_RECORD, "version": 2},
            message="Category replaced",
            conditional=True,
            problems=(NameTaken,),
            headers=examples.TAGGED,
        ),
    },
)
async def replace_product_category(request: Request[Any, Any, Any], category_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a category.

    With another `parent_id` the category moves, with all that is below it. It cannot move below itself.
    """
    draft = read_replacement(await request.body(), CategoryDraft, CategoryRecord, category_id)
    async with parts_of(request)[Database].transaction() as connection:
        record = await replace_category(connection, change_of(request), category_id, draft, precondition_of(request))
    return tagged_answer(record, "Category replaced", record.id, record.version)


@delete(
    "/{category_id:uuid}",
    status_code=204,
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(form="nothing", conditional=True, problems=(StillUsed,)),
    },
)
async def delete_product_category(request: Request[Any, Any, Any], category_id: FromPath[UUID]) -> Response[None]:
    """Delete a category.

    Only if it has no products and no categories below it.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await remove_category(connection, change_of(request), category_id, precondition_of(request))
    return Response(None, status_code=204)


def _shown(request: Request[Any, Any, Any], record: CategoryRecord) -> CategoryRecord:
    if CATALOG_READERS.allows(caller_of(request)):
        return record
    return msgspec.structs.replace(record, created_by=UNSET, changed_by=UNSET)


categories = Router(
    "/api/v1/categories",
    route_handlers=[
        create_product_category,
        list_product_categories,
        show_product_category,
        replace_product_category,
        delete_product_category,
    ],
)
