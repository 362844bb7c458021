"""How the figures of experiments came about: what they were at the end of each quarter of an hour and day.

Source: docs/spec/experiments.md#over-time.
"""

from datetime import datetime

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements
from quote_service.rulebook.experiments.model.experiment import Experiment, Sums
from quote_service.rulebook.experiments.model.history import Grain, Note

STATEMENTS = Statements(__file__, "history")


@STATEMENTS.query()
async def note_history(connection: Connection, metrics_max: int) -> None:
    """Note the figures of the experiments that run as they are now, of at most so many metrics each."""


async def history_of(
    connection: Connection, experiment: Experiment, grain: Grain, metric: str, zone: str, hours_days: int
) -> list[Note]:
    """What was noted last of one metric in each hour (of so many days) or day of a time zone, in the order of time."""
    notes: dict[datetime, Note] = {}
    found = await connection.fetch(STATEMENTS["history_of"], experiment.id, grain, metric, zone, hours_days)
    for noted_at, arm, exposures, *figures in found:
        note = notes.setdefault(noted_at, Note(noted_at, {}, {}))
        note.exposures[arm] = exposures
        note.sums[arm, metric] = Sums(*map(int, figures))
    return list(notes.values())


@STATEMENTS.query()
async def forget_history(connection: Connection, days: int, limit: int) -> Affected:
    """Forget notes that are older than so many days, a little at a time; how many rows were forgotten."""
