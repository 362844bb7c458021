"""Run Spark's stream of windows: all subjects in one process, which holds the stream by a lease while it is at it.

Killed anywhere, the next process goes on from the checkpoints. A batch that was not finished is done again, and writes the same
whole windows once more.

Source: docs/spec/market-analysis.md#spark.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import structlog

from quote_service.intelligence.market_analysis.model.windows.subjects import (
    GROUP_OF,
    SUBJECTS,
    TOPIC_OF,
    WindowSubject,
)
from quote_service.intelligence.market_analysis.operations.count_windows import terms_of_windows
from quote_service.intelligence.market_analysis.operations.engines.engine import Patience
from quote_service.intelligence.market_analysis.operations.engines.spark_engine import fault_of, open_session, reason_of
from quote_service.intelligence.market_analysis.operations.engines.spark_windows import (
    StreamTerms,
    batch_figures,
    source_of,
    start_windows,
)
from quote_service.intelligence.market_analysis.tables.streams import (
    STREAM_LEASE_SECONDS,
    hold_stream,
    keep_stream,
    leave_stream,
)
from quote_service.intelligence.market_analysis.tables.window_marks import BatchFigures, move_newest, note_batch
from quote_service.intelligence.market_analysis.tables.windows import CountedWindow, replace_windows
from quote_service.platform.event_bus.operations.open_bus import opened_bus
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.cancellation import end_tasks
from quote_service.platform.system.errors import QuoteServiceError, Unavailable
from quote_service.platform.system.new_ids import new_id

_LOOK_SECONDS: Final = 1.0
_ROWS_AT_ONCE: Final = 10_000
#: Failures of a query one after the other, without a batch that was done: after them another process begins again.
FAILURES_MAX: Final = 10
_PAUSE_SECONDS_MAX: Final = 60.0
#: Where checkpoints lie in QUOTE_ANALYSIS_DIR.
_FOLDER: Final = "windows"

_log = structlog.get_logger(__name__)


class StreamLost(Exception):
    """The stream is another process's by now, which this one was too slow to keep."""


class StreamFailed(Exception):
    """A query of Spark has ended; says why."""


def stream_refusal(settings: Settings) -> str:
    """Why no stream can be run with these settings; empty where one can."""
    if settings.analytics_engine != "spark":
        return "QUOTE_ANALYTICS_ENGINE is not spark: `quote-service worker` counts windows by itself"
    if settings.event_bus != "kafka":
        return "QUOTE_EVENT_BUS must be kafka: Spark reads no Redis"
    if not settings.kafka_servers:
        return "QUOTE_KAFKA_SERVERS is required"
    if not settings.market_window_seconds:
        return "QUOTE_MARKET_WINDOW_SECONDS is 0: no windows are counted"
    if not settings.analysis_dir:
        return "QUOTE_ANALYSIS_DIR is required: the stream keeps its place there, and would lose it with a temporary folder"
    return ""


async def run_market_stream(database: Database, settings: Settings, stopped: asyncio.Event) -> None:
    """Count until it is to stop; waits while another process does.

    Args:
        database: Its statements may take seconds.
        settings: Of which `stream_refusal` says nothing.
        stopped: Ends it, after what is under way.

    Raises:
        NotInstalled, EngineFailed: Packages, or Java, are missing; or Spark does not start.
        StreamFailed: Spark gave up; the next process goes on from where it was.
        StreamLost, Unavailable: As they say.
    """
    async with opened_bus(settings, database) as bus:
        # Makes topics that are not there, and says at once when brokers cannot be reached.
        await (await bus.consumer(GROUP_OF["prices"], TOPIC_OF["prices"])).close()
    session = await asyncio.to_thread(_open_session, settings)
    try:
        await _hold_and_run(database, settings, session, stopped)
    finally:
        await asyncio.to_thread(session.stop)


async def _hold_and_run(database: Database, settings: Settings, session: Any, stopped: asyncio.Event) -> None:
    folder = Path(settings.analysis_dir) / _FOLDER
    terms = StreamTerms(settings, terms_of_windows(settings), folder, source_of(session))
    run = MarketStreamRun(database, session, terms)
    while not await run.hold():
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), _LOOK_SECONDS)
        if stopped.is_set():
            return
    detail = "its process ended"
    try:
        _log.info("market_stream_started", source=terms.source, folder=str(folder))
        while not stopped.is_set():
            await run.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), _LOOK_SECONDS)
        detail = ""
    except Exception as failure:
        detail = failure.detail if isinstance(failure, QuoteServiceError) else str(failure) or type(failure).__name__
        raise
    finally:
        await asyncio.to_thread(run.stop)
        with suppress(Unavailable, StreamLost):
            await run.leave(detail)


def _open_session(settings: Settings) -> Any:
    folder = Path(settings.analysis_dir)
    folder.mkdir(parents=True, exist_ok=True)
    terms = settings.analysis_memory_mb, settings.spark_master, settings.spark_partitions, settings.spark_packages
    return open_session(folder, *terms)


