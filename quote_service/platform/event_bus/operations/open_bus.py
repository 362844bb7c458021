"""Open the bus that the settings name.

Source: docs/spec/event-bus.md#settings.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from quote_service.platform.event_bus.model.bus import EventBus
from quote_service.platform.event_bus.tables.redis_bus import RedisBus
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.settings import Settings

# Longer than a read blocks, and than a batch takes to be written.
_REDIS_TIMEOUT_MS = 3000


@asynccontextmanager
async def opened_bus(settings: Settings, database: Database) -> AsyncIterator[EventBus]:
    """The bus, closed at the end. Nothing is asked of a server before it is needed."""
    bus: EventBus = _kafka_bus(settings) if settings.event_bus == "kafka" else _redis_bus(settings, database)
    try:
        yield bus
    finally:
        await bus.close()


def _redis_bus(settings: Settings, database: Database) -> RedisBus:
    url = settings.event_redis_url or settings.stock_redis_url or settings.redis_url
    return RedisBus(
        open_redis(url, _REDIS_TIMEOUT_MS),
        database,
        prefix=settings.event_prefix,
        partitions=settings.event_partitions,
        length=settings.event_stream_length,
    )


def _kafka_bus(settings: Settings) -> EventBus:
    # Here, because no process that publishes nothing shall need the extra, or pay for its import.
    from quote_service.platform.event_bus.tables.kafka_bus import KafkaBus

    return KafkaBus(settings)
