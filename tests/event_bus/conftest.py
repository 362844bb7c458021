"""A bus of each kind, with names that no other test has, over a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from quote_service.platform.event_bus.operations.open_bus import opened_bus
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from tests.event_bus.apache_broker import ApacheKafka, need_apache_kafka
from tests.event_bus.broker import Broker
from tests.event_bus.bus_of_a_test import Bus

EFFECTS = "CREATE TABLE IF NOT EXISTS effects (place bigserial, event_id uuid NOT NULL, key text, data json)"


@pytest.fixture(scope="session")
def broker(server_folder: Path) -> Iterator[Broker]:
    """The session's broker. Shared: a test that kills one starts one of its own."""
    pytest.importorskip("noida_db", reason="noida-db, a broker that speaks Kafka's protocol, is for Linux")
    started = Broker(server_folder / "kafka")
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def apache_kafka(server_folder: Path) -> Iterator[ApacheKafka]:
    """The session's Apache Kafka, where `make test-kafka` has fetched it. Shared, as the other."""
    need_apache_kafka()
    started = ApacheKafka(server_folder / "apache-kafka")
    started.start()
    yield started
    started.kill()


#: The fixture of each kind of server.
BROKERS = {"kafka": "broker", "apache_kafka": "apache_kafka"}


@pytest.fixture(
    params=["redis", "kafka", pytest.param("apache_kafka", marks=pytest.mark.long("Apache Kafka, which starts for it"))]
)
def bus_settings(request: pytest.FixtureRequest, redis_url: str) -> Settings:
    """Names of a test's own, on the session's server of this kind."""
    prefix = f"t{uuid4().hex}-"
    if request.param == "redis":
        return Settings(redis_url=redis_url, event_prefix=prefix)
    servers = (request.getfixturevalue(BROKERS[request.param]).address,)
    return Settings(redis_url=redis_url, event_bus="kafka", kafka_servers=servers, event_prefix=prefix)


@pytest.fixture
async def empty(database: Database) -> None:
    """Tables in which no other test has anything, and one for effects."""
    async with database.transaction() as connection:
        await connection.execute(EFFECTS)
        tables = (
            "effects, event_outbox, event_handled, event_dead_letters, event_leases, event_consumers, event_replays, "
            "event_bus_reach"
        )
        await connection.execute(f"TRUNCATE {tables}")


@pytest.fixture
async def bus(database: Database, bus_settings: Settings, empty: None) -> AsyncIterator[Bus]:
    async with opened_bus(bus_settings, database) as opened:
        yield Bus(database, bus_settings, opened)
