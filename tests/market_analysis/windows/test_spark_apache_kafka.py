"""Spark's stream and consumers of the bus count alike from Apache Kafka itself, which is killed and comes back.

Source: docs/spec/market-analysis.md#spark; docs/spec/market-analysis.md#the-same-answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import msgspec
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from quote_service.intelligence.market_analysis.model.windows.moments import moment_of
from quote_service.intelligence.market_analysis.model.windows.subjects import GROUP_OF, SUBJECTS, WindowSubject
from quote_service.intelligence.market_analysis.model.windows.terms import AHEAD_US
from quote_service.intelligence.market_analysis.operations.count_windows import window_groups
from quote_service.intelligence.market_analysis.operations.engines.spark_windows import source_of
from quote_service.intelligence.market_analysis.tables.streams import StreamSource
from quote_service.platform.event_bus.model.events import TOPICS, Event
from quote_service.platform.event_bus.operations.bus_meters import BusMeters
from quote_service.platform.event_bus.operations.consume import consume_next
from quote_service.platform.event_bus.operations.open_bus import opened_bus
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.instants import to_micros
from quote_service.platform.telemetry.registry import Registry
from tests.event_bus.apache_administration import RIGHTS, administrator, allow
from tests.event_bus.apache_broker import PASSWORD, USERNAME, ApacheKafka, need_apache_kafka
from tests.event_bus.bus_of_a_test import in_spite_of_all
from tests.market_analysis.waiting import PATIENCE_SECONDS, until
from tests.market_analysis.windows.plain_windows import plain_windows
from tests.market_analysis.windows.published import publish, spark_settings
from tests.market_analysis.windows.random_events import TERMS, Batches, draw_batches
from tests.market_analysis.windows.stored_windows import stored_windows
from tests.market_analysis.windows.stream_process import view
from tests.market_analysis.windows.streaming import Streaming

pytestmark = pytest.mark.time_limit(4 * PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def kafka(server_folder: Path) -> Iterator[ApacheKafka]:
    """A broker of this module's own, for it is killed."""
    need_apache_kafka()
    broker = ApacheKafka(server_folder / f"spark-kafka-{uuid4().hex[:8]}")
    broker.start()
    yield broker
    broker.kill()


@pytest.mark.parametrize("source", get_args(StreamSource))
@pytest.mark.parametrize(("subject", "seed"), list(zip(SUBJECTS, (24, 10, 17, 11), strict=True)))
async def test_both_engines_count_what_plain_python_does(
    spark_database: Database,
    spark_session: Any,
    kafka: ApacheKafka,
    tmp_path: Path,
    database_url: str,
    subject: WindowSubject,
    seed: int,
    source: StreamSource,
) -> None:
    """Events out of order, late and ahead of the clock; a batch published twice; and the broker killed behind the second one."""
    need_source(spark_session, source)
    now = datetime.now(UTC)
    batches = decided([batch for batch in draw_batches(seed, subject, now) if batch], now)
    assert len(batches) > 3, "choose another seed"
    settings = spark_settings(kafka.address, database_url, tmp_path)
    streaming = Streaming(spark_database, settings, spark_session, tmp_path / "places", subject, source)
    consuming = Consuming(spark_database, settings, subject)
    await streaming.start()
    try:
        for number, batch in enumerate(batches):
            for _ in range(2 if number == 2 else 1):
                await in_spite_of_all(partial(published, spark_database, settings, batch))
            if number == 1:
                await asyncio.to_thread(kafka.kill)
                await asyncio.to_thread(kafka.start)
            await streaming.catch_up()
            await consuming.catch_up()
    finally:
        await streaming.stop()
    expected = plain_windows(batches, TERMS.width_seconds, TERMS.lateness_seconds, now)
    assert expected.late, "choose another seed"
    assert await stored_windows(spark_database, "postgresql", subject) == expected.windows
    assert await stored_windows(spark_database, "spark", subject) == expected.windows


@pytest.mark.parametrize("source", get_args(StreamSource))
async def test_a_stream_reads_by_tls_with_an_account(
    spark_database: Database,
    spark_session: Any,
    kafka: ApacheKafka,
    tmp_path: Path,
    database_url: str,
    source: StreamSource,
) -> None:
    """With the rights that docs/spec/event-bus.md names; passwords and certificates reach the executors."""
    need_source(spark_session, source)
    account = {
        "kafka_servers": (f"127.0.0.1:{kafka.tls_port}",),
        "kafka_security": "sasl_ssl",
        "kafka_username": USERNAME,
        "kafka_password": PASSWORD,
        "kafka_ca_file": str(kafka.certificate),
    }
    settings = spark_settings(kafka.address, database_url, tmp_path, **account)
    await allow(kafka, settings.event_prefix, *RIGHTS)
    now = datetime.now(UTC)
    batches = decided([batch for batch in draw_batches(17, "behaviour", now) if batch], now)
    streaming = Streaming(spark_database, settings, spark_session, tmp_path / "places", "behaviour", source)
    await streaming.start()
    try:
        for batch in batches:
            await publish(spark_database, settings, batch)
            await streaming.catch_up()
    finally:
        await streaming.stop()
    expected = plain_windows(batches, TERMS.width_seconds, TERMS.lateness_seconds, now)
    assert await stored_windows(spark_database, "spark", "behaviour") == expected.windows


