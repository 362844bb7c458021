"""Measure what is the same whichever worker is asked: the stock of items on sale, and how far recording lags behind.

Source: docs/spec/operations.md#metrics.
"""

import asyncio
from collections.abc import Iterable

from quote_service.platform.telemetry.registry import Labels
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.tables.item_load import ItemLoad, read_item_load

# More items than that share one line, so that no number of sales makes too many of them.
ITEMS_SHOWN_MAX = 20
OTHERS = "others"
# Far fewer than the connections there are, which buyers need: a hundred items are no reason to reveal nothing.
READS_AT_ONCE = 8


async def measure_stock(runtime: FlashSaleRuntime) -> Iterable[tuple[Labels, float]]:
    """Units left of each active item that Redis holds: the latest by their id, those before them in one sum.

    Raises:
        Unavailable: Redis gave no answer.
    """
    ids = sorted((item.id for item in runtime.item_cache.items if item.state == "active" and item.epoch), reverse=True)
    loads = await _loads(runtime, ids)
    reported = [
        ({"item": str(item_id)}, float(load.stock))
        for item_id, load in zip(ids[:ITEMS_SHOWN_MAX], loads, strict=False)
        if load.stock is not None
    ]
    others = [load.stock or 0 for load in loads[ITEMS_SHOWN_MAX:]]
    return [*reported, ({"item": OTHERS}, float(sum(others)))] if others else reported


async def measure_lag(runtime: FlashSaleRuntime) -> Iterable[tuple[Labels, float]]:
    """Reservations that wait to be recorded, of all items.

    Raises:
        Unavailable: Redis gave no answer.
    """
    return [({}, float(sum(load.waiting for load in await _loads(runtime, _recorded_items(runtime)))))]


async def measure_lag_seconds(runtime: FlashSaleRuntime) -> Iterable[tuple[Labels, float]]:
    """How long the oldest of them has waited; 0 where none does.

    Raises:
        Unavailable: Redis gave no answer.
    """
    return [({}, max((load.oldest_seconds for load in await _loads(runtime, _recorded_items(runtime))), default=0.0))]


def _recorded_items(runtime: FlashSaleRuntime) -> list[int]:
    return [item.id for item in runtime.item_cache.items if item.epoch]


async def _loads(runtime: FlashSaleRuntime, item_ids: list[int]) -> list[ItemLoad]:
    turns = asyncio.Semaphore(READS_AT_ONCE)

    async def load(item_id: int) -> ItemLoad:
        async with turns:
            return await read_item_load(runtime.library.client, item_id)

    return await asyncio.gather(*map(load, item_ids))
