"""Measure how far groups are behind, and what waits or was given up.

Source: docs/spec/event-bus.md#lag; docs/spec/event-bus.md#figures.
"""

from collections.abc import Iterable, Sequence

from quote_service.platform.event_bus.model.bus import EventBus, PartitionLag
from quote_service.platform.event_bus.model.events import Topic
from quote_service.platform.event_bus.model.groups import GROUPS, RELAY, groups_of
from quote_service.platform.event_bus.model.status import BusStatus, DeadLetterCount, GroupPosition, OutboxStatus
from quote_service.platform.event_bus.tables.dead_letters import count_by_group
from quote_service.platform.event_bus.tables.outbox import count_waiting
from quote_service.platform.event_bus.tables.reach import note_reach, read_reach
from quote_service.platform.event_bus.tables.replays import read_positions, write_positions
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.instants import to_micros
from quote_service.platform.telemetry.registry import Labels


async def measure_lag(database: Database, bus: EventBus, settings: Settings) -> None:
    """Ask the bus how far each group is that is read for, and write it down; or that it gave no answer.

    Raises:
        Unavailable: PostgreSQL or the bus gave no answer.
    """
    found: dict[tuple[str, Topic], Sequence[PartitionLag]] = {}
    away: Unavailable | None = None
    try:
        for group, topic in groups_of(settings).items():
            found[group, topic] = await bus.lag(group, topic)
    except Unavailable as failure:
        away = failure
    async with database.read() as connection:
        if away is None:
            await write_positions(connection, found)
        await note_reach(connection, None if away is None else away.detail)
    if away is not None:
        raise away


async def check_bus(database: Database) -> str | None:
    """For readiness: return when the bus has answered whoever asked it last, with a warning where nobody asks any more.

    Raises:
        Unavailable: It has not, or PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        reach = await read_reach(connection)
    if reach.state == "away":
        raise Unavailable(reach.detail or "The event bus cannot be reached")
    is_forgotten = reach.state == "unknown" and reach.checked_at is not None
    return "nobody has asked it for a minute" if is_forgotten else None


async def read_status(connection: Connection, settings: Settings) -> BusStatus:
    """How the bus fares, as far as PostgreSQL knows."""
    waiting = await count_waiting(connection)
    letters = await count_by_group(connection)
    return BusStatus(
        bus=settings.event_bus,
        reach=await read_reach(connection),
        outbox=OutboxStatus(waiting=waiting.events, oldest_seconds=round(waiting.oldest_seconds, 3)),
        groups=await read_positions(connection),
        dead_letters=[
            DeadLetterCount(group, letters.get((group, "retrying"), 0), letters.get((group, "dead"), 0))
            for group in (*GROUPS, RELAY)
        ],
    )


async def measure_outbox(database: Database) -> Iterable[tuple[Labels, float]]:
    """Events that wait to be published.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        return [({}, float((await count_waiting(connection, limit=100_000)).events))]


async def measure_outbox_age(database: Database) -> Iterable[tuple[Labels, float]]:
    """How long the oldest of them has waited.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        return [({}, (await count_waiting(connection, limit=1)).oldest_seconds)]


async def measure_waiting(database: Database) -> Iterable[tuple[Labels, float]]:
    """Events that a group has not handled.

    Raises:
        Unavailable: As above.
    """
    positions = await _positions(database)
    return [
        (
            {"group": group, "topic": topic},
            float(sum(each.waiting for each in positions if each.consumer_group == group)),
        )
        for group, topic in GROUPS.items()
    ]


async def measure_age(database: Database) -> Iterable[tuple[Labels, float]]:
    """How long the oldest of them has waited; it grows while nobody measures.

    Raises:
        Unavailable: As above.
    """
    positions = await _positions(database)
    return [({"group": group, "topic": topic}, _age(positions, group)) for group, topic in GROUPS.items()]


async def measure_dead_letters(database: Database) -> Iterable[tuple[Labels, float]]:
    """Dead letters by group and state.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        counts = await count_by_group(connection)
    return [
        ({"group": group, "state": state}, float(counts.get((group, state), 0)))
        for group in (*GROUPS, RELAY)
        for state in ("retrying", "dead")
    ]


async def _positions(database: Database) -> list[GroupPosition]:
    async with database.read() as connection:
        return await read_positions(connection)


def _age(positions: list[GroupPosition], group: str) -> float:
    oldest = [each.oldest_at for each in positions if each.consumer_group == group and each.oldest_at is not None]
    return max((now_us() - to_micros(min(oldest))) / 1_000_000, 0.0) if oldest else 0.0


EVENT_FIGURES = (
    ("quote_event_outbox", "Events that wait to be published, counted up to 100,000", measure_outbox),
    ("quote_event_outbox_seconds", "How long the oldest event that waits to be published has", measure_outbox_age),
    ("quote_event_lag", "Events that a consumer group has not handled", measure_waiting),
    ("quote_event_lag_seconds", "How long the oldest event that a group has not handled has waited", measure_age),
    ("quote_event_dead_letters", "Events that could not be handled, by group and state", measure_dead_letters),
)
