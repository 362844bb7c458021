"""Apache Kafka by TLS and SCRAM, as where others are on the network; source: docs/spec/event-bus.md#kafka."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Unavailable
from tests.event_bus.apache_administration import RIGHTS, allow
from tests.event_bus.apache_broker import PASSWORD, USERNAME, ApacheKafka
from tests.event_bus.bus_of_a_test import bus_on, keys
from tests.event_bus.shoppers import Shoppers
from tests.fixtures.certificate import signed_by_itself

pytestmark = [pytest.mark.usefixtures("empty"), pytest.mark.long("Apache Kafka, which starts for it")]


@pytest.fixture
async def settings(apache_kafka: ApacheKafka) -> Settings:
    prefix = f"t{uuid4().hex}-"
    await allow(apache_kafka, prefix, *RIGHTS)
    return Settings(
        event_bus="kafka",
        kafka_servers=(f"127.0.0.1:{apache_kafka.tls_port}",),
        kafka_security="sasl_ssl",
        kafka_username=USERNAME,
        kafka_password=PASSWORD,
        kafka_ca_file=str(apache_kafka.certificate),
        event_prefix=prefix,
    )


async def test_a_worker_publishes_and_counts(
    database: Database, database_url: str, redis_url: str, settings: Settings, server_folder: Path
) -> None:
    """The command itself, with the settings in its environment."""
    async with bus_on(database, settings) as bus:
        shoppers = Shoppers(bus, database_url, redis_url, server_folder)
        try:
            worker = await shoppers.start_worker()
            await shoppers.shop()
            await shoppers.until_counted()
            await shoppers.judge(await shoppers.published())
            assert PASSWORD not in worker.output()
        finally:
            await asyncio.to_thread(shoppers.end_workers)


@pytest.mark.parametrize("wrong", ["password", "certificate", "name", "no TLS", "mechanism"])
async def test_nothing_is_reported_to_a_stranger_or_by_one(
    database: Database, settings: Settings, apache_kafka: ApacheKafka, tmp_path: Path, wrong: str
) -> None:
    _, another = signed_by_itself("127.0.0.1")
    (tmp_path / "another.pem").write_bytes(another)
    changes: dict[str, dict[str, Any]] = {
        "password": {"kafka_password": "another"},
        "certificate": {"kafka_ca_file": str(tmp_path / "another.pem")},
        "name": {"kafka_servers": (f"localhost:{apache_kafka.tls_port}",)},
        "no TLS": {"kafka_security": "sasl_plaintext"},
        "mechanism": {"kafka_sasl_mechanism": "SCRAM-SHA-256"},
    }
    async with bus_on(database, msgspec.structs.replace(settings, **changes[wrong])) as bus:
        await bus.publish(*keys(2))
        with pytest.raises(Unavailable):
            await bus.relay()
        assert await bus.outbox() == 2
    async with bus_on(database, settings) as bus:
        assert await bus.relay() == 2
