"""The loop that does imports of products.

Source: docs/spec/catalog.md#import-and-export.
"""

import asyncio
from datetime import timedelta

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.rounds import repeat_rounds
from quote_service.shop.catalog.operations.run_import import run_next_import
from quote_service.shop.catalog.tables.imports import forget_unreceived

ROUND_SECONDS = 0.5
# Longer than any body may take to arrive.
_UNRECEIVED = timedelta(hours=1)

_log = structlog.get_logger(__name__)


async def run_imports(
    database: Database, *, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Go round again and again; never returns."""

    async def work() -> None:
        while (done := await run_next_import(database)) is not None:
            _log.info("products_imported", import_id=str(done))
        async with database.read() as connection:
            await forget_unreceived(connection, from_micros(now_us()) - _UNRECEIVED)

    await repeat_rounds("imports_not_run", work, round_seconds, pause)
