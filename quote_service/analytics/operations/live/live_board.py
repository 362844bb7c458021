"""Live figures of one process: read once, however many look at them.

Source: docs/spec/analytics.md#live-figures.
"""

import asyncio

from quote_service.analytics.operations.live.read_sales import read_sales
from quote_service.analytics.operations.live.sample_quotes import QuoteSamples
from quote_service.analytics.words.live import LiveOverview, LiveSales
from quote_service.postgres.pool import Database
from quote_service.settings import Settings
from quote_service.system.clock import now_us
from quote_service.system.errors import Unavailable
from quote_service.system.instants import SECOND_US, from_micros

_FIGURES_KEPT_US = 1 * SECOND_US
_SALES_KEPT_US = 5 * SECOND_US


class LiveBoard:
    """What is told of now."""

    __slots__ = ("_at_us", "_database", "_figures", "_reading", "_sales", "_sales_at_us", "_settings", "samples")

    def __init__(self, samples: QuoteSamples, database: Database, settings: Settings) -> None:
        self.samples = samples
        self._database = database
        self._settings = settings
        self._reading = asyncio.Lock()
        self._figures: LiveOverview | None = None
        self._sales: LiveSales | None = None
        self._at_us = self._sales_at_us = 0

    async def figures(self) -> LiveOverview:
        """The figures of now; the same ones to all who ask within a second."""
        async with self._reading:
            at_us = now_us()
            if self._figures is None or at_us - self._at_us >= _FIGURES_KEPT_US:
                sales = await self._todays_sales(at_us)
                self._figures = LiveOverview(at=from_micros(at_us), quotes=self.samples.figures(), sales=sales)
                self._at_us = at_us
            return self._figures

    async def _todays_sales(self, at_us: int) -> LiveSales | None:
        if at_us - self._sales_at_us >= _SALES_KEPT_US:
            try:
                self._sales = await read_sales(self._database, self._settings, from_micros(at_us))
            except Unavailable:
                self._sales = None
            self._sales_at_us = at_us
        return self._sales
