"""Live figures of one process: read once, however many look at them.

Source: docs/spec/analytics.md#live-figures.
"""

import asyncio
from typing import TypeVar

from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.instants import SECOND_US, from_micros
from quote_service.steering.analytics.model.live import LiveOverview, LiveSales
from quote_service.steering.analytics.operations.live.read_sales import read_sales
from quote_service.steering.analytics.operations.live.sample_quotes import QuoteSamples

_FIGURES_KEPT_US = 1 * SECOND_US
_SALES_KEPT_US = 5 * SECOND_US
_ZONES_MAX = 32
Kept = TypeVar("Kept")


class LiveBoard:
    """What is told of now."""

    __slots__ = ("_database", "_figures", "_reading", "_sales", "_settings", "samples")

    def __init__(self, samples: QuoteSamples, database: Database, settings: Settings) -> None:
        self.samples = samples
        self._database = database
        self._settings = settings
        self._reading = asyncio.Lock()
        # By time zone, None for that of reports; the oldest are let go of.
        self._figures: dict[str | None, tuple[int, LiveOverview]] = {}
        self._sales: dict[str | None, tuple[int, LiveSales | None]] = {}

    async def figures(self, time_zone: str | None = None) -> LiveOverview:
        """The figures of now, of today by a time zone; the same ones to all who ask within a second."""
        async with self._reading:
            at_us = now_us()
            found = self._figures.get(time_zone)
            if found is None or at_us - found[0] >= _FIGURES_KEPT_US:
                sales = await self._todays_sales(at_us, time_zone)
                found = at_us, LiveOverview(at=from_micros(at_us), quotes=self.samples.figures(), sales=sales)
                _keep(self._figures, time_zone, found)
            return found[1]

    async def _todays_sales(self, at_us: int, time_zone: str | None) -> LiveSales | None:
        found = self._sales.get(time_zone)
        if found is None or at_us - found[0] >= _SALES_KEPT_US:
            try:
                sales = await read_sales(self._database, self._settings, from_micros(at_us), time_zone)
            except Unavailable:
                sales = None
            found = at_us, sales
            _keep(self._sales, time_zone, found)
        return found[1]


def _keep(kept: dict[str | None, Kept], time_zone: str | None, value: Kept) -> None:
    kept.pop(time_zone, None)
    kept[time_zone] = value
    if len(kept) > _ZONES_MAX:
        del kept[next(iter(kept))]
