"""What one process holds to sell in flash sales: the cached items, the gate, the ways to PostgreSQL, and counts of refusals.

Source: docs/spec/flash-sales.md#admission-and-decision.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.connection import RedisClient
from quote_service.platform.redis_store.ping import ping_redis
from quote_service.selling.flash_sales.operations.runtime.flash_meters import FlashMeters
from quote_service.selling.flash_sales.operations.runtime.outcome_watch import OutcomeWatch
from quote_service.selling.flash_sales.operations.runtime.sale_item_cache import SaleItemCache
from quote_service.selling.flash_sales.tables.gate import FlashGate
from quote_service.selling.flash_sales.tables.library import FlashLibrary
from quote_service.selling.flash_sales.tables.stream import ReservationStream
from quote_service.selling.flash_sales.tables.upkeep import StockUpkeep

# So few at a time go straight to PostgreSQL: the row of an item lets in one by one, and quotes need connections too.
DIRECT_AT_ONCE = 4


@dataclass(slots=True)
class FlashSaleRuntime:
    """The clients, caches, limits and counters that every operation of flash sales works with.

    `refused` counts refusals by item and reason until they are added to the figures in Redis.

    `shown` counts the answers that showed an item's sale price in a quote, by item, until somebody takes them.
    `stock_warning`: why the Redis that holds stock may forget it; None where it does not.
    `doubtful_until`, on the loop's clock: Redis gave no answer recently, and may not know all that was bought.
    """

    database: Database
    library: FlashLibrary
    item_cache: SaleItemCache
    gate: FlashGate
    upkeep: StockUpkeep
    stream: ReservationStream
    outcomes: OutcomeWatch
    direct: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DIRECT_AT_ONCE))
    refused: Counter[tuple[int, str]] = field(default_factory=Counter)
    shown: Counter[int] = field(default_factory=Counter)
    directly: int = 0
    doubtful_until: float = 0.0
    stock_warning: str | None = None
    meters: FlashMeters = field(default_factory=FlashMeters)

    def note_shown(self, item_ids: Iterable[int]) -> None:
        """Count an answer that shows the prices of these items."""
        self.shown.update(item_ids)

    async def check_stock(self) -> str | None:
        """For readiness: return when the Redis that holds stock answers, with what is wrong with it.

        Raises:
            Unavailable: It gives no answer.
        """
        await ping_redis(self.library.client)
        if self.gate.failed_recently:
            return "it answers, and purchases cannot be admitted there"
        # While nothing is on sale there is nothing to forget.
        return self.stock_warning if self.item_cache.items else None

    async def close(self) -> None:
        """Wait for what is under way."""
        await self.gate.close()
        await self.outcomes.close()


def open_flash_sale_runtime(
    database: Database, redis: RedisClient, meters: FlashMeters | None = None
) -> FlashSaleRuntime:
    """The runtime over an open database and an open client of the Redis that holds stock."""
    library = FlashLibrary(redis)
    return FlashSaleRuntime(
        database=database,
        library=library,
        item_cache=SaleItemCache(database),
        gate=FlashGate(library, Breaker()),
        upkeep=StockUpkeep(library),
        stream=ReservationStream(library),
        outcomes=OutcomeWatch(database),
        meters=meters or FlashMeters(),
    )
