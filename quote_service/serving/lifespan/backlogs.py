"""How old what waits in each queue of the background processes is: one figure, a label a queue.

Source: docs/spec/operations.md#metrics.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.telemetry.registry import Labels
from quote_service.shop.catalog.operations.measure_waiting import imports_wait, price_changes_wait
from quote_service.shop.reservations.operations.find_reservation import reservations_wait
from quote_service.steering.replay.operations.measure_waiting import replays_wait

_QUEUES: Final[dict[str, Callable[[Connection], Awaitable[float]]]] = {
    "imports": imports_wait,
    "price_changes": price_changes_wait,
    "replays": replays_wait,
    "reservations": reservations_wait,
}


async def measure_backlogs(database: Database) -> Iterable[tuple[Labels, float]]:
    """How long the oldest of each queue has waited, or been due.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        return [({"queue": name}, await waits(connection)) for name, waits in _QUEUES.items()]
