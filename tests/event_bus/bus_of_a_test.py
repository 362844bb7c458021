"""A bus of a test's own on the session's servers, and what is told to it and read from it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import msgspec

from quote_service.platform.event_bus.model.bus import EventBus, EventConsumer
from quote_service.platform.event_bus.model.events import Event, Topic
from quote_service.platform.event_bus.operations.bus_meters import BusMeters
from quote_service.platform.event_bus.operations.consume import consume_next
from quote_service.platform.event_bus.operations.handle_batch import Group
from quote_service.platform.event_bus.operations.open_bus import opened_bus
from quote_service.platform.event_bus.operations.publish_to_bus import publish_many_to_bus, publish_to_bus
from quote_service.platform.event_bus.operations.relay_outbox import relay_outbox
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.telemetry.registry import Registry
from tests.conftest import eventually

GROUP = "behaviour"
TOPIC: Topic = "user-behavior"


class Ledger:
    """A consumer's effect that can be counted: one row for each event, each time."""

    def __init__(self) -> None:
        self.poison: set[str] = set()
        self.seen: list[Event] = []
        self.on_batch: Callable[[Sequence[Event]], None] = lambda _: None

    async def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        self.on_batch(events)
        self.seen += events
        for event in events:
            await connection.execute("INSERT INTO effects (event_id, key, data) VALUES ($1, $2, $3)", *_row(event))
            if event.key in self.poison:
                raise ValueError(f"{event.key} is poison")


class Bus:
    """A database, the bus that its settings name, and a group whose effects are rows."""

    def __init__(self, database: Database, settings: Settings, bus: EventBus) -> None:
        self.database = database
        self.settings = settings
        self.bus = bus
        self.ledger = Ledger()
        self.meters = BusMeters(Registry())

    def group(self, **fields: Any) -> Group:
        made = Group(GROUP, TOPIC, self.ledger.handle, self.settings.event_attempts, self.settings.event_keep_days)
        return made._replace(**fields)

    async def publish(self, *keys: str, data: Any = None) -> None:
        """One event for each key, in one transaction."""
        text = msgspec.json.encode({"n": 1} if data is None else data)
        async with self.database.transaction() as connection:
            await publish_many_to_bus(connection, TOPIC, "behaviour.counted", [(key, text) for key in keys])

    async def publish_numbers(self, key: str, first: int, last: int) -> None:
        async with self.database.transaction() as connection:
            for number in range(first, last + 1):
                await publish_to_bus(connection, TOPIC, key, "behaviour.counted", b'{"n": %d}' % number)

    async def relay(self) -> int:
        """Publish all that waits."""
        total = 0
        while count := await relay_outbox(self.database, self.bus, self.meters):
            total += count
        return total

    async def outbox(self) -> int:
        async with self.database.read() as connection:
            return int(await connection.fetchval("SELECT count(*) FROM event_outbox"))

    async def effects(self) -> list[tuple[str, Any]]:
        """Key and data of each effect, in the order in which they came about."""
        async with self.database.read() as connection:
            rows = await connection.fetch("SELECT key, data::text FROM effects ORDER BY place")
        return [(row["key"], msgspec.json.decode(row["data"])) for row in rows]

    async def letters(self) -> list[Any]:
        async with self.database.read() as connection:
            return list(await connection.fetch("SELECT * FROM event_dead_letters ORDER BY id"))

    async def turn(self, consumer: EventConsumer, group: Group | None = None) -> None:
        """One turn of a consumer, as its loop takes it."""
        try:
            await consume_next(self.database, consumer, group or self.group(), self.meters, wait_seconds=0.1)
        except Unavailable:
            with suppress(Unavailable):
                await consumer.forget()

    async def consume_until(self, consumer: EventConsumer, count: int, group: Group | None = None) -> None:
        """Consume until there are so many effects."""

        async def enough() -> bool:
            await self.turn(consumer, group)
            return len(await self.effects()) >= count

        await eventually(enough, f"{count} effects")

    async def drain(self, consumer: EventConsumer, group: Group | None = None) -> None:
        """Consume until nothing waits."""

        async def is_done() -> bool:
            await self.turn(consumer, group)
            return await self.lag() == 0

        await eventually(is_done, "no lag")

    async def lag(self) -> int:
        return sum(each.waiting for each in await self.bus.lag(GROUP, TOPIC))


@asynccontextmanager
async def bus_on(database: Database, settings: Settings) -> AsyncIterator[Bus]:
    async with opened_bus(settings, database) as opened:
        yield Bus(database, settings, opened)


async def in_spite_of_all(work: Callable[[], Any]) -> Any:
    """Do it until the server answers again."""
    done: list[Any] = []

    async def once() -> bool:
        with suppress(Unavailable):
            done.append(await work())
        return bool(done)

    await eventually(once, "the bus is back")
    return done[0]


def keys(count: int) -> list[str]:
    """Keys that no other test has."""
    return [str(uuid4()) for _ in range(count)]


def _row(event: Event) -> tuple[UUID, str, str]:
    return event.id, event.key, bytes(event.data).decode()
