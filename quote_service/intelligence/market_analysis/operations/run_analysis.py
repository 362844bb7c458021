"""Work out the figures of the market, batch by batch; whatever ends it, the next run begins again.

Source: docs/spec/market-analysis.md#runs.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from quote_service.intelligence.market_analysis.model.calendar import Calendar, calendar_until, day_of_number
from quote_service.intelligence.market_analysis.model.runs import (
    HISTORY_DAYS,
    RECENT_DAYS,
    EngineName,
    Scope,
    input_days,
)
from quote_service.intelligence.market_analysis.model.transformations.analyse import analyse
from quote_service.intelligence.market_analysis.model.transformations.dataframes import Inputs
from quote_service.intelligence.market_analysis.model.transformations.volatility import VOLATILITY_COLUMNS
from quote_service.intelligence.market_analysis.model.variation import variation
from quote_service.intelligence.market_analysis.operations.engines.duckdb_engine import DuckDbEngine
from quote_service.intelligence.market_analysis.operations.engines.engine import Engine, EngineFailed, Patience
from quote_service.intelligence.market_analysis.operations.engines.spark_engine import SparkEngine
from quote_service.intelligence.market_analysis.operations.write_inputs import InputWriter
from quote_service.intelligence.market_analysis.tables import inputs, results, runs
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.cancellation import end_tasks
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError, Unavailable
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.new_ids import new_id

#: Transactions that began before a run and committed after it had looked are found by the next one.
OVERLAP: Final = timedelta(minutes=15)
#: A product's whole history has so many more rows than its last days.
_HISTORY_SHARE: Final = 8
_COUNT, _SUM, _SQUARES = (VOLATILITY_COLUMNS.index(name) for name in ("days", "sum", "squares"))

_log = structlog.get_logger(__name__)


class AnalysisTerms(NamedTuple):
    """What works it out, with how much memory, and by whose days."""

    zone: ZoneInfo
    engine: EngineName = "duckdb"
    memory_mb: int = 512
    spark_master: str = "local[*]"
    spark_partitions: int = 4
    #: Where Spark's executors read inputs too; a folder of its own in the system's otherwise.
    folder: Path | None = None


def terms_of_analysis(settings: Settings, zone: ZoneInfo) -> AnalysisTerms:
    """The terms that settings give."""
    return AnalysisTerms(
        zone,
        settings.analytics_engine,
        settings.analysis_memory_mb,
        settings.spark_master,
        settings.spark_partitions,
        Path(settings.analysis_dir) if settings.analysis_dir else None,
    )


class Analysed(NamedTuple):
    """What a run did; `run_id` is None where another one was at it."""

    run_id: UUID | None
    products: int = 0
    written: int = 0


class Lost(Exception):
    """The run was taken for dead, and is another process's by now."""


