"""Wait until prices that are new have been looked at, so that none decides before anybody could doubt it.

Source: docs/spec/price-decisions.md#new-prices.
"""

import asyncio
from collections.abc import Sequence

import structlog

from quote_service.intelligence.price_decisions.tables.facts import Item
from quote_service.intelligence.price_decisions.tables.runs import Run, keep_run
from quote_service.intelligence.signals.operations.read_signals import prices_pending
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled

AGAIN_SECONDS = 0.25

_log = structlog.get_logger(__name__)


async def wait_for_looks(database: Database, run: Run, items: Sequence[Item], seconds: float) -> None:
    """Return when every price of the items has been looked at, or the time is over: then nobody looks, and it is logged.

    Args:
        database: Where they are.
        run: Kept meanwhile.
        items: What was put off.
        seconds: How long to wait at most.

    Raises:
        Unavailable: PostgreSQL is unavailable.
        RunLost: Another process took the run over.
    """
    left = {product_id for product_id, _ in items}
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    while left:
        end_if_cancelled()
        async with database.transaction() as connection:
            await keep_run(connection, run)
            left = set(await prices_pending(connection, list(left)))
        if left and clock() >= until:
            _log.warning("prices_not_looked_at", run_id=str(run.id), products=len(left), seconds=seconds)
            return
        if left:
            await asyncio.sleep(min(AGAIN_SECONDS, seconds))
