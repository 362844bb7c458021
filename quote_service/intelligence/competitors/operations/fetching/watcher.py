"""Fetch what is due, hosts side by side and each by itself one after the other, until asked to stop; any number of processes may.

Source: docs/spec/competitors.md#politeness.
"""

import asyncio
from contextlib import suppress
from uuid import UUID

import structlog

from quote_service.intelligence.competitors.model.outcomes import OUTCOMES
from quote_service.intelligence.competitors.operations.fetching.fetch_source import SourceFetcher
from quote_service.intelligence.competitors.operations.fetching.watch_terms import WatchTerms
from quote_service.intelligence.competitors.tables.lanes import DueSource, claim_due
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled, end_tasks
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.errors import QuoteServiceError, Unavailable
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.traces import work_span
from quote_service.platform.telemetry.registry import Registry

LANES_AT_ONCE = 16
POLL_SECONDS = 1.0
# A page behind five redirects, each with its robots.txt; and reading it, when the process that does is new.
_REQUESTS_MAX = 12
_MARGIN_SECONDS = 90.0

_log = structlog.get_logger(__name__)


class WatchMeters:
    """What watchers count."""

    def __init__(self, registry: Registry) -> None:
        """Register the counters."""
        meaning = "Fetches of competitors' sources"
        self.fetches = {
            outcome: registry.counter("quote_competitor_fetches_total", meaning, {"outcome": outcome})
            for outcome in OUTCOMES
        }


class Watcher:
    """The fetches that this process has under way."""

    def __init__(
        self,
        database: Database,
        fetcher: SourceFetcher,
        terms: WatchTerms,
        meters: WatchMeters,
        *,
        poll_seconds: float = POLL_SECONDS,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._terms = terms
        self._meters = meters
        self._poll_seconds = poll_seconds
        self._pause = pause
        self._under_way: set[asyncio.Task[None]] = set()
        self._is_away = False

    async def run(self) -> None:
        """Fetch for as long as the process runs; never returns. What is under way at its end is due again later."""
        try:
            while True:
                end_if_cancelled()
                await self._begin_due()
                await self._wait()
        finally:
            await end_tasks(self._under_way)

    async def _begin_due(self) -> None:
        room = LANES_AT_ONCE - len(self._under_way)
        if not room:
            return
        try:
            async with self._database.transaction() as connection:
                taken = await claim_due(
                    connection,
                    UUID(new_id()),
                    lanes=room,
                    seconds=_REQUESTS_MAX * self._terms.timeout_seconds + _MARGIN_SECONDS,
                    pace_seconds=self._terms.pace.seconds,
                    burst=self._terms.pace.burst,
                )
            self._is_away = False
        except Unavailable as failure:
            if not self._is_away:
                _log.warning("competitors_not_watched", reason=failure.detail)
            self._is_away = True
            return
        for due in taken:
            task = asyncio.create_task(self._fetch(due), name=f"source {due.id}")
            self._under_way.add(task)
            task.add_done_callback(self._forget)

    async def _wait(self) -> None:
        if not self._under_way:
            await self._pause(self._poll_seconds)
            return
        with suppress(TimeoutError):
            await asyncio.wait(self._under_way, timeout=self._poll_seconds, return_when=asyncio.FIRST_COMPLETED)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            # A mistake of ours, in one source: it is due again when its claim is over, and the others go on.
            _log.error("source_not_fetched", exc_info=failure)

    async def _fetch(self, due: DueSource) -> None:
        with work_span("fetch competitor source") as span:
            span.worked()
            try:
                outcome = await self._fetcher.fetch(due)
            except QuoteServiceError as failure:  # PostgreSQL is unavailable, or the source was deleted meanwhile
                _log.warning("source_not_written", source_id=str(due.id), reason=failure.detail)
                return
            span.worked(**{"quote.outcome": outcome})
        self._meters.fetches[outcome].add()
        if outcome not in ("ok", "not_modified"):
            _log.info("source_failed", source_id=str(due.id), outcome=outcome)
