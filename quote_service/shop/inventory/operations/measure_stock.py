"""Measure what is the same whichever process is asked: how many items are short, and how many are too many.

Source: docs/spec/inventory.md#levels.
"""

from collections.abc import Iterable

from quote_service.platform.postgres.pool import Database
from quote_service.platform.telemetry.registry import Labels
from quote_service.shop.inventory.model.stock import Level
from quote_service.shop.inventory.tables.stock import count_of_level

_LEVELS: tuple[Level, ...] = ("low", "high")


async def measure_levels(database: Database) -> Iterable[tuple[Labels, float]]:
    """Products and variants by the level of their stock, without those at `normal`.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        return [({"level": level}, float(await count_of_level(connection, level))) for level in _LEVELS]
