"""The loop of every process that quotes: write down what was seen of experiments.

Source: docs/spec/experiments.md#exposures.
"""

import asyncio

import structlog

from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.errors import Unavailable
from quote_service.rulebook.experiments.operations.write_exposures import ExposureReport

# With the second that outcomes of other processes wait before they are counted: exposures are there first.
WRITE_SECONDS = 0.4

_log = structlog.get_logger(__name__)


async def write_last_exposures(report: ExposureReport) -> None:
    """At the end of a process, when it answers no more: write what is left, or say that it is lost."""
    try:
        await report.write()
    except Unavailable as failure:
        _log.warning("experiment_exposures_lost", reason=failure.detail)


async def write_exposures(report: ExposureReport, *, write_seconds: float = WRITE_SECONDS) -> None:
    """Write again and again; never returns."""
    is_away = False
    while True:
        end_if_cancelled()
        try:
            await report.write()
            is_away = False
        except Unavailable as failure:
            if not is_away:
                _log.warning("experiment_exposures_not_written", reason=failure.detail)
            is_away = True
        await asyncio.sleep(write_seconds)
