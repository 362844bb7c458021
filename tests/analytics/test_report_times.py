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


def told(pieces: Sequence[Piece]) -> list[str]:
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
    pieces = pieces_of(_utc(begin), _utc(end), resolution, ZoneInfo("UTC"), is_open=False)
    names = " ".join(told(pieces))
    assert names == wanted


def test_nothing_is_later_than_the_present() -> None:
    begin, now = _utc("2026-04-01T00"), datetime(2026, 5, 20, 11, 37, tzinfo=UTC)
    zone = ZoneInfo("UTC")
    assert told(pieces_of(begin, now, "ranked", zone, is_open=True)) == ["quarter 04-01/07-01"]
    assert told(pieces_of(begin, now, "whole", zone, is_open=True)) == ["month 04-01/06-01"]
    assert told(pieces_of(begin, now, "day", zone, is_open=True)) == ["day 04-01/06-01"]


RESOLUTIONS: list[Resolution] = ["whole", "ranked", "day", "hour_of_day", "hour"]


@given(INSTANTS, st.integers(1, 3000), st.sampled_from(ZONES), st.sampled_from(RESOLUTIONS), st.booleans())
def test_pieces_meet_and_cover_the_period(
    at: datetime, hours: int, name: str, resolution: Resolution, is_open: bool
) -> None:
    zone = ZoneInfo(name)
    begin = floor_to("hour", at, zone)
    end = begin + timedelta(hours=hours)
    # A report begins and ends with a whole hour of its zone; half an hour is none where clocks move by it.
    assume(is_whole_hour(begin, zone) and is_whole_hour(end, zone))
    pieces = pieces_of(begin, end, resolution, zone, is_open=is_open, only_added=True)
    assert pieces[0].begin == begin
    last: Border = "quarter" if resolution == "ranked" else "month"
    assert pieces[-1].end == (ceil_to(last, end, zone) if is_open else end)
    assert all(one.end == other.begin and one.is_added for one, other in pairwise(pieces))
    check_borders(pieces, zone)


@given(INSTANTS, st.integers(1, 9000), st.sampled_from(ZONES), st.sampled_from(RESOLUTIONS), st.booleans())
def test_what_is_taken_off_is_what_the_others_have_too_much(
    at: datetime, hours: int, name: str, resolution: Resolution, is_open: bool
) -> None:
    zone = ZoneInfo(name)
    begin = floor_to("hour", at, zone)
    end = begin + timedelta(hours=hours)
    assume(is_whole_hour(begin, zone) and is_whole_hour(end, zone))
    pieces = pieces_of(begin, end, resolution, zone, is_open=is_open)
    check_borders(pieces, zone)
    # How often an instant is counted changes where pieces begin and end, and is once within the period.
    changes = Counter[datetime]()
    for piece in pieces:
        changes[piece.begin] += 1 if piece.is_added else -1
        changes[piece.end] -= 1 if piece.is_added else -1
    last: Border = "quarter" if resolution == "ranked" else "month"
    until = ceil_to(last, end, zone) if is_open else end
    assert {instant: change for instant, change in changes.items() if change} == {begin: 1, until: -1}


def check_borders(pieces: Sequence[Piece], zone: ZoneInfo) -> None:
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
