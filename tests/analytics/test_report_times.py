"""Days, hours and months of a zone, and the pieces that a period is made of.

Source: docs/spec/analytics.md#time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quote_service.steering.analytics.model.reports.pieces import (
    Piece,
    Resolution,
    Zones,
    clocks_of,
    needs_quarters_before,
    pieces_of,
    starts_of,
)
from quote_service.steering.analytics.model.reports.times import Border, ceil_to, days_between, floor_to, kept_at

BORDERS: tuple[Border, ...] = ("quarter", "month", "week", "day", "hour")
# Clocks over midnight (Havana back, Beirut forward, Asuncion both), half an hour (Lord Howe), no whole hour (Kathmandu).
ZONES = [
    "UTC", "Europe/Istanbul", "America/New_York", "America/Havana", "Asia/Beirut", "America/Asuncion", "Asia/Kathmandu",
    "Australia/Lord_Howe",
]  # fmt: skip
INSTANTS = st.integers(0, 12 * 366 * 24 * 3600).map(
    lambda second: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
)


@given(INSTANTS, st.sampled_from(ZONES), st.sampled_from(BORDERS))
def test_borders_stand_around_an_instant(instant: datetime, name: str, border: Border) -> None:
    zone = ZoneInfo(name)
    begin, end = floor_to(border, instant, zone), ceil_to(border, instant, zone)
    assert begin <= instant <= end
    assert (begin == instant) == (end == instant)
    if border == "hour" and not (is_whole_hour(begin, zone) and is_whole_hour(end, zone)):
        return  # clocks move by half an hour just then
    assert floor_to(border, begin, zone) == begin
    assert ceil_to(border, end, zone) == end


async def test_days_begin_where_postgresql_says(database_url: str) -> None:
    days = [date(2018, 1, 1) + timedelta(days=count) for count in range(3000)]
    connection = await asyncpg.connect(database_url)
    try:
        for name in ZONES:
            begins = await connection.fetch(
                "SELECT day::timestamp AT TIME ZONE $2 AS begins FROM unnest($1::date[]) AS days (day)", days, name
            )
            starts = [kept_at(day, ZoneInfo(name)) for day in days]
            assert [row["begins"] for row in begins] == starts, name
            weeks = await connection.fetch(
                "SELECT week_of_month(day, $2) AS begins FROM unnest($1::timestamptz[]) AS days (day)", starts, name
            )
            zone = ZoneInfo(name)
            assert [row["begins"] for row in weeks] == [kept("week", at, zone) for at in starts], name
            quarters = await connection.fetch(
                "SELECT date_trunc('quarter', day, $2) AS begins FROM unnest($1::timestamptz[]) AS days (day)",
                starts,
                name,
            )
            assert [row["begins"] for row in quarters] == [kept("quarter", at, zone) for at in starts], name
    finally:
        await connection.close()


def kept(border: Border, at: datetime, zone: ZoneInfo) -> datetime:
    return kept_at(floor_to(border, at, zone).astimezone(zone).date(), zone)


def same(zone: ZoneInfo) -> Zones:
    return Zones(zone, zone)


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [
        ("2026-03-01T00", "2026-03-02T00", 1),
        ("2026-03-01T23", "2026-03-02T01", 2),
        ("2026-03-29T00", "2026-03-30T00", 2),
    ],
)
def test_days_that_a_period_touches(begin: str, end: str, days: int) -> None:
    zone = ZoneInfo("UTC" if "-29T" not in begin else "Europe/Berlin")
    assert days_between(_utc(begin), _utc(end), zone) == days


def reported(pieces: Sequence[Piece]) -> list[str]:
    return [
        f"{'' if piece.is_added else '-'}{piece.grain} {piece.begin:%m-%dT%H}/{piece.end:%m-%dT%H}".replace("T00", "")
        for piece in pieces
    ]


@pytest.mark.parametrize(
    ("resolution", "begin", "end", "wanted"),
    [
        ("whole", "2026-01-30T22", "2026-03-02T03", "hour 01-30T22/01-31 day 01-31/02-01 month 02-01/03-01 day 03-01/03-02 hour 03-02/03-02T03"),
        # Four days less than a month, rather than 27 days; less two hours, rather than 22.
        ("whole", "2026-03-05", "2026-04-01", "month 03-01/04-01 -day 03-01/03-05"),
        ("whole", "2026-03-05T02", "2026-03-07", "day 03-05/03-06 -hour 03-05/03-05T02 day 03-06/03-07"),
        ("day", "2026-01-30T22", "2026-03-05", "hour 01-30T22/01-31 day 01-31/03-05"),
        ("hour_of_day", "2026-01-03", "2026-02-02", "month_hour 01-01/02-01 -hour 01-01/01-03 hour 02-01/02-02"),
        ("hour", "2026-01-03", "2026-03-02", "hour 01-03/03-02"),
        ("ranked", "2026-03-05", "2026-03-07", "day 03-05/03-07"),
        # Weeks of a month: from the 1st, 8th, 15th and 22nd day on.
        ("ranked", "2026-03-02", "2026-03-15", "week 03-01/03-08 -day 03-01/03-02 week 03-08/03-15"),
        ("ranked", "2026-01-31", "2026-11-02", "day 01-31/02-01 month 02-01/04-01 quarter 04-01/10-01 month 10-01/11-01 day 11-01/11-02"),
        ("ranked", "2026-04-01", "2026-09-28", "quarter 04-01/07-01 quarter 07-01/10-01 -day 09-28/10-01"),
    ],
)  # fmt: skip
def test_a_period_is_what_the_fewest_rows_come_to(resolution: Resolution, begin: str, end: str, wanted: str) -> None:
    pieces = pieces_of(_utc(begin), _utc(end), resolution, same(ZoneInfo("UTC")), is_open=False)
    names = " ".join(reported(pieces))
    assert names == wanted


def test_nothing_is_later_than_the_present() -> None:
    begin, now = _utc("2026-04-01T00"), datetime(2026, 5, 20, 11, 37, tzinfo=UTC)
    zone = same(ZoneInfo("UTC"))
    assert reported(pieces_of(begin, now, "ranked", zone, is_open=True)) == ["quarter 04-01/07-01"]
    assert reported(pieces_of(begin, now, "whole", zone, is_open=True)) == ["month 04-01/06-01"]
    assert reported(pieces_of(begin, now, "day", zone, is_open=True)) == ["day 04-01/06-01"]


RESOLUTIONS: list[Resolution] = ["whole", "ranked", "day", "hour_of_day", "hour"]
QUARTER = timedelta(minutes=15)
DAYS = 75


@pytest.mark.long("30 periods, every quarter of an hour by hand")
@settings(max_examples=30)
@given(
    st.integers(0, 11 * 366),
    st.integers(0, 4 * 24),
    st.integers(1, 4 * 24 * (DAYS - 40)),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.sampled_from(RESOLUTIONS),
    st.booleans(),
    st.booleans(),
)
def test_each_quarter_of_an_hour_of_a_period_counts_once_and_by_its_own_clock(
    day: int, skipped: int, quarters: int, shown: str, kept_by: str, resolution: Resolution, is_open: bool, added: bool
) -> None:
    zones = Zones(ZoneInfo(shown), ZoneInfo(kept_by))
    first = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(days=day)
    begin = first + 20 * timedelta(days=1) + skipped * QUARTER
    end = begin + quarters * QUARTER
    pieces = pieces_of(begin, end, resolution, zones, is_open=is_open, only_added=added)
    counted = Counter[tuple[datetime, object]]()
    rows = rows_by_grain(first - timedelta(days=100), first + timedelta(days=DAYS + 100), zones.kept)
    for piece in pieces:
        assert piece.is_added or not added
        for start in starts_of(piece, zones.kept):
            for quarter in rows[piece.grain].get(start, ()):
                reported = shown_by(resolution, start if piece.grain != "month_hour" else quarter, zones.shown)
                counted[quarter, reported] += 1 if piece.is_added else -1
    wanted = Counter[tuple[datetime, object]]()
    for count in range(quarters):
        wanted[begin + count * QUARTER, shown_by(resolution, begin + count * QUARTER, zones.shown)] = 1
    # Nothing has been counted of what is later than the present.
    found = {key: times for key, times in counted.items() if times and not (is_open and key[0] >= end)}
    assert found == wanted


def shown_by(resolution: Resolution, at: datetime, shown: ZoneInfo) -> object:
    local = at.astimezone(shown)
    if resolution == "day":
        return local.date()
    return local.hour if resolution == "hour_of_day" else (local.date(), local.hour) if resolution == "hour" else None


def rows_by_grain(begin: datetime, end: datetime, kept_by: ZoneInfo) -> dict[str, dict[datetime, list[datetime]]]:
    """The quarters of an hour that PostgreSQL adds up in each row of rollups, by where it keeps the row."""
    rows: dict[str, dict[datetime, list[datetime]]] = {}
    at = begin
    former, of = at - QUARTER, dict[str, datetime]()
    while at < end:
        if (hour := floor_to("hour", at, kept_by)) != former:  # the rest is the same for all of an hour
            former = hour
            of = {grain: kept(grain, hour, kept_by) for grain in ("day", "week", "month", "quarter")}
            of |= {"hour": hour, "month_hour": of["month"]}
        of["quarter_hour"] = at
        for grain, period in of.items():
            rows.setdefault(grain, {}).setdefault(period, []).append(at)
        at += QUARTER
    return rows


@given(INSTANTS, st.integers(1, 3000), st.sampled_from(ZONES), st.sampled_from(ZONES), st.integers(-900, 900))
def test_hours_stand_in_for_quarters_that_were_not_counted(
    at: datetime, hours: int, shown: str, kept_by: str, since: int
) -> None:
    assume("Lord_Howe" not in kept_by)
    zone = ZoneInfo(kept_by)
    begin = floor_to("quarter_hour", at, zone)
    end = begin + timedelta(hours=hours)
    whole_since = floor_to("hour", begin + timedelta(hours=since), zone)
    zones = Zones(ZoneInfo(shown), zone, whole_since)
    for resolution in RESOLUTIONS:
        pieces = pieces_of(begin, end, resolution, zones, is_open=False, only_added=True)
        exact = pieces_of(begin, end, resolution, zones._replace(quarters_since=None), is_open=False, only_added=True)
        assert needs_quarters_before(begin, end, resolution, zones, is_open=False) == (pieces != exact)
        if pieces == exact:
            continue
        # An hour counts where it begins, and once.
        assert all(one.end <= other.begin for one, other in pairwise(pieces))
        assert pieces[0].begin in (begin, ceil_to("hour", begin, zone))
        early = [piece for piece in pieces if piece.grain == "quarter_hour" and piece.begin < whole_since]
        assert not early


@pytest.mark.parametrize(
    ("day", "begins"),
    [("2015-04-04", ["13:00", "14:00", "14:30", "15:30"]), ("2015-10-03", ["13:30", "14:30", "15:00", "16:00"])],
)
async def test_hours_where_clocks_move_by_half_an_hour(database_url: str, day: str, begins: list[str]) -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    first = datetime.fromisoformat(f"{day}T{begins[0]}+00:00")
    end = (
        datetime.fromisoformat(f"{day}T16:30+00:00")
        if begins[-1] == "15:30"
        else datetime.fromisoformat(f"{day}T17:00+00:00")
    )
    minutes = range(int((end - first).total_seconds()) // 60)
    starts = sorted({floor_to("hour", first + timedelta(minutes=minute), zone) for minute in minutes})
    assert [f"{start:%H:%M}" for start in starts] == begins
    connection = await asyncpg.connect(database_url)
    try:
        kept = await connection.fetch(
            "SELECT DISTINCT date_trunc('hour', minute, $3) AS hour"
            " FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 minute', interval '1 minute') AS minute ORDER BY 1",
            first, end, zone.key,
        )  # fmt: skip
    finally:
        await connection.close()
    assert [row["hour"] for row in kept] == starts


def is_whole_hour(instant: datetime, zone: ZoneInfo) -> bool:
    return floor_to("hour", instant, zone) == instant


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00:00+00:00")


@given(INSTANTS, st.integers(1, 9000), st.sampled_from(ZONES))
def test_a_clock_is_so_far_ahead_throughout(at: datetime, hours: int, name: str) -> None:
    zone = ZoneInfo(name)
    piece = Piece("hour", at, at + timedelta(hours=hours))
    clocks = clocks_of(piece, zone)
    assert (clocks[0].begin, clocks[-1].end) == (piece.begin, piece.end)
    assert all(one.end == other.begin and one.ahead != other.ahead for one, other in pairwise(clocks))
    for clock in clocks:
        inside = (clock.begin, clock.begin + (clock.end - clock.begin) / 2, clock.end - timedelta(seconds=1))
        assert {each.astimezone(zone).utcoffset() for each in inside} == {clock.ahead}


def test_a_clock_changes_in_the_second_in_which_it_does() -> None:
    clocks = clocks_of(Piece("hour", _utc("2026-03-01T00"), _utc("2026-11-01T00")), ZoneInfo("Europe/Berlin"))
    assert [(clock.begin, clock.ahead) for clock in clocks] == [
        (_utc("2026-03-01T00"), timedelta(hours=1)),
        (_utc("2026-03-29T01"), timedelta(hours=2)),
        (_utc("2026-10-25T01"), timedelta(hours=1)),
    ]
