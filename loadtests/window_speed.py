"""How many events a second are counted by windows: by PostgreSQL, and by Spark where it is installed.

    python -m loadtests.window_speed [--events 100000] [--products 1000] [--kafka 127.0.0.1:9092] [--master local[2]]

What shoppers did with some products, of half an hour, waits on the bus before anything is counted. PostgreSQL counts as one consumer of one
process does, from Redis Streams, or from Kafka where one is named; Spark needs one. Figures are by the clock, so they are of this machine
with whatever else it does, whose load is printed beside them; of Spark the first batch, in which its processes start, is distinguished.

Source: docs/spec/market-analysis.md#how-many-events-a-second.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from loadtests.bench.stores import running_stores
from quote_service.intelligence.market_analysis.model.windows.subjects import WindowEngine
from quote_service.intelligence.market_analysis.operations.count_windows import terms_of_windows, window_groups
from quote_service.intelligence.market_analysis.operations.engines.spark_engine import open_session
from quote_service.intelligence.market_analysis.operations.engines.spark_windows import StreamTerms, source_of
from quote_service.intelligence.market_analysis.operations.run_market_stream import MarketStreamRun
from quote_service.platform.event_bus.model.events import Event
from quote_service.platform.event_bus.operations.bus_meters import BusMeters
from quote_service.platform.event_bus.operations.consume import consume_next
from quote_service.platform.event_bus.operations.open_bus import opened_bus
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.identifiers import uuid7
from quote_service.platform.system.instants import instant_text, to_micros
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.telemetry.registry import Registry

_COUNTED = "SELECT coalesce(sum(views), 0)::bigint FROM market_windows WHERE engine = $1"
_AT_ONCE = 2000


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser()
    options.add_argument("--events", type=int, default=100_000)
    options.add_argument("--products", type=int, default=1000)
    options.add_argument("--kafka", default="")
    options.add_argument("--master", default="local[2]")
    wanted = options.parse_args()
    with running_stores() as stores, tempfile.TemporaryDirectory() as folder:
        url = stores.new_database()
        asyncio.run(migrate(url))
        settings = Settings(
            database_url=url,
            redis_url=stores.redis_url,
            event_bus="kafka" if wanted.kafka else "redis",
            kafka_servers=(wanted.kafka,) if wanted.kafka else (),
            event_prefix=f"speed-{new_id()}-",
            event_stream_length=100_000_000,
            analysis_dir=folder,
            spark_master=wanted.master,
        )
        asyncio.run(_measure(settings, wanted.events, wanted.products))


async def _measure(settings: Settings, count: int, products: int) -> None:
    database = await Database.open(settings.database_url, acquire_seconds=60, statement_seconds=60)
    try:
        async with opened_bus(settings, database) as bus:
            for start in range(0, count, _AT_ONCE):
                await bus.publish(_events(start, min(_AT_ONCE, count - start), products))
        print(
            f"{count:,} events of {products:,} products wait; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
        )
        await _by_postgresql(database, settings, count)
        if settings.event_bus == "kafka" and find_spec("pyspark") is not None:
            await _by_spark(database, msgspec.structs.replace(settings, analytics_engine="spark"), count)
    finally:
        await database.close()


def _events(start: int, count: int, products: int) -> list[Event]:
    begin, chance = datetime.now(UTC) - timedelta(minutes=30), random.Random(start)
    events = []
    for number in range(start, start + count):
        at_us = to_micros(begin) + number * 1000
        product = f"00000000-0000-7000-8000-{chance.randrange(products):012d}"
        data = {"product_id": product, "minute": instant_text(at_us), "views": 1}
        event_id = UUID(uuid7(at_us // 1000, chance.getrandbits(74)))
        reported = msgspec.Raw(msgspec.json.encode(data))
        events.append(Event(event_id, "user-behavior", product, "behaviour.counted", begin, reported))
    return events


async def _by_postgresql(database: Database, settings: Settings, count: int) -> None:
    (group,) = [group for group in window_groups(settings) if group.topic == "user-behavior"]
    meters, done = BusMeters(Registry()), 0
    async with opened_bus(settings, database) as bus:
        consumer = await bus.consumer(group.name, group.topic)
        while not done:  # to join a group takes its while
            done = await consume_next(database, consumer, group, meters, wait_seconds=0.2)
        first, began = done, time.monotonic()
        while done < count:
            done += await consume_next(database, consumer, group, meters, wait_seconds=0.2)
        seconds = time.monotonic() - began
        await consumer.close()
    assert await _counted(database, "postgresql") == count
    print(f"PostgreSQL, from {settings.event_bus}: {(count - first) / seconds:,.0f} events a second ({_load()})")


async def _by_spark(database: Database, settings: Settings, count: int) -> None:
    began = time.monotonic()
    terms = settings.analysis_memory_mb, settings.spark_master, settings.spark_partitions
    session = await asyncio.to_thread(open_session, Path(settings.analysis_dir), *terms)
    source = source_of(session)
    folder = Path(settings.analysis_dir) / "windows"
    stream = StreamTerms(settings, terms_of_windows(settings), folder, source, every_seconds=0)
    run = MarketStreamRun(database, session, stream, ("behaviour",))
    assert await run.hold()
    while await _counted(database, "spark") < count:
        await run.look()
        await asyncio.sleep(0.1)
    seconds = time.monotonic() - began
    batches = [each for each in run.queries["behaviour"].recentProgress if each.numInputRows]
    await asyncio.to_thread(run.stop)
    await run.leave("")
    assert await _counted(database, "spark") == count
    print(
        f"Spark {settings.spark_master}, read by {source}: {count / seconds:,.0f} events a second from its start ({_load()})"
    )
    _report("first batch", batches[:1])
    _report("batches after it", batches[1:])
    session.stop()


def _report(name: str, batches: Sequence[Any]) -> None:
    rows = sum(each.numInputRows for each in batches)
    seconds = sum(each.batchDuration for each in batches) / 1000
    if seconds:
        print(f"  {name}: {rows:,} events in {seconds:.1f} s, {rows / seconds:,.0f} a second")


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


async def _counted(database: Database, engine: WindowEngine) -> int:
    async with database.read() as connection:
        return int(await connection.fetchval(_COUNTED, engine))


if __name__ == "__main__":
    main()
