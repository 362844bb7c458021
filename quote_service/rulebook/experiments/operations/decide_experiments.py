"""Take back the flags whose guardrails show harm.

Source: docs/spec/experiments.md#rolling-back.
"""

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.traces import traced_work
from quote_service.rulebook.experiments.model.experiment import Experiment, Judgement, judge_experiment
from quote_service.rulebook.experiments.tables.counting import take_turn
from quote_service.rulebook.experiments.tables.experiments import guarded_experiments
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord, FlagRollback
from quote_service.rulebook.feature_flags.operations.roll_back_flag import roll_back_flag

ACTOR = "experiments"


@traced_work("decide experiments")
async def decide_experiments(database: Database, at_us: int) -> list[FlagRecord]:
    """Judge the experiments that run, unless another process does, and roll back the flags that do harm.

    Returns:
        The flags that were rolled back.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    taken_back = []
    async with database.transaction() as connection:
        if not await take_turn(connection):
            return []
        for experiment in await guarded_experiments(connection):
            harm = next((judged for judged in judge_experiment(experiment) if judged.verdict.rolls_back), None)
            if harm is None:
                continue
            reported = _rollback_of(experiment, harm, at_us)
            flag = await roll_back_flag(
                Change.within(connection, change_by_system(ACTOR, at_us)), experiment.flag_id, reported
            )
            if flag.rollback is not None:
                taken_back.append(flag)
    return taken_back


def _rollback_of(experiment: Experiment, harm: Judgement, at_us: int) -> FlagRollback:
    guardrail, verdict = harm.guardrail, harm.verdict
    control = experiment.figures(experiment.control, guardrail.metric, guardrail.measure)
    arm = experiment.figures(harm.arm, guardrail.metric, guardrail.measure)
    # Harm is not shown without figures of both arms.
    assert verdict.control is not None
    assert verdict.treatment is not None
    assert verdict.tolerated is not None
    return FlagRollback(
        at=from_micros(at_us),
        version=experiment.version,
        arm=harm.arm,
        control=experiment.control,
        metric=guardrail.metric,
        measure=guardrail.measure,
        direction=guardrail.direction,
        exposures=arm.exposures,
        control_exposures=control.exposures,
        events=arm.events,
        control_events=control.events,
        value=verdict.treatment,
        control_value=verdict.control,
        tolerated=verdict.tolerated,
        level=verdict.level,
        log_e_value=verdict.log_e_value,
        bound=verdict.bound,
    )
