"""Measure what is the same whichever process is asked: how many items are short, and how many are too many.

Source: docs/spec/inventory.md#levels.
"""

from collections.abc import Iterable

from quote_service.inventory.tables.stock import count_of_level
from quote_service.inventory.words.stock import Level
from quote_service.postgres.pool import Database
from quote_service.telemetry.registry import Labels

_LEVELS: tuple[Level, ...] = ("low", "high")


async def measure_levels(database: Database) -> Iterable[tuple[Labels, float]]:
    """Products and variants by the level of their stock, without those at `normal`.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        return [({"level": level}, float(await count_of_level(connection, level))) for level in _LEVELS]
