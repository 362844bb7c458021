"""The loop that begins campaigns, moves their prices at each full hour, and ends them.

Source: docs/spec/campaigns.md#how-a-campaign-runs.
"""

import asyncio

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.rounds import repeat_rounds
from quote_service.shop.campaigns.operations.run_campaigns import do_due_steps, seconds_until_due

ROUND_SECONDS = 0.5

_log = structlog.get_logger(__name__)


async def run_campaigns(
    database: Database, *, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Go round again and again, earlier where a campaign is about to be due; never returns."""

    async def work() -> float | None:
        for step in await do_due_steps(database):
            if step.failure is None:
                _log.info("campaign_step", campaign_id=str(step.campaign_id), hour=step.hour)
            else:
                _log.warning("campaign_waits", campaign_id=str(step.campaign_id), reason=step.failure.detail)
        due = await seconds_until_due(database)
        return None if due is not None and due <= 0 else due  # what waits is tried again in the next round

    await repeat_rounds("campaigns_not_run", work, round_seconds, pause)
