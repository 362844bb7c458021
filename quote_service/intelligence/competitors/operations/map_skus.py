"""People say whose SKU is which product of ours.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from uuid import UUID

from quote_service.intelligence.competitors.model.competitors import SkuMap, SkuMapWritten
from quote_service.intelligence.competitors.operations.competitors import COMPETITORS
from quote_service.intelligence.competitors.tables.competitors import unknown_items, write_skus
from quote_service.intelligence.competitors.tables.listings import match_exactly
from quote_service.platform.postgres.change import Change
from quote_service.platform.resource.operations import hold
from quote_service.platform.system.errors import Fault, Invalid


async def map_skus(change: Change, competitor_id: UUID, given: SkuMap) -> SkuMapWritten:
    """Write whose SKU is which product, and match the listings that have these SKUs.

    Args:
        change: Its author.
        competitor_id: Whose SKUs they are.
        given: Without faults of its own (`sku_map_faults`).

    Raises:
        NotFound: There is no such competitor.
        Invalid: A product or variant is none of ours.
    """
    await hold(COMPETITORS, change.connection, competitor_id)
    mapped = [
        (place, mapping.product_id, mapping.variant_id)
        for place, mapping in enumerate(given.skus)
        if mapping.product_id is not None
    ]
    unknown = await unknown_items(change.connection, [(product_id, variant_id) for _, product_id, variant_id in mapped])
    if unknown:
        raise Invalid.because(
            tuple(
                Fault(f"/skus/{mapped[place][0]}/product_id", "there is no such product or variant")
                for place in unknown
            )
        )
    removed = await write_skus(change.connection, competitor_id, given.skus)
    matched = await match_exactly(change.connection, competitor_id, None, change.at)
    written = SkuMapWritten(written=len(mapped), removed=removed, matched=matched)
    await change.record("competitor.map_skus", None, written, object_id=competitor_id)
    return written
