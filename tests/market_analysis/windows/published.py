"""Events put on a broker as the relay puts them there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from quote_service.platform.event_bus.model.events import Event
from quote_service.platform.event_bus.operations.open_bus import opened_bus
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from tests.market_analysis.windows.random_events import TERMS


def spark_settings(address: str, database_url: str, folder: Path, **fields: Any) -> Settings:
    """Settings with names of a test's own."""
    usual: dict[str, Any] = {
        "database_url": database_url,
        "analytics_engine": "spark",
        "spark_master": "local[2]",
        "analysis_dir": str(folder),
        "analysis_memory_mb": 512,
        "event_bus": "kafka",
        "kafka_servers": (address,),
        "event_prefix": f"t{uuid4().hex}-",
        "event_partitions": 2,
        "market_window_seconds": TERMS.width_seconds,
        "market_lateness_seconds": TERMS.lateness_seconds,
    }
    return Settings(**usual | fields)


async def publish(database: Database, settings: Settings, events: Sequence[Event]) -> None:
    """In their order, those of a key in one partition."""
    async with opened_bus(settings, database) as bus:
        assert await bus.publish(events) == []


async def publish_raw(settings: Settings, topic: str, message: bytes) -> None:
    """What is no event."""
    from aiokafka import AIOKafkaProducer

    producer = AIOKafkaProducer(bootstrap_servers=list(settings.kafka_servers))
    await producer.start()
    try:
        await producer.send_and_wait(settings.event_prefix + topic, message)
    finally:
        await producer.stop()
