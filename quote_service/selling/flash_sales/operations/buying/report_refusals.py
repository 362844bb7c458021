"""Add the refusals that this process has counted to the figures of each item.

Source: docs/spec/flash-sales.md#live-figures.
"""

from quote_service.platform.system.errors import Unavailable
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime


async def report_refusals(runtime: FlashSaleRuntime) -> None:
    """Hand over what was counted since last time; of an item whose Redis is unavailable it is counted on."""
    counted, runtime.refused = runtime.refused, type(runtime.refused)()
    away: set[str] = set()
    for (item_id, reason), count in counted.items():
        lane = runtime.stream.lane_of(item_id)
        try:
            if lane not in away:
                await runtime.upkeep.add_refusals(item_id, reason, count)
                continue
        except Unavailable:
            away.add(lane)
        runtime.refused[item_id, reason] += count
