"""A hundred thousand products at once, in and out.

Source: docs/spec/catalog.md#import-and-export.
"""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
from litestar import Response, Router
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.platform.callers.access import CATALOG_READERS, CATALOG_WRITERS, PRICE_LIMITS_READERS
from quote_service.platform.documents.documents import envelope
from quote_service.platform.http.endpoints.connections import Reading
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.new_ids import new_id
from quote_service.shop.catalog.model.import_rows import header_row, write_row
from quote_service.shop.catalog.model.imports import BODY_BYTES_MAX, MEDIA_TYPES, ImportFormat, ImportRecord
from quote_service.shop.catalog.model.products import ProductRecord
from quote_service.shop.catalog.operations.export_products import export_products
from quote_service.shop.catalog.operations.receive_import import receive_import
from quote_service.shop.catalog.routes import examples
from quote_service.shop.catalog.tables.imports import forget_import, queue_import, read_import


class ExportFilters(msgspec.Struct, frozen=True):
    """How to export."""

    format: ImportFormat = "csv"
    """`csv`, or `ndjson` for one JSON document a line."""


@post(
    "/import",
    status_code=202,
    request_max_body_size=BODY_BYTES_MAX,
    access=CATALOG_WRITERS,
    answer=ImportRecord,
    message="Import queued",
    body=str,
    body_examples=examples.IMPORTS,
    repeatable=True,
    headers={"Location": "The import."},
    media_types=tuple(MEDIA_TYPES.values()),
)
async def import_catalog_products(request: AnyRequest, change: Author, database: Database) -> Response[bytes]:
    """Import products.

    CSV with the columns of the export, or one JSON document a line, of up to 128 MiB. A row replaces the product with its
    SKU, or creates one; a row that matches its product changes nothing. It is done in the background: if one row is
    invalid, nothing is changed, and the import lists what is wrong by row and column.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    import_id = UUID(new_id(change.at_us // 1000))
    received = await receive_import(database, change, import_id, media_type, request.stream())
    if received.size == 0:
        async with database.read() as connection:
            await forget_import(connection, import_id)
        raise Invalid.at("", "there is nothing in it")
    async with creating(request, body=received.digest) as creation:
        if creation.replay is not None:
            await forget_import(creation.connection, import_id)
            return creation.replay
        await queue_import(creation.connection, import_id, received.size)
        record = await read_import(creation.connection, import_id)
        headers = {"Location": f"/api/v1/imports/{import_id}"}
        return creation.answer(202, envelope(record, "Import queued"), headers)


@get("/export", access=PRICE_LIMITS_READERS, example=examples.IMPORTS, form="rows")
async def export_catalog_products(database: Database, query: ExportFilters) -> Stream:
    """Export products.

    All products by id, including those that are not sold. The export can be imported again without changing anything.
    """
    form = query.format
    pages = export_products(database)
    # The first page is fetched before the answer starts, so that a database that is unavailable is still a 503.
    first: list[ProductRecord] = await anext(pages, [])
    return Stream(
        _lines(first, pages, form),
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="products.{form}"'},
    )


async def _lines(
    first: list[ProductRecord], rest: AsyncIterator[list[ProductRecord]], form: ImportFormat
) -> AsyncIterator[bytes]:
    yield header_row(form) + b"".join(write_row(product, form) for product in first)
    async for page in rest:
        yield b"".join(write_row(product, form) for product in page)


@get("/{import_id:uuid}", access=CATALOG_READERS, message="Import")
async def show_import(connection: Reading, import_id: FromPath[UUID]) -> ImportRecord:
    """Get an import.

    How far it is, what it did, or what is wrong with its rows.
    """
    return await read_import(connection, import_id)


imports = Router("/api/v1/imports", route_handlers=[show_import], opt={"examples": examples.EXAMPLES})