async def test_a_topic_that_was_made_anew_is_read_from_its_beginning(
    spark_database: Database, spark_session: Any, kafka: ApacheKafka, tmp_path: Path, database_url: str
) -> None:
    """Where it is shorter than what had been read of the former one."""
    now = datetime.now(UTC)
    many, few = tens(now, 0, 40), tens(now, 40, 44)
    settings = spark_settings(kafka.address, database_url, tmp_path)
    streaming = Streaming(spark_database, settings, spark_session, tmp_path / "places", "behaviour")
    await streaming.start()
    try:
        await publish(spark_database, settings, many)
        await streaming.catch_up()
        async with administrator(kafka) as admin:
            await admin.delete_topics([settings.event_prefix + topic for topic in TOPICS])
        await in_spite_of_all(partial(published, spark_database, settings, few))
        await streaming.catch_up()
    finally:
        await streaming.stop()
    expected = plain_windows([many, few], TERMS.width_seconds, TERMS.lateness_seconds, now)
    assert await stored_windows(spark_database, "spark", "behaviour") == expected.windows


@pytest.mark.parametrize("source", get_args(StreamSource))
async def test_a_stream_passes_over_what_the_broker_has_let_go_of(
    spark_database: Database,
    spark_session: Any,
    kafka: ApacheKafka,
    tmp_path: Path,
    database_url: str,
    source: StreamSource,
) -> None:
    need_source(spark_session, source)
    now = datetime.now(UTC)
    first, gone, last = tens(now, 0, 10), tens(now, 10, 30), tens(now, 30, 40)
    settings = spark_settings(kafka.address, database_url, tmp_path)
    for batch in (first, last):
        streaming = Streaming(spark_database, settings, spark_session, tmp_path / "places", "behaviour", source)
        await streaming.start()
        try:
            await publish(spark_database, settings, batch)
            await streaming.catch_up()
        finally:
            await streaming.stop()
        if batch is first:
            await publish(spark_database, settings, gone)
            await let_go(spark_database, kafka, settings)
    expected = plain_windows([first, last], TERMS.width_seconds, TERMS.lateness_seconds, now)
    assert await stored_windows(spark_database, "spark", "behaviour") == expected.windows


def tens(now: datetime, first: int, last: int) -> list[Event]:
    """An event every ten seconds; of the numbers here, none is late."""
    begin = now - timedelta(hours=1)
    return [view(begin + timedelta(seconds=10 * number), number % 3) for number in range(first, last)]


async def let_go(database: Database, kafka: ApacheKafka, settings: Settings) -> None:
    """Have the broker forget what it has."""
    async with opened_bus(settings, database) as bus:
        waiting = await in_spite_of_all(partial(bus.lag, "of nobody", "user-behavior"))
    topic = settings.event_prefix + "user-behavior"
    async with administrator(kafka) as admin:
        ends = {TopicPartition(topic, each.partition): RecordsToDelete(each.waiting) for each in waiting}
        await admin.delete_records(ends)


def need_source(session: Any, source: StreamSource) -> None:
    """Skip what reads by Spark's own connector where there is none."""
    if source != "python" and source_of(session) != source:
        pytest.skip("Spark's own connector is fetched by `make test-spark-connector`")


class Consuming:
    """A consumer of the bus that counts windows, as a worker's does."""

    def __init__(self, database: Database, settings: Settings, subject: WindowSubject) -> None:
        self._database = database
        self._settings = msgspec.structs.replace(settings, analytics_engine="duckdb")
        (self._group,) = [group for group in window_groups(self._settings) if group.name == GROUP_OF[subject]]

    async def catch_up(self) -> None:
        """Until nothing waits."""
        meters = BusMeters(Registry())
        async with opened_bus(self._settings, self._database) as bus:
            consumer = await in_spite_of_all(lambda: bus.consumer(self._group.name, self._group.topic))

            async def is_done() -> bool:
                try:
                    await consume_next(self._database, consumer, self._group, meters, wait_seconds=0.1)
                    lag = await bus.lag(self._group.name, self._group.topic)
                except Unavailable:
                    with suppress(Unavailable):
                        await consumer.forget()
                    return False
                return not sum(each.waiting for each in lag)

            await until(is_done, "nothing waits")
            await consumer.close()


async def published(database: Database, settings: Settings, batch: Sequence[Event]) -> bool:
    """Publish in spite of a broker that has just come back; what is told twice by it counts once."""
    await publish(database, settings, batch)
    return True


def decided(batches: Batches, now: datetime) -> Batches:
    """Without events that are late or not by how a batch happens to be divided: that of either engine is its own."""
    latest_us, lateness_us = to_micros(now) + AHEAD_US, TERMS.lateness_seconds * 1_000_000
    newest_us, kept = 0, []
    for batch in batches:
        at = {event.id: moment.at_us for event in batch if (moment := moment_of(event)) is not None}
        before_us = newest_us
        newest_us = max([newest_us, *(at_us for at_us in at.values() if at_us <= latest_us)])

        def is_decided(event: Event, at: Any = at, before_us: int = before_us, newest_us: int = newest_us) -> bool:
            ends_us: int = at.get(event.id, latest_us) // TERMS.width_us * TERMS.width_us + TERMS.width_us
            return ends_us > newest_us - lateness_us or ends_us <= before_us - lateness_us

        kept.append([event for event in batch if is_decided(event)])
    return [batch for batch in kept if batch]
