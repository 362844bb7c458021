"""The loop that carries price experiments out.

Source: docs/spec/price-experiments.md#course.
"""

import asyncio

import structlog

from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_experiments.operations.run_experiments import carry_out, seconds_to_change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.rounds import repeat_rounds

ROUND_SECONDS = 1.0

_log = structlog.get_logger(__name__)


async def run_price_experiments(
    database: Database, terms: DecisionTerms, *, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Go round again and again, earlier where a period is about to end; never returns."""

    async def work() -> float | None:
        for experiment_id in await carry_out(database, terms):
            _log.info("price_experiment_ended", price_experiment_id=str(experiment_id))
        return await seconds_to_change(database)

    await repeat_rounds("price_experiments_not_carried_out", work, round_seconds, pause)
