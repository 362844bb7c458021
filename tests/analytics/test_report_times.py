"""Days, hours and months of a zone, and the pieces that a period is made of.

Source: docs/spec/analytics.md#time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quote_service.analytics.words.reports.pieces import Piece, Resolution, clocks_of, pieces_of, starts_of
from quote_service.analytics.words.reports.times import Border, ceil_to, days_between, floor_to, starts_at

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
            starts = [starts_at(day, ZoneInfo(name)) for day in days]
            assert [row["begins"] for row in begins] == starts, name
            weeks = await connection.fetch(
                "SELECT week_of_month(day, $2) AS begins FROM unnest($1::timestamptz[]) AS days (day)", starts, name
            )
            assert [row["begins"] for row in weeks] == [floor_to("week", at, ZoneInfo(name)) for at in starts], name
            quarters = await connection.fetch(
                "SELECT date_trunc('quarter', day, $2) AS begins FROM unnest($1::timestamptz[]) AS days (day)",
                starts,
                name,
            )
            assert [row["begins"] for row in quarters] == [floor_to("quarter", at, ZoneInfo(name)) for at in starts], (
                name
            )
    finally:
        await connection.close()


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


def test_months_are_read_whole_and_edges_finer() -> None:
    begin, end = _utc("2026-01-30T22"), _utc("2026-04-20T15")
    zone = ZoneInfo("UTC")
    assert pieces_of(begin, end, "whole", zone, is_open=False) == [
        Piece("hour", begin, _utc("2026-01-31T00")),
        Piece("day", _utc("2026-01-31T00"), _utc("2026-02-01T00")),
        Piece("month", _utc("2026-02-01T00"), _utc("2026-04-01T00")),
        Piece("day", _utc("2026-04-01T00"), _utc("2026-04-20T00")),
        Piece("hour", _utc("2026-04-20T00"), end),
    ]

    def grains(resolution: Resolution, *, is_open: bool = False) -> list[str]:
        return [piece.grain for piece in pieces_of(begin, end, resolution, zone, is_open=is_open)]

    assert grains("day") == ["hour", "day", "hour"]
    # Weeks of a month: from the 1st, 8th, 15th and 22nd day on.
    assert grains("ranked") == ["hour", "day", "month", "week", "day", "hour"]
    quarters = pieces_of(begin, _utc("2026-11-03T00"), "ranked", zone, is_open=False)
    assert [piece.grain for piece in quarters] == ["hour", "day", "month", "quarter", "month", "day"]
    assert quarters[3] == Piece("quarter", _utc("2026-04-01T00"), _utc("2026-10-01T00"))
    assert grains("ranked", is_open=True) == ["hour", "day", "month", "quarter"]
    assert grains("hour_of_day") == ["hour", "month_hour", "hour"]
    assert grains("hour") == ["hour"]
    # Nothing is later than the present, so that the month that runs is read as one.
    assert grains("whole", is_open=True) == ["hour", "day", "month"]
    assert grains("day", is_open=True) == ["hour", "day"]


@given(
    INSTANTS,
    st.integers(1, 3000),
    st.sampled_from(ZONES),
    st.sampled_from(["whole", "ranked", "day", "hour_of_day", "hour"]),
    st.booleans(),
)
def test_pieces_meet_and_cover_the_period(
    at: datetime, hours: int, name: str, resolution: Resolution, is_open: bool
) -> None:
    zone = ZoneInfo(name)
    begin = floor_to("hour", at, zone)
    end = begin + timedelta(hours=hours)
    # A report begins and ends with a whole hour of its zone; half an hour is none where clocks move by it.
    assume(is_whole_hour(begin, zone) and is_whole_hour(end, zone))
    pieces = pieces_of(begin, end, resolution, zone, is_open=is_open)
    assert pieces[0].begin == begin
    last: Border = "quarter" if resolution == "ranked" else "month"
    assert pieces[-1].end == (ceil_to(last, end, zone) if is_open else end)
    assert all(one.end == other.begin and one.grain != other.grain for one, other in pairwise(pieces))
    for piece in pieces:
        assert piece.begin < piece.end
        border: Border = "month" if piece.grain == "month_hour" else piece.grain
        assert border == "hour" or floor_to(border, piece.begin, zone) == piece.begin
        assert border == "hour" or floor_to(border, piece.end, zone) == piece.end
        starts = starts_of(piece, zone)
        assert starts[0] == piece.begin
        if border == "hour":
            # Where PostgreSQL keeps the minutes of the piece.
            minutes = range(0, int((piece.end - piece.begin).total_seconds()) // 60, 15)
            assert starts == sorted(
                {floor_to("hour", piece.begin + timedelta(minutes=minute), zone) for minute in minutes}
            )
            continue
        assert all(floor_to(border, start, zone) == start for start in starts)
        assert [ceil_to(border, start + timedelta(seconds=1), zone) for start in starts] == [*starts[1:], piece.end]


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
    starts = starts_of(Piece("hour", first, end), zone)
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
