"""A time of day that passes midnight belongs to the weekday on which it began.

Source: docs/spec/pricing-rules.md#conditions.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.exact_documents import convert_exact
from quote_service.platform.system.instants import SECOND_US, to_micros
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.conditions.time_windows import TimeWindow, compile_time_window
from tests.pricing.books import book_of, priced
from tests.pricing.laws import laws
from tests.pricing.rulebooks import World

ISTANBUL, BERLIN = "Europe/Istanbul", "Europe/Berlin"


def window(weekdays: list[Any], starts: str, ends: str, timezone: str = ISTANBUL) -> TimeWindow:
    document = {"weekdays": weekdays, "time_of_day": {"from": starts, "to": ends, "timezone": timezone}}
    compiled = compile_time_window(convert_exact(document, Conditions))
    assert compiled is not None
    return compiled


def at(local: str, timezone: str = ISTANBUL) -> int:
    return to_micros(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(timezone)))


@pytest.mark.parametrize(
    ("local", "is_open"),
    [
        ("2026-11-06 00:30", False),  # early on Friday: Thursday's night
        ("2026-11-06 19:59", False),
        ("2026-11-06 20:00", True),
        ("2026-11-06 23:59:59", True),
        ("2026-11-07 00:00", True),  # early on Saturday: still Friday's night
        ("2026-11-07 01:59:59", True),
        ("2026-11-07 02:00", False),
        ("2026-11-07 20:00", False),
        ("2026-11-08 01:00", False),
    ],
)
def test_friday_night_lasts_into_saturday_and_begins_on_friday(local: str, is_open: bool) -> None:
    assert window(["friday"], "20:00", "02:00").is_open(at(local)) is is_open


@pytest.mark.parametrize(
    ("local", "fold", "is_open"),
    [
        # Clocks go back at 03:00 on Sunday 2026-10-25: 02:30 comes twice, and both are Saturday's night.
        ("2026-10-25 02:30", 0, True),
        ("2026-10-25 02:30", 1, True),
        ("2026-10-25 03:00", 0, False),
        ("2026-10-24 02:30", 0, False),
        # Clocks go forward at 02:00 on Sunday 2026-03-29: 02:00 to 03:00 is not there.
        ("2026-03-29 01:59", 0, True),
        ("2026-03-29 03:00", 0, False),
    ],
)
def test_nights_in_which_the_clocks_change(local: str, fold: int, is_open: bool) -> None:
    instant = to_micros(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(BERLIN), fold=fold))
    assert window(["saturday"], "20:00", "03:00", BERLIN).is_open(instant) is is_open


def test_weekdays_of_another_zone_are_those_of_the_instant_at_which_the_night_began() -> None:
    document = {
        "weekdays": ["friday"],
        "timezone": "America/New_York",
        "time_of_day": {"from": "02:00", "to": "01:00", "timezone": ISTANBUL},
    }
    night = compile_time_window(convert_exact(document, Conditions))
    assert night is not None
    assert night.is_open(at("2026-11-07 02:00"))  # Friday 18:00 in New York
    assert night.is_open(at("2026-11-08 00:30"))  # began at that same instant
    assert not night.is_open(at("2026-11-07 00:30"))  # began on Thursday in New York


def test_a_rule_for_friday_night_is_priced_so() -> None:
    rule = {
        "id": "r",
        "name": "friday-night",
        "type": "PROMOTION",
        "configuration": {"kind": "percent", "value": 50},
        "conditions": {"weekdays": ["fri"], "time_of_day": {"from": "20:00", "to": "02:00", "timezone": ISTANBUL}},
    }
    request = World(1).request()
    request["items"] = [{"product_id": "b0000000-0000-4000-8000-000000000000", "quantity": 1, "unit_price": 100}]
    book = book_of({"pricing_rules": [rule]})
    rules = {
        instant: len(priced(book, request, instant).applied_rules)
        for instant in ("2026-11-05T21:30:00Z", "2026-11-06T17:00:00Z", "2026-11-06T22:59:59Z", "2026-11-06T23:00:00Z")
    }
    assert list(rules.values()) == [0, 1, 1, 0]


TIMES = st.integers(0, 24 * 12 - 1).map(lambda step: time(step // 12, step % 12 * 5))


@laws(300)
@given(
    st.sets(st.integers(1, 7), min_size=1),
    TIMES,
    TIMES,
    st.sampled_from([ISTANBUL, BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC"]),
    st.dates(date(2026, 3, 1), date(2026, 11, 30)),
    st.integers(0, 86_400 - 1),
)
def test_a_night_is_open_as_long_as_it_was_begun_on_one_of_its_days(
    weekdays: set[int], starts: time, ends: time, timezone: str, day: date, second: int
) -> None:
    """Every night is open at its start and a moment before its end, or at neither; and settled means settled."""
    if starts <= ends:
        starts, ends = ends, starts
    if starts == ends:
        return
    night = window(sorted(weekdays), f"{starts:%H:%M}", f"{ends:%H:%M}", timezone)
    zone = ZoneInfo(timezone)
    begins = datetime.combine(day, starts, zone)
    if begins.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != begins.replace(tzinfo=None):
        return  # a start that the clocks skip
    assert night.is_open(to_micros(begins)) is (day.isoweekday() in weekdays)
    over = datetime.combine(day + timedelta(days=1), ends, zone)
    if over.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == over.replace(tzinfo=None):
        before = to_micros(over) - SECOND_US
        if datetime.combine(day + timedelta(days=1), time(), zone) < over:
            assert night.is_open(before) is (day.isoweekday() in weekdays)
    instant = to_micros(datetime.combine(day, time(), zone)) + second * SECOND_US
    until = night.settled_until(instant)
    assert night.is_open(instant) is night.is_open(until - 1) is night.is_open((instant + until) // 2)


_MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


@laws(60)
@given(
    day=st.sampled_from([date(2026, 3, 8), date(2026, 3, 29), date(2026, 7, 1), date(2026, 10, 25), date(2026, 11, 1)]),
    starts=_MINUTES,
    ends=_MINUTES,
    weekdays=st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True),
    timezone=st.sampled_from([ISTANBUL, BERLIN, "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
)
def test_a_window_turns_where_it_is_open_on_one_side_and_shut_on_the_other(
    day: date, starts: str, ends: str, weekdays: list[int], timezone: str
) -> None:
    looked_at = window(weekdays, starts, ends if ends != starts else "00:00", timezone)
    first_us = to_micros(datetime.combine(day, time(), UTC))
    minutes = [first_us + minute * 60 * SECOND_US for minute in range(24 * 60)]
    wanted = [at_us for at_us in minutes if looked_at.is_open(at_us) is not looked_at.is_open(at_us - 1)]
    assert list(looked_at.turns(first_us, first_us + 24 * 3600 * SECOND_US)) == wanted
