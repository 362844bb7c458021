"""Current prices: moved now or later, and the changes that were asked for.

Source: docs/spec/catalog.md#moving-a-price; docs/spec/catalog.md#scheduled-changes.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath

from quote_service.platform.callers.access import CATALOG_READERS, CATALOG_WRITERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import page_answer, tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.quantities import FACTOR_PLACES, quantity_faults
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.change_shapes import Change
from quote_service.platform.system.errors import Conflict, Fault, Invalid
from quote_service.platform.system.instants import to_micros
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.shop.catalog.model.price_changes import ChangeStatus, PriceChange, PriceChangeDraft
from quote_service.shop.catalog.operations.change_price import cancel_change, change_price
from quote_service.shop.catalog.routes import examples
from quote_service.shop.catalog.tables.price_changes import page_of_changes, read_change
from quote_service.shop.catalog.tables.products import read_product

_CHANGES = "price-changes"


class PriceChangeFilters(msgspec.Struct, frozen=True):
    """Which changes to list."""

    status: ChangeStatus | None = None
    """Only changes of this status, such as `scheduled`."""


@post(
    "/{product_id:uuid}/price",
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(
            body=PriceChangeDraft,
            body_example=examples.PRICE_CHANGE,
            answer=PriceChange,
            answer_example=examples.PRICE_CHANGE_RECORD,
            message="Price change scheduled",
            repeatable=True,
            headers={**examples.TAGGED, "Location": "The price change."},
        ),
    },
)
async def change_product_price(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """Change a price.

    Now, or at `effective_at`. The price has to be from `min_price` to `max_price`; a scheduled one is held to the bounds
    of its time.
    """
    change = change_of(request)
    draft = _read_draft(await request.body(), change)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await change_price(creation.connection, change, product_id, draft, UNCONDITIONAL)
        return creation.created(f"/api/v1/products/{product_id}/price-changes", record, _message(record))


@put(
    "/{product_id:uuid}/price",
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(
            body=PriceChangeDraft,
            body_example=examples.PRICE_CHANGE,
            answer=PriceChange,
            answer_example=examples.PRICE_CHANGE_RECORD,
            message="Price change scheduled",
            conditional=True,
        ),
    },
)
async def set_product_price(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """Set a price.

    As changing a price with `POST`, on the version of the product that `If-Match` names.
    """
    change = change_of(request)
    draft = _read_draft(await request.body(), change)
    async with parts_of(request)[Database].transaction() as connection:
        record = await change_price(connection, change, product_id, draft, precondition_of(request))
    return tagged_answer(record, _message(record), record.id, record.version)


@get(
    "/{product_id:uuid}/price-changes",
    opt={
        "access": CATALOG_READERS,
        "described": Described(
            answer=PriceChange, answer_example=examples.PRICE_CHANGE_RECORD, form="list", query=PriceChangeFilters
        ),
    },
)
async def list_product_price_changes(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """List price changes of a product.

    Newest first: those that were asked for, whether they are scheduled, done, cancelled or failed.
    """
    page = read_page(request.scope["query_string"], _CHANGES, PriceChangeFilters, tuple[UUID])
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_changes(
            connection, product_id, status=page.filters.status, before=before, limit=page.limit + 1
        )
        if not rows:
            await read_product(connection, product_id)
    return page_answer(page, _CHANGES, rows, lambda row: (row.id,))


@get(
    "/{product_id:uuid}/price-changes/{change_id:uuid}",
    opt={
        "access": CATALOG_READERS,
        "described": Described(
            answer=PriceChange,
            answer_example=examples.PRICE_CHANGE_RECORD,
            message="Price change",
            headers=examples.TAGGED,
        ),
    },
)
async def show_product_price_change(
    request: Request[Any, Any, Any], product_id: FromPath[UUID], change_id: FromPath[UUID]
) -> Response[bytes]:
    """Get a price change."""
    async with parts_of(request)[Database].read() as connection:
        record = await read_change(connection, product_id, change_id)
    return tagged_answer(record, "Price change", record.id, record.version)


@delete(
    "/{product_id:uuid}/price-changes/{change_id:uuid}",
    status_code=204,
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(form="nothing", conditional=True, problems=(Conflict,)),
    },
)
async def cancel_product_price_change(
    request: Request[Any, Any, Any], product_id: FromPath[UUID], change_id: FromPath[UUID]
) -> Response[None]:
    """Cancel a price change.

    Only while it is scheduled. A change that has been cancelled stays so.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await cancel_change(connection, change_of(request), product_id, change_id, precondition_of(request))
    return Response(None, status_code=204)


def _read_draft(body: bytes, change: Change) -> PriceChangeDraft:
    draft = read_document(body, PriceChangeDraft)
    faults = list(quantity_faults(draft, "", FACTOR_PLACES))
    if draft.currency not in EXPONENTS:
        faults.append(Fault("/currency", "is no ISO 4217 currency"))
    if draft.effective_at is not None and to_micros(draft.effective_at) <= change.at_us:
        faults.append(Fault("/effective_at", "must be in the future"))
    if faults:
        raise Invalid.because(tuple(faults))
    return draft


def _message(record: PriceChange) -> str:
    return "Price changed" if record.status == "done" else "Price change scheduled"
