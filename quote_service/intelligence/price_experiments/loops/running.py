"""The loop that carries price experiments out.

Source: docs/spec/price-experiments.md#course.
"""

import asyncio

import structlog

from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_experiments.operations.run_experiments import carry_out, seconds_to_change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.due_work import Pause, pause_until
from quote_service.platform.system.errors import Unavailable

ROUND_SECONDS = 1.0

_log = structlog.get_logger(__name__)


async def run_price_experiments(
    database: Database, terms: DecisionTerms, *, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Go round again and again, earlier where a period is about to end; never returns."""
    away = ""
    while True:
        end_if_cancelled()
        due = None
        try:
            for experiment_id in await carry_out(database, terms):
                _log.info("price_experiment_ended", price_experiment_id=str(experiment_id))
            due = await seconds_to_change(database)
            away = ""
        except Unavailable as failure:
            if away != failure.detail:
                _log.warning("price_experiments_not_carried_out", reason=failure.detail)
            away = failure.detail
        await pause_until(due, round_seconds, pause)
