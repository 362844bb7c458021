"""The loop of every process that quotes: write down how often it has shown the prices of sales.

Source: docs/spec/flash-sales.md#analytics.
"""

import asyncio

import structlog

from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unavailable
from quote_service.selling.flash_sales.operations.sales.report_views import ViewReport

VIEWS_SECONDS = 1.0

_log = structlog.get_logger(__name__)


async def write_last_views(report: ViewReport) -> None:
    """At the end of a process, when it answers no more: write what is left, or say what is lost."""
    try:
        await report.write(now_us())
    except Unavailable as failure:
        _log.warning("flash_sale_views_lost", views=report.unwritten, reason=failure.detail)


async def report_views(report: ViewReport, *, views_seconds: float = VIEWS_SECONDS) -> None:
    """Write again and again; never returns."""
    is_away = False
    while True:
        end_if_cancelled()
        try:
            await report.write(now_us())
            is_away = False
        except Unavailable as failure:
            if not is_away:
                _log.warning("flash_sale_views_not_written", reason=failure.detail)
            is_away = True
        await asyncio.sleep(views_seconds)
