"""What an experiment was at the end of each hour and day. Source: docs/spec/experiments.md#over-time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Invalid
from quote_service.rulebook.experiments.model.history import ExperimentHistory, Grain
from quote_service.rulebook.experiments.operations.note_history import METRICS_MAX, note_experiments
from quote_service.rulebook.experiments.operations.show_history import show_history
from quote_service.rulebook.feature_flags.operations.kill_flag import kill_flag
from tests.experiments.lab import ERRORS, Lab, a_lab

_OF_FLAG = "experiment_id IN (SELECT id FROM experiments WHERE flag_id = $1)"


async def seen(lab: Lab, customers: int, *metrics: str) -> None:
    """So many customers more of each arm, all with these outcomes."""
    process = lab.process()
    for arm in ("off", "on"):
        for _ in range(customers):
            process.quote(lab.somebody(arm), *metrics)
    await process.report.write()
    await lab.count()


async def shown(lab: Lab, metric: str = "error", grain: Grain = "hour", zone: str = "UTC") -> ExperimentHistory:
    async with lab.database.read() as connection:
        return await show_history(connection, lab.flag.key, None, metric, grain, zone)


async def age(lab: Lab, by: timedelta) -> None:
    """Everything that was noted of the flag was noted so long ago."""
    async with lab.database.transaction() as connection:
        await connection.execute(
            f"UPDATE experiment_history SET period = period - $2::interval, noted_at = noted_at - $2::interval WHERE {_OF_FLAG}",
            lab.flag.id,
            by,
        )


async def rows(lab: Lab) -> list[tuple[str, str]]:
    """What was noted: grain and metric of each row, of one arm."""
    async with lab.database.read() as connection:
        found = await connection.fetch(
            f"SELECT grain, metric FROM experiment_history WHERE arm = 'on' AND {_OF_FLAG} ORDER BY period, grain, metric",
            lab.flag.id,
        )
    return [tuple(row) for row in found]


async def test_each_hour_and_day_shows_what_was_known_at_its_end(database: Database) -> None:
    lab = await a_lab(database)
    assert (await shown(lab)).measures == []
    await seen(lab, 20, "error")
    await note_experiments(database)
    await age(lab, timedelta(days=1))
    await seen(lab, 40)
    await note_experiments(database)
    await seen(lab, 40)
    await note_experiments(database)  # in the same hour, or the next
    for grain in ("hour", "day"):
        history = await shown(lab, grain=grain)
        (measured,) = history.measures
        assert (history.version, history.interval, measured.measure) == (1, grain, "rate")
        first, *_, last = measured.points
        assert (first.exposures, [arm.value for arm in first.arms]) == ([20, 20], [1.0, 1.0])
        assert (last.exposures, [arm.value for arm in last.arms]) == ([100, 100], [0.2, 0.2])
        assert first.at < last.at
        before, now = first.arms[1].difference, last.arms[1].difference
        assert first.arms[0].difference is None
        assert before is not None
        assert now is not None
        assert now.high - now.low < before.high - before.low
        report = next(each for each in (await lab.report()).metrics if each.metric == "error")
        assert last.arms == report.arms
    assert (await shown(lab, "nothing")).measures[0].points == []


async def test_what_has_ended_is_noted_once_more(database: Database) -> None:
    lab = await a_lab(database)
    await seen(lab, 2, "error")
    await note_experiments(database)
    await age(lab, timedelta(days=1))
    await seen(lab, 3, "error")
    async with database.transaction() as connection:
        await kill_flag(Change.within(connection, change_by_system("test", now_us())), lab.flag.id)
    await lab.count()
    await note_experiments(database)
    ended = (await shown(lab)).measures[0].points
    assert [point.exposures for point in ended] == [[2, 2], [5, 5]]
    await note_experiments(database)
    assert (await shown(lab)).measures[0].points == ended  # the instants too


async def test_notes_are_kept_for_a_year_and_hours_reported_of_a_week(database: Database) -> None:
    lab = await a_lab(database)
    await seen(lab, 2, "error")
    await note_experiments(database)
    for days, left in ((6, ["day", "hour"]), (2, ["day", "hour"]), (350, ["day", "hour"]), (10, [])):
        async with database.transaction() as connection:
            # Nothing new is noted of it.
            await connection.execute(
                "UPDATE experiments SET ended_at = now() - interval '3 days' WHERE flag_id = $1", lab.flag.id
            )
        await age(lab, timedelta(days=days))
        await note_experiments(database)
        assert sorted(grain for grain, _ in await rows(lab)) == left
        assert len((await shown(lab, grain="day")).measures[0].points) == bool(left)
        assert len((await shown(lab, grain="hour")).measures[0].points) == (days == 6)


async def test_of_many_metrics_the_guarded_and_the_frequent_are_noted(database: Database) -> None:
    lab = await a_lab(database, guardrails=[{**ERRORS, "metric": "zz-guarded", "measure": "rate"}])
    names = [f"m{number:02}" for number in range(METRICS_MAX + 3)]
    await seen(lab, 1, "zz-guarded", *names)
    await seen(lab, 1, "m22")
    await note_experiments(database)
    noted = {metric for grain, metric in await rows(lab) if grain == "day"}
    assert noted == {"zz-guarded", "m22", *names[: METRICS_MAX - 2]}


@pytest.mark.parametrize("grain", ["hour", "day"])
@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
async def test_hours_and_days_are_those_of_the_clock(database: Database, zone: str, grain: Grain) -> None:
    lab = await a_lab(database)
    await seen(lab, 1, "error")
    await note_experiments(database)
    # As far back as the last time that the clock was put, by which each quarter of an hour was noted.
    now, clock = datetime.now(UTC).replace(minute=0, second=0, microsecond=0), ZoneInfo(zone)
    days = 6 if grain == "hour" else 240
    noted = [now - timedelta(minutes=15 * count - count % 14) for count in range(days * 96, 4, -1)]
    async with database.transaction() as connection:
        await connection.execute(f"DELETE FROM experiment_history WHERE {_OF_FLAG}", lab.flag.id)
        await connection.execute(
            "INSERT INTO experiment_history (experiment_id, grain, metric, period, arm, noted_at, exposures, events, totals,"
            " squares_of_totals, means, squares_of_means)"
            " SELECT e.id, 'hour', 'error', date_bin('15 minutes', n.at, 'epoch'), arm, n.at, n.number, 0, 0, 0, 0, 0"
            " FROM experiments AS e, unnest($2::timestamptz[]) WITH ORDINALITY AS n (at, number), unnest(ARRAY['off', 'on']) AS arm"
            " WHERE e.flag_id = $1 ON CONFLICT DO NOTHING",
            lab.flag.id,
            noted,
        )
    last = {}
    for number, at in enumerate(noted, start=1):
        local = at.astimezone(clock)
        last[(local.date(), local.hour, local.utcoffset()) if grain == "hour" else local.date()] = (
            at,
            [number, number],
        )
    history = await shown(lab, grain=grain, zone=zone)
    assert (history.time_zone, [(each.at, each.exposures) for each in history.measures[0].points]) == (
        zone,
        [*last.values()],
    )


@pytest.mark.parametrize(
    ("grain", "period"), [("hour", "2026-01-01 10:35Z"), ("day", "2026-01-01 10:00Z"), ("week", "2026-01-05 00:00Z")]
)
async def test_a_period_begins_where_its_grain_does(database: Database, grain: str, period: str) -> None:
    lab = await a_lab(database)
    await seen(lab, 1, "error")
    await note_experiments(database)
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute(
                f"UPDATE experiment_history SET grain = $2, period = $3::text::timestamptz WHERE grain = 'day' AND {_OF_FLAG}",
                lab.flag.id,
                grain,
                period,
            )
