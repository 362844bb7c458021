"""A server of the bus of each kind that a test may take down, and start again with what it had kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.settings import Settings
from tests.event_bus.apache_broker import ApacheKafka, need_apache_kafka
from tests.event_bus.broker import Broker


class Server(NamedTuple):
    """Valkey and Apache Kafka are killed; the quick broker, which forgets then, is asked to end."""

    settings: Settings
    kill: Callable[[], None]
    start: Callable[[], None]
    #: Whether it finds out that a member is gone which did not say so.
    misses_members: bool = True


@contextmanager
def _valkey(folder: Path) -> Iterator[Server]:
    with ValkeyServer(folder) as valkey:
        yield Server(Settings(redis_url=valkey.url, event_prefix=f"t{uuid4().hex}-"), valkey.kill, valkey.start)


@contextmanager
def _quick_broker(folder: Path) -> Iterator[Server]:
    pytest.importorskip("noida_db", reason="noida-db, a broker that speaks Kafka's protocol, is for Linux")
    broker = Broker(folder)
    broker.start()
    yield Server(_on_kafka(broker.address), broker.stop, broker.start, misses_members=False)
    broker.stop()


@contextmanager
def _apache_kafka(folder: Path) -> Iterator[Server]:
    need_apache_kafka()
    broker = ApacheKafka(folder)
    broker.start()
    yield Server(_on_kafka(broker.address), broker.kill, broker.start)
    broker.kill()


def _on_kafka(address: str) -> Settings:
    return Settings(event_bus="kafka", kafka_servers=(address,), event_prefix=f"t{uuid4().hex}-")


SERVERS: dict[str, Callable[[Path], AbstractContextManager[Server]]] = {
    "redis": _valkey,
    "kafka": _quick_broker,
    "apache_kafka": _apache_kafka,
}