class MarketStreamRun:
    """The queries of all subjects in one session, and what they write.

    A query that fails, as while brokers are unavailable, is started again from its checkpoint; the others go on.
    """

    def __init__(
        self, database: Database, session: Any, terms: StreamTerms, subjects: tuple[WindowSubject, ...] = SUBJECTS
    ) -> None:
        self._database = database
        self._session = session
        self._terms = terms
        self._holder = UUID(new_id())
        self._loop = asyncio.get_running_loop()
        self._keeping: asyncio.Task[None] | None = None
        self._start_at: dict[WindowSubject, float] = dict.fromkeys(subjects, float("-inf"))
        self._failures: dict[WindowSubject, int] = dict.fromkeys(subjects, 0)
        self._patience = Patience()
        self.queries: dict[WindowSubject, Any] = {}

    async def hold(self) -> bool:
        """Become who runs the stream; False while another process does."""
        async with self._database.transaction() as connection:
            is_ours = await hold_stream(connection, self._holder, self._terms.source)
        if is_ours:
            self._keeping = asyncio.create_task(self._keep())
        return is_ours

    async def look(self) -> None:
        """Start queries that do not run, and note what batches came to.

        Raises:
            StreamFailed: A query has failed again and again; or a cluster gives nothing to work with.
            StreamLost: The lease is another process's.
            Unavailable: PostgreSQL gave no answer for as long as the lease holds.
        """
        if self._keeping is not None and self._keeping.done():
            self._keeping.result()
        fault = await asyncio.to_thread(fault_of, self._session)
        if self._patience.is_over(fault, self._loop.time()):
            raise StreamFailed(fault)
        for subject, start_at in self._start_at.items():
            query = self.queries.get(subject)
            if query is not None:
                failure = await self._failure_of(subject, query)
            elif self._loop.time() >= start_at:
                failure = await asyncio.to_thread(self._start, subject)
            else:
                continue
            if failure:
                self._note_failure(subject, failure)

    async def leave(self, detail: str) -> None:
        """Let another process go on at once; queries have been stopped."""
        if self._keeping is not None:
            await end_tasks((self._keeping,))
        for subject, query in self.queries.items():
            await self._failure_of(subject, query)
        async with self._database.transaction() as connection:
            await leave_stream(connection, self._holder, detail)

    def stop(self) -> None:
        """End all queries; what was not finished is done again by the next process."""
        for query in self.queries.values():
            query.stop()

    def _start(self, subject: WindowSubject) -> str:
        """Not on the loop, which queries write by; why it could not be started."""

        def write(rows: list[tuple[Any, ...]]) -> None:
            asyncio.run_coroutine_threadsafe(self._write(subject, rows), self._loop).result()

        try:
            self.queries[subject] = start_windows(self._session, self._terms, subject, write)
        except Exception as failure:  # noqa: BLE001 (whatever Spark says; it is told, and tried again)
            return reason_of(failure)
        return ""

    async def _failure_of(self, subject: WindowSubject, query: Any) -> str:
        """Note what its last batches came to; why it has ended."""
        reported, failure = await asyncio.to_thread(_progress_of, query)
        with suppress(Unavailable):
            async with self._database.transaction() as connection:
                for batch, figures in reported:
                    await note_batch(connection, subject, str(query.id), batch, figures)
        if reported:
            self._failures[subject] = 0
        return failure

    def _note_failure(self, subject: WindowSubject, failure: str) -> None:
        self.queries.pop(subject, None)
        self._failures[subject] += 1
        if self._failures[subject] > FAILURES_MAX:
            raise StreamFailed(f"{subject}: {failure}")
        self._start_at[subject] = self._loop.time() + min(2.0 ** self._failures[subject], _PAUSE_SECONDS_MAX)
        _log.warning("market_query_failed", subject=subject, reason=failure)

    async def _keep(self) -> None:
        """Keep the lease, however long a query takes to start; ends when it is lost."""
        kept_at = self._loop.time()
        while True:
            await asyncio.sleep(STREAM_LEASE_SECONDS / 5)
            try:
                async with self._database.transaction() as connection:
                    is_ours = await keep_stream(connection, self._holder)
            except Unavailable:
                if self._loop.time() - kept_at > STREAM_LEASE_SECONDS:
                    raise
                continue
            if not is_ours:
                raise StreamLost("another process runs the stream by now")
            kept_at = self._loop.time()

    async def _write(self, subject: WindowSubject, rows: list[tuple[Any, ...]]) -> None:
        windows = [CountedWindow(*row) for row in rows]
        for start in range(0, len(windows), _ROWS_AT_ONCE):
            async with self._database.transaction() as connection:
                await self._write_some(connection, subject, windows[start : start + _ROWS_AT_ONCE])

    async def _write_some(self, connection: Connection, subject: WindowSubject, windows: list[CountedWindow]) -> None:
        if not await keep_stream(connection, self._holder):
            raise StreamLost("another process runs the stream by now")
        await replace_windows(connection, subject, self._terms.windows, windows)
        await move_newest(connection, subject, max(one.newest_us for one in windows))


def _progress_of(query: Any) -> tuple[list[tuple[int, BatchFigures]], str]:
    """The figures of the query's last batches, and why it has ended."""
    reported = [(progress.batchId, batch_figures(progress)) for progress in query.recentProgress]
    if query.isActive:
        return reported, ""
    failure = query.exception()
    return reported, "it has ended" if failure is None else reason_of(failure)
