"""The loop that publishes change sets at their instants.

Source: docs/spec/change-sets.md#publishing.
"""

import asyncio

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.rounds import repeat_rounds
from quote_service.steering.change_sets.operations.run_publications import publish_due, seconds_until_publication

ROUND_SECONDS = 0.5

_log = structlog.get_logger(__name__)


async def run_publications(
    database: Database, *, needs_approval: bool, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Go round again and again, earlier where a set is about to be due; never returns."""

    async def work() -> float | None:
        async for done in publish_due(database, needs_approval=needs_approval):
            if done.failure is None:
                _log.info("change_set_published", change_set_id=str(done.id))
            else:
                _log.warning("change_set_not_published", change_set_id=str(done.id), reason=done.failure.detail)
        return await seconds_until_publication(database)

    await repeat_rounds("change_sets_not_published", work, round_seconds, pause)
