"""Spark's stream of one subject within this process, which is told when to look."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from quote_service.intelligence.market_analysis.model.windows.subjects import TOPIC_OF, WindowSubject
from quote_service.intelligence.market_analysis.operations.engines.spark_windows import StreamTerms
from quote_service.intelligence.market_analysis.operations.run_market_stream import MarketStreamRun
from quote_service.intelligence.market_analysis.tables.streams import StreamSource
from quote_service.platform.event_bus.operations.open_bus import opened_bus
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from tests.market_analysis.windows.random_events import TERMS


class Streaming:
    """One subject's query."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        session: Any,
        folder: Path,
        subject: WindowSubject,
        source: StreamSource = "python",
    ) -> None:
        terms = StreamTerms(settings, TERMS, folder, source, every_seconds=0)
        self.subject: WindowSubject = subject
        self._database = database
        self._settings = settings
        self._run = MarketStreamRun(database, session, terms, (subject,))

    async def start(self) -> None:
        async with opened_bus(self._settings, self._database) as bus:
            await bus.consumer("windows", TOPIC_OF[self.subject])  # makes the topics
        assert await self._run.hold()

    async def catch_up(self) -> None:
        """Until everything that is there has been counted, and the watermark has moved.

        Where this machine is too slow for Spark's own limits of time, the query is started again as in a worker.
        """
        deadline = time.monotonic() + 900
        while not await self._is_done():
            assert time.monotonic() < deadline, "not caught up"
            await self._run.look()
            await asyncio.sleep(0.1)
        await self._run.look()

    async def _is_done(self) -> bool:
        query = self._run.queries.get(self.subject)
        if query is None:
            return False
        work = asyncio.create_task(asyncio.to_thread(query.processAllAvailable))
        while not work.done():
            await self._run.look()
            await asyncio.wait((work,), timeout=0.2)
        return work.exception() is None

    async def stop(self) -> None:
        await asyncio.to_thread(self._run.stop)
        await self._run.leave("")
