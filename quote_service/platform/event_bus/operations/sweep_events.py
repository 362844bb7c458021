"""Let go of what is old: in the outbox, of the bus, notes of what was handled, dead letters.

Source: docs/spec/event-bus.md#retention.
"""

import structlog

from quote_service.platform.event_bus.model.bus import EventBus
from quote_service.platform.event_bus.operations.bus_meters import BusMeters
from quote_service.platform.event_bus.operations.handle_batch import DAY_MS
from quote_service.platform.event_bus.tables.dead_letters import forget_old
from quote_service.platform.event_bus.tables.handled import forget_handled
from quote_service.platform.event_bus.tables.outbox import drop_old
from quote_service.platform.event_bus.tables.replays import forget_done
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us

ROWS_AT_ONCE = 5000

_log = structlog.get_logger(__name__)


async def sweep_events(
    database: Database, bus: EventBus, settings: Settings, meters: BusMeters, *, limit: int = ROWS_AT_ONCE
) -> bool:
    """Sweep a little; whether there may be more.

    Raises:
        Unavailable: PostgreSQL or the bus gave no answer.
    """
    keep_days = settings.event_keep_days
    async with database.transaction() as connection:
        dropped = await drop_old(connection, keep_days, settings.event_outbox_max, limit)
    if dropped:
        meters.dropped.add(dropped)
        _log.error("events_dropped", events=dropped, reason="the bus has been unavailable for too long")
    async with database.transaction() as connection:
        # A day longer than events are handled for: clocks differ, and none of them by so much.
        handled = await forget_handled(connection, now_us() // 1000 - (keep_days + 1) * DAY_MS, limit)
        letters = await forget_old(connection, settings.event_dead_letter_days, limit)
        await forget_done(connection)
    await bus.trim(keep_days)
    return max(dropped, handled, letters) >= limit
