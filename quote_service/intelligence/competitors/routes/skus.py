"""Maps of competitors' SKUs: `/api/v1/competitors/{id}/skus`.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.intelligence.competitors.model.competitors import SkuMap, SkuMapping, SkuMapWritten, sku_map_faults
from quote_service.intelligence.competitors.operations.map_skus import map_skus
from quote_service.intelligence.competitors.operations.require_competitor import require_competitor
from quote_service.intelligence.competitors.routes import examples
from quote_service.intelligence.competitors.tables.competitors import SKU_ROWS
from quote_service.platform.callers.access import COMPETITOR_READERS, COMPETITOR_WRITERS
from quote_service.platform.http.endpoints.connections import WritingChange
from quote_service.platform.http.endpoints.endpoint import get, put
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.postgres.pool import Connection


class SkuFilters(msgspec.Struct, frozen=True):
    """Which SKUs to list."""

    product_id: UUID | None = None
    """Only SKUs that are this product of ours."""


@get(
    "/{competitor_id:uuid}/skus",
    access=COMPETITOR_READERS,
    example=examples.SKU_MAPPING,
    listing=Listing("competitor-skus", SKU_ROWS, SkuFilters),
)
async def list_skus(rows: ListRequest[SkuMapping], competitor_id: FromPath[UUID]) -> ListAnswer:
    """List a competitor's mapped SKUs.

    By SKU.
    """

    async def check(connection: Connection, _: SkuFilters) -> None:
        await require_competitor(connection, competitor_id)

    return await rows.answer({"competitor_id": competitor_id}, check=check)


@put(
    "/{competitor_id:uuid}/skus",
    access=COMPETITOR_WRITERS,
    is_import=True,
    body_example=examples.SKU_MAP,
    example=examples.SKU_MAP_WRITTEN,
    message="SKUs mapped",
    faults=sku_map_faults,
)
async def write_sku_map(change: WritingChange, competitor_id: FromPath[UUID], data: SkuMap) -> SkuMapWritten:
    """Map a competitor's SKUs.

    Up to 10,000 at a time; those that are not named stay as they are. Listings with these SKUs are matched at once, except
    where a person has decided otherwise.
    """
    return await map_skus(change, competitor_id, data)
