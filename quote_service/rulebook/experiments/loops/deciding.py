"""The loop of background processes: count what was seen of experiments, and take back the flags that do harm.

Source: docs/spec/experiments.md#rolling-back.
"""

import asyncio

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.errors import Unavailable
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
    away = ""
    while True:
        end_if_cancelled()
        has_more = False
        try:
            has_more = await count_waiting(database)
            for flag in await decide_experiments(database, now_us()):
                rolled_back.add()
                _tell(flag)
            away = ""
        except Unavailable as failure:
            if away != failure.detail:
                _log.warning("experiments_not_decided", reason=failure.detail)
            away = failure.detail
        if not has_more:
            await pause(round_seconds)


async def forget_experiments(database: Database, keep_days: int, *, forget_seconds: float = FORGET_SECONDS) -> None:
    """Forget the customers of old experiments, again at once while there are many; never returns."""
    while True:
        end_if_cancelled()
        has_more = False
        try:
            has_more = await forget_ended(database, keep_days)
        except Unavailable as failure:
            _log.warning("experiments_not_forgotten", reason=failure.detail)
        if not has_more:
            await asyncio.sleep(forget_seconds)


async def note_over_time(database: Database, *, note_seconds: float = NOTE_SECONDS) -> None:
    """Note the figures of experiments again and again; never returns."""
    while True:
        end_if_cancelled()
        has_more = False
        try:
            has_more = await note_experiments(database)
        except Unavailable as failure:
            _log.warning("experiments_not_noted", reason=failure.detail)
        if not has_more:
            await asyncio.sleep(note_seconds)


def _tell(flag: FlagRecord) -> None:
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
