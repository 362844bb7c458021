"""An experiment that has run for three weeks, as nobody would wait for it."""

from __future__ import annotations

from quote_service.platform.postgres.pool import Connection, Database
from tests.access.running import RunningService

# A third more conversions in `on` than the 6 % of the control, and customers who spend 50.00 apiece.
_MAKE = """
INSERT INTO experiments (flag_id, version, stage, arms, began_at)
SELECT id, version, 0, '[["off", 1], ["on", 1]]', now() - make_interval(days => $1) FROM feature_flags
ON CONFLICT DO NOTHING
"""
_ARMS = """
INSERT INTO experiment_arms (experiment_id, arm, exposures)
SELECT e.id, arm, 6000 FROM experiments AS e CROSS JOIN (VALUES ('off'), ('on')) AS arms (arm)
ON CONFLICT DO NOTHING
"""
_FIGURES = """
INSERT INTO experiment_figures (experiment_id, arm, metric, events, totals, squares_of_totals, means, squares_of_means)
SELECT e.id, arm, metric, customers, customers * value, customers * value ^ 2 * 1.2, customers * value, customers * value ^ 2 * 1.2
FROM experiments AS e
CROSS JOIN (VALUES ('off', 360::bigint), ('on', 480)) AS arms (arm, customers)
CROSS JOIN (VALUES ('conversion', 1000000::numeric), ('revenue.TRY', 50000000)) AS metrics (metric, value)
ON CONFLICT DO NOTHING
"""
_HISTORY = """
INSERT INTO experiment_history
SELECT
    f.experiment_id, grain, f.metric, date_trunc(grain, at, 'UTC'), f.arm, at, a.exposures * part / $1, f.events * part / $1,
    f.totals * part / $1, f.squares_of_totals * part / $1, f.means * part / $1, f.squares_of_means * part / $1
FROM experiment_figures AS f
JOIN experiment_arms AS a USING (experiment_id, arm)
CROSS JOIN generate_series(1, $1) AS part
CROSS JOIN (VALUES ('hour'), ('day')) AS grains (grain)
CROSS JOIN LATERAL (SELECT now() - make_interval(days => $1 - part) AS at) AS instants
ON CONFLICT DO NOTHING
"""


def run_experiments(service: RunningService, days: int = 21) -> None:
    """Every flag has been tried on customers for so many days."""

    async def write(connection: Connection) -> None:
        await connection.execute(_MAKE, days)
        await connection.execute(_ARMS)
        await connection.execute(_FIGURES)
        await connection.execute(_HISTORY, days)

    async def work(database: Database) -> None:
        async with database.transaction() as connection:
            await write(connection)

    service.in_database(work)