async def run_analysis(database: Database, terms: AnalysisTerms, scope: Scope, at_us: int | None = None) -> Analysed:
    """Work out products and write what comes of it.

    Args:
        database: Its statements may take minutes.
        terms: What works it out.
        scope: `changed`: of which something is new since the last run; `all`; or `whole`, with their whole history.
        at_us: Until when, in microseconds; until now unless given.

    Raises:
        NotInstalled: The engine's packages are missing.
        EngineFailed: A cluster gives it nothing to work with; the next run begins again.
        Unavailable: The database went away; so it does then.
    """
    run_id, at_us = UUID(new_id()), now_us() if at_us is None else at_us
    calendar = calendar_until(at_us, terms.zone, 1)
    async with database.transaction() as connection:
        last = await runs.last_runs(connection)
        if not await runs.begin_run(connection, run_id, scope, terms.engine, day_of_number(calendar.last)):
            return Analysed(None)
    run = _Run(database, terms, run_id, at_us)
    work = asyncio.create_task(run.work(scope, last.started_at))
    keeping = asyncio.create_task(_keep(database, run))
    try:
        await asyncio.wait((work, keeping), return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            keeping.result()
            raise Lost
        done = work.result()
        await _end(database, run_id, "done", "")
    except Lost:
        return Analysed(run_id)
    except BaseException as failure:
        await end_tasks((work, keeping))
        with suppress(Unavailable):
            messages = (
                failure.detail if isinstance(failure, QuoteServiceError) else str(failure) or type(failure).__name__
            )
            await _end(database, run_id, "failed", messages)
        raise
    finally:
        await end_tasks((work, keeping))
    return done


async def _end(database: Database, run_id: UUID, status: Any, detail: str) -> None:
    async with database.read() as connection:
        await runs.end_run(connection, run_id, status, detail)


async def _keep(database: Database, run: "_Run") -> None:
    """Say that the process is alive; returns when the run is not its any more.

    Raises:
        EngineFailed: The engine works nothing out, and has had its time.
    """
    is_ours, patience = True, Patience()
    while is_ours:
        await asyncio.sleep(runs.LEASE_SECONDS / 4)
        with suppress(Unavailable):
            async with database.read() as connection:
                is_ours = await runs.keep_run(connection, run.run_id)
        fault = await run.fault()
        if patience.is_over(fault, asyncio.get_running_loop().time()):
            raise EngineFailed(fault)


def _open_engine(terms: AnalysisTerms, folder: Path) -> Engine:
    if terms.engine == "spark":
        return SparkEngine(folder, terms.memory_mb, terms.spark_master, terms.spark_partitions)
    return DuckDbEngine(folder, terms.memory_mb)


class _Run:
    def __init__(self, database: Database, terms: AnalysisTerms, run_id: UUID, at_us: int) -> None:
        self._database = database
        self._terms = terms
        self.run_id = run_id
        self._at_us = at_us
        self._products = 0
        self._written = 0
        self._engine: Engine | None = None

    async def fault(self) -> str:
        """As the engine's, where there is one now."""
        return await asyncio.to_thread(self._engine.fault) if self._engine is not None else ""

    async def work(self, scope: Scope, last_started: datetime | None) -> Analysed:
        with tempfile.TemporaryDirectory(prefix="market-", dir=self._terms.folder, ignore_cleanup_errors=True) as name:
            folder = Path(name)
            engine = self._engine = await asyncio.to_thread(_open_engine, self._terms, folder)
            writer = InputWriter(folder)
            try:
                await self._all(engine, writer, scope, last_started)
            finally:
                self._engine = None
                writer.close()
                await asyncio.to_thread(engine.close)
        await self._tidy(scope)
        return Analysed(self.run_id, self._products, self._written)

    async def _all(self, engine: Engine, writer: InputWriter, scope: Scope, last_started: datetime | None) -> None:
        async with self._database.read() as connection:
            if scope == "changed" and last_started is not None:
                products = await inputs.changed_products(connection, last_started - OVERLAP)
            else:
                products = await inputs.all_products(connection)
        recent = calendar_until(self._at_us, self._terms.zone, input_days(RECENT_DAYS))
        history = calendar_until(self._at_us, self._terms.zone, input_days(HISTORY_DAYS))
        first_recent = recent.last - RECENT_DAYS + 1
        step = engine.products_at_once
        for start in range(0, len(products), step):
            batch = products[start : start + step]
            async with self._database.read() as connection:
                known = await inputs.known_products(connection, batch)
            old = [] if scope == "whole" else [one for one in batch if one in known]
            new = batch if scope == "whole" else [one for one in batch if one not in known]
            if old:
                await self._batch(engine, writer, old, recent, first_recent)
            share = max(step // _HISTORY_SHARE, 1)
            for begin in range(0, len(new), share):
                await self._batch(engine, writer, new[begin : begin + share], history, history.last - HISTORY_DAYS + 1)

    async def _batch(
        self, engine: Engine, writer: InputWriter, products: Sequence[UUID], calendar: Calendar, first_shown: int
    ) -> None:
        await writer.write(self._database, products, calendar, from_micros(self._at_us))

        def work() -> list[tuple[results.ResultName, list[tuple[Any, ...]]]]:
            read = {name: engine.read(name, writer.path(name)) for name in Inputs._fields}
            found = analyse(engine.api, engine.step, Inputs(**read), first_shown, calendar.last)
            return [
                ("days", [_dated(row) for rows in engine.rows(found.days) for row in rows]),
                ("distribution", [row for rows in engine.rows(found.distribution) for row in rows]),
                ("volatility", [_varied(row) for rows in engine.rows(found.volatility) for row in rows]),
            ]

        worked = await asyncio.to_thread(work)
        written = sum(len(rows) for _, rows in worked)
        since = day_of_number(first_shown)
        async with self._database.transaction() as connection:
            if not await runs.hold_run(connection, self.run_id, len(products), written):
                raise Lost
            await results.drop_results(connection, products, since)
            for name, rows in worked:
                await results.add_results(connection, name, rows)
            await results.note_products(connection, products, since)
        self._products += len(products)
        self._written += written
        _log.debug("market_batch_analysed", run_id=str(self.run_id), products=len(products), rows=written)

    async def _tidy(self, scope: Scope) -> None:
        async with self._database.transaction() as connection:
            if not await runs.hold_run(connection, self.run_id, 0, 0):
                raise Lost
            await results.add_up_totals(connection)
        if scope != "changed":
            before = day_of_number(calendar_until(self._at_us, self._terms.zone, HISTORY_DAYS).first)
            async with self._database.read() as connection:
                while await results.forget_days(connection, before):
                    pass


def _dated(row: tuple[Any, ...]) -> tuple[Any, ...]:
    product_id, currency, day, *figures = row
    return (product_id, currency, day_of_number(day), *figures)


def _varied(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*row, variation(row[_COUNT], row[_SUM], row[_SQUARES]))
