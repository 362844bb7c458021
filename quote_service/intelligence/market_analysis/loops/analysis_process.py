"""The loop that starts a process for an analysis when one is due.

It is arithmetic for seconds to minutes, by packages that what answers requests never imports: in a process of its own, of low
priority.

Source: docs/spec/market-analysis.md#runs.
"""

from asyncio.subprocess import Process
from datetime import timedelta
from typing import Final

import structlog

from quote_service.intelligence.market_analysis.model.calendar import calendar_until, day_of_number
from quote_service.intelligence.market_analysis.model.due import due_scope
from quote_service.intelligence.market_analysis.model.process_order import AnalysisOrder
from quote_service.intelligence.market_analysis.operations.last_analysis import last_analysis
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.arithmetic_process import NICENESS, end_process, running, start_process
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.due_work import look_seconds_for
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.packages import IntelligencePackages, until_installed
from quote_service.platform.system.rounds import repeat_rounds
from quote_service.steering.analytics.operations.report_head import zone_of_reports

LOOK_SECONDS: Final = 5.0
_PROGRAM: Final = "quote_service.serving.processes.analysis_process"
#: What the process imports, by engine: the extras `intelligence` and `spark`.
_PACKAGES: Final = {"duckdb": ("duckdb", "sqlframe"), "spark": ("duckdb", "pyspark")}

_log = structlog.get_logger(__name__)


async def run_market_analysis(
    database: Database,
    settings: Settings,
    *,
    packages: IntelligencePackages | None = None,
    look_seconds: float | None = None,
    niceness: int = NICENESS,
) -> None:
    """Go round again and again; never returns. At its end the process is asked to end."""
    extra = "spark" if settings.analytics_engine == "spark" else "intelligence"
    await until_installed(packages, _PACKAGES[settings.analytics_engine], "market_not_analysed", extra)
    process: Process | None = None
    look_seconds = look_seconds or look_seconds_for(settings.analysis_seconds, LOOK_SECONDS)

    async def look() -> None:
        nonlocal process
        process = running(process, "market_analysis_ended")
        order = None if process is not None else await _due(database, settings, niceness)
        if order is not None:
            process = await _start(order)

    try:
        await repeat_rounds("market_not_analysed", look, look_seconds)
    finally:
        await end_process(process)


async def _due(database: Database, settings: Settings, niceness: int) -> AnalysisOrder | None:
    async with database.snapshot() as connection:
        zone = await zone_of_reports(connection, settings)
        last = await last_analysis(connection)
    at_us = now_us()
    today = day_of_number(calendar_until(at_us, zone, 1).last)
    scope = due_scope(last, from_micros(at_us), today, timedelta(seconds=settings.analysis_seconds))
    if scope is None:
        return None
    return AnalysisOrder(
        database_url=settings.database_url,
        scope=scope,
        zone=zone.key,
        engine=settings.analytics_engine,
        memory_mb=settings.analysis_memory_mb,
        spark_master=settings.spark_master,
        spark_partitions=settings.spark_partitions,
        folder=settings.analysis_dir,
        log_level=settings.log_level,
        niceness=niceness,
    )


async def _start(order: AnalysisOrder) -> Process:
    process = await start_process(_PROGRAM, order)
    _log.info("market_analysis_started", pid=process.pid, scope=order.scope, engine=order.engine)
    return process
