"""How the figures of experiments came about: what they were at the end of each hour and day.

Source: docs/spec/experiments.md#over-time.
"""

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements
from quote_service.rulebook.experiments.model.experiment import Experiment, Sums
from quote_service.rulebook.experiments.model.history import Grain, Note

STATEMENTS = Statements(__file__, "history")


@STATEMENTS.query()
async def note_history(connection: Connection, metrics_max: int) -> None:
    """Note the figures of the experiments that run as they are now, of at most so many metrics each."""


async def history_of(connection: Connection, experiment: Experiment, grain: Grain, metric: str) -> list[Note]:
    """What was noted of one metric, in the order of time."""
    notes: dict[object, Note] = {}
    for row in await connection.fetch(STATEMENTS["history_of"], experiment.id, grain, metric):
        period, noted_at, arm, exposures, *figures = row
        note = notes.setdefault(period, Note(noted_at, {}, {}))
        note.exposures[arm] = exposures
        note.sums[arm, metric] = Sums(*map(int, figures))
    return list(notes.values())


@STATEMENTS.query()
async def forget_history(connection: Connection, hours_days: int, days_days: int, limit: int) -> Affected:
    """Forget hours and days that are older than so many days, a little at a time; how many rows were forgotten."""
