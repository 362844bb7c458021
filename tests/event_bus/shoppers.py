"""Shoppers whose events are told, workers that count them, and what of both must be true whatever happens."""

from __future__ import annotations

import asyncio
import base64
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from quote_service.platform.event_bus.model.bus import Delivery
from quote_service.platform.event_bus.model.events import Event
from quote_service.platform.event_bus.operations.publish_to_bus import publish_to_bus
from quote_service.platform.settings import Settings
from quote_service.platform.system.crash_points import CrashPoint
from quote_service.platform.system.errors import Unavailable
from tests.conftest import eventually
from tests.event_bus.bus_of_a_test import TOPIC, Bus, in_spite_of_all, keys
from tests.fixtures.fork_server import Child, fork_server

POINTS: tuple[CrashPoint, ...] = ("after_event_published", "before_events_commit", "after_events_commit")
_MINUTE = "2026-03-01T10:00:00Z"
_NAMES = ("JWT", "SIGNING", "RECEIPT")
_KEYS = {f"QUOTE_{name}_KEYS": f"k1:{base64.b64encode(sha256(name.encode()).digest()).decode()}" for name in _NAMES}
_REPORTED = "SELECT key, count(*) FROM effects GROUP BY key"
_COUNTED = "SELECT product_id::text, sum(views)::bigint FROM product_behaviour_hours GROUP BY product_id"
#: What a worker does besides, and is not tested here.
_QUIET = {"QUOTE_WATCH": "off", "QUOTE_PRICE_DECISION_SECONDS": "0", "QUOTE_PRICE_LEARN_SECONDS": "0"}


class Shoppers:
    """Each product is seen once more with every event: one, two, three times, so that a sum says which were counted."""

    def __init__(self, bus: Bus, database_url: str, redis_url: str, folder: Path) -> None:
        self._bus = bus
        self._database_url = database_url
        self._redis_url = redis_url
        self._folder = folder
        self._products = dict.fromkeys(keys(24), 0)
        self._workers: list[Child] = []

    async def shop(self) -> None:
        """An event of each product, each in a transaction of its own, so that some are told though others are not.

        Beside the event is a row, for whoever loses PostgreSQL at the commit does not know whether it was told.
        """
        for product in self._products:
            async with self._bus.database.transaction() as connection:
                await connection.execute("INSERT INTO effects (event_id, key) VALUES (gen_random_uuid(), $1)", product)
                number = await connection.fetchval("SELECT count(*) FROM effects WHERE key = $1", product)
                data = msgspec.json.encode({"product_id": product, "minute": _MINUTE, "views": number})
                await publish_to_bus(connection, TOPIC, product, "behaviour.counted", data)

    async def keep_shopping(self) -> None:
        """Shop as long as PostgreSQL lets one, until it is enough."""
        with suppress(Unavailable):
            while True:
                await self.shop()

    async def start_worker(self, crash_at: str = "") -> Child:
        """A worker, with a bus and a database as this one."""
        settings = self._bus.settings
        environment = {
            "DATABASE_URL": self._database_url,
            "REDIS_URL": self._redis_url,
            "QUOTE_EVENT_REDIS_URL": settings.redis_url,
            "QUOTE_EVENT_BUS": settings.event_bus,
            "QUOTE_EVENT_PREFIX": settings.event_prefix,
            "QUOTE_DATABASE_TIMEOUT_MS": "2000",
            **_KEYS,
            **_kafka(settings),
            **_QUIET,
        }
        log = self._folder / f"events-{uuid4().hex[:8]}.log"
        started = partial(fork_server().start, ["worker"], log, environment, crash_at=crash_at)
        self._workers.append(await asyncio.to_thread(started))
        return self._workers[-1]

    def end_workers(self) -> None:
        """Kill those that are left."""
        for worker in self._workers:
            worker.kill()

    async def a_worker_waits_for_a_lock(self) -> bool:
        """Whether a transaction that counts is held up."""
        async with self._bus.database.read() as connection:
            waiting = await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%product_behaviour_hours%'"
                " AND pid <> pg_backend_pid() AND query NOT LIKE 'LOCK%'"
            )
        return bool(waiting)

    async def until_counted(self) -> None:
        """Return once every event that was told has its effect, and nothing waits anywhere."""
        reported = await in_spite_of_all(partial(self._numbers, _REPORTED))
        wanted = {product: number * (number + 1) // 2 for product, number in reported.items()}

        state = "nothing answered"

        async def is_counted() -> bool:
            nonlocal state
            assert any(worker.poll() is None for worker in self._workers), self._workers[-1].output()
            with suppress(Unavailable):
                counted = await self._numbers(_COUNTED)
                for product, views in counted.items():
                    assert views <= wanted[product], "counted twice"
                missing = sum(wanted.values()) - sum(counted.values())
                outbox, lag = await self._bus.outbox(), await self._bus.lag()
                state = f"{missing} views are missing, {outbox} events wait in the outbox and {lag} behind the group"
                return counted == wanted and outbox == lag == 0
            return False

        try:
            await eventually(is_counted, "everything is counted")
        except pytest.fail.Exception as late:
            outputs = "\n\n".join(worker.output()[-6000:] for worker in self._workers)
            raise AssertionError(f"{late}: {state}\n{outputs}") from None

    async def published(self) -> list[Event]:
        """Everything that there is on the bus, as another program reads it."""
        consumer = await self._bus.bus.consumer(f"watcher-{uuid4().hex}", TOPIC)
        found: list[Event] = []
        reported = sum((await self._numbers(_REPORTED)).values())

        async def read() -> list[Delivery]:
            try:
                return await consumer.read(500, 0.5)
            except Unavailable:
                await consumer.forget()  # what it was given and has not seen comes again
                raise

        while len({event.id for event in found}) < reported:
            deliveries = await in_spite_of_all(read)
            found += [delivery.event for delivery in deliveries if delivery.event is not None]
        await consumer.close()
        return found

    async def judge(self, published: Sequence[Event]) -> None:
        """Events of a product were published in their order; one that came again may have done so later."""
        numbers: dict[str, list[int]] = defaultdict(list)
        for event in {event.id: event for event in reversed(published)}.values():
            numbers[event.key].append(msgspec.json.decode(event.data)["views"])
        assert {product: numbers[product][::-1] for product in numbers} == {
            product: list(range(1, reported + 1)) for product, reported in (await self._numbers(_REPORTED)).items()
        }

    async def _numbers(self, statement: str) -> dict[str, int]:
        async with self._bus.database.read() as connection:
            return {key: number for key, number in await connection.fetch(statement) if key in self._products}


def _kafka(settings: Settings) -> dict[str, str]:
    if settings.event_bus != "kafka":
        return {}
    names = ("security", "sasl_mechanism", "username", "password", "ca_file")
    fields = {f"QUOTE_KAFKA_{name.upper()}": getattr(settings, f"kafka_{name}") for name in names}
    return {**fields, "QUOTE_KAFKA_SERVERS": ",".join(settings.kafka_servers)}
