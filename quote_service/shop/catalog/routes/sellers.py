"""Sellers: `/api/v1/sellers`.

Source: docs/spec/catalog.md#sellers.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post, put
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.platform.callers.access import CATALOG_READERS, CATALOG_WRITERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.documents.shown_members import read_replacement
from quote_service.platform.http.answers import tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.lists.listing import Listing
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import NameTaken, StillUsed
from quote_service.platform.system.new_ids import new_id
from quote_service.shop.catalog.model.sellers import ExternalRef, SellerDraft, SellerRecord
from quote_service.shop.catalog.operations.write_seller import create_seller, remove_seller, replace_seller
from quote_service.shop.catalog.routes import examples
from quote_service.shop.catalog.tables.sellers import SELLER_ROWS, read_seller


class SellerFilters(msgspec.Struct, frozen=True):
    """Which sellers to list."""

    is_active: bool | None = None
    """Only sellers who sell at present, or only those who do not."""
    external_ref: ExternalRef | None = None
    """Only the seller whom another system calls so."""


_SELLERS = Listing("sellers", SELLER_ROWS, SellerFilters)


@post(
    "/",
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(
            body=SellerDraft,
            body_example=examples.SELLER,
            answer=SellerRecord,
            answer_example=examples.SELLER_RECORD,
            message="Seller created",
            repeatable=True,
            problems=(NameTaken,),
            headers={**examples.TAGGED, "Location": "The seller."},
        ),
    },
)
async def create_catalog_seller(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a seller."""
    draft = read_document(await request.body(), SellerDraft)
    change = change_of(request)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await create_seller(creation.connection, change, UUID(new_id(change.at_us // 1000)), draft)
        return creation.created("/api/v1/sellers", record, "Seller created")


@get("/", opt={"access": CATALOG_READERS, "described": _SELLERS.described(examples.SELLER_RECORD)})
async def list_catalog_sellers(request: Request[Any, Any, Any]) -> Response[bytes] | Stream:
    """List sellers.

    Oldest first.
    """
    return await _SELLERS.answer(request)


@get(
    "/{seller_id:uuid}",
    opt={
        "access": CATALOG_READERS,
        "described": Described(
            answer=SellerRecord, answer_example=examples.SELLER_RECORD, message="Seller", headers=examples.TAGGED
        ),
    },
)
async def show_catalog_seller(request: Request[Any, Any, Any], seller_id: FromPath[UUID]) -> Response[bytes]:
    """Get a seller."""
    async with parts_of(request)[Database].read() as connection:
        record = await read_seller(connection, seller_id)
    return tagged_answer(record, "Seller", record.id, record.version)


@put(
    "/{seller_id:uuid}",
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(
            body=SellerDraft,
            body_example=examples.SELLER,
            answer=SellerRecord,
            answer_example={**examples.SELLER_RECORD, "version": 2},
            message="Seller replaced",
            conditional=True,
            problems=(NameTaken,),
            headers=examples.TAGGED,
        ),
    },
)
async def replace_catalog_seller(request: Request[Any, Any, Any], seller_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a seller."""
    draft = read_replacement(await request.body(), SellerDraft, SellerRecord, seller_id)
    async with parts_of(request)[Database].transaction() as connection:
        record = await replace_seller(connection, change_of(request), seller_id, draft, precondition_of(request))
    return tagged_answer(record, "Seller replaced", record.id, record.version)


@delete(
    "/{seller_id:uuid}",
    status_code=204,
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(form="nothing", conditional=True, problems=(StillUsed,)),
    },
)
async def delete_catalog_seller(request: Request[Any, Any, Any], seller_id: FromPath[UUID]) -> Response[None]:
    """Delete a seller.

    Only if no product names the seller; deactivate the seller otherwise.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await remove_seller(connection, change_of(request), seller_id, precondition_of(request))
    return Response(None, status_code=204)


sellers = Router(
    "/api/v1/sellers",
    route_handlers=[
        create_catalog_seller,
        list_catalog_sellers,
        show_catalog_seller,
        replace_catalog_seller,
        delete_catalog_seller,
    ],
)
