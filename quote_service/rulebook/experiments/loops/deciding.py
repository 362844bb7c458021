"""The loop of background processes: count what was seen of experiments, and take back the flags that do harm.

Source: docs/spec/experiments.md#rolling-back.
"""

import asyncio

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.rounds import more_if, repeat_rounds
from quote_service.platform.telemetry.registry import Registry
from quote_service.rulebook.experiments.operations.count_waiting import count_waiting, forget_ended
from quote_service.rulebook.experiments.operations.decide_experiments import decide_experiments
from quote_service.rulebook.experiments.operations.note_history import note_experiments
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord

ROUND_SECONDS = 0.5
FORGET_SECONDS = 60.0
NOTE_SECONDS = 60.0

_log = structlog.get_logger(__name__)


async def decide_on_experiments(
    database: Database, registry: Registry, *, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Count and decide again and again, at once while much waits; never returns."""
    rolled_back = registry.counter(
        "quote_flags_rolled_back_total", "Feature flags that were rolled back because of harm"
    )

    async def work() -> float | None:
        has_more = await count_waiting(database)
        for flag in await decide_experiments(database, now_us()):
            rolled_back.add()
            _log_rollback(flag)
        return more_if(has_more)

    await repeat_rounds("experiments_not_decided", work, round_seconds, pause)


async def forget_experiments(database: Database, keep_days: int, *, forget_seconds: float = FORGET_SECONDS) -> None:
    """Forget the customers of old experiments, again at once while there are many; never returns."""

    async def work() -> float | None:
        return more_if(await forget_ended(database, keep_days))

    await repeat_rounds("experiments_not_forgotten", work, forget_seconds)


async def note_over_time(database: Database, *, note_seconds: float = NOTE_SECONDS) -> None:
    """Note the figures of experiments again and again; never returns."""

    async def work() -> float | None:
        return more_if(await note_experiments(database))

    await repeat_rounds("experiments_not_noted", work, note_seconds)


def _log_rollback(flag: FlagRecord) -> None:
    harm = flag.rollback
    assert harm is not None  # those are told of
    _log.warning(
        "flag_rolled_back",
        flag=flag.key,
        version=harm.version,
        arm=harm.arm,
        metric=harm.metric,
        value=harm.value,
        control=harm.control_value,
        tolerated=harm.tolerated,
    )
