"""Figures of several workers in one memory: added up, kept when a worker is gone, told as Prometheus reads them.

Source: docs/spec/operations.md#metrics.
"""

import asyncio
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.system.errors import Unavailable
from quote_service.platform.telemetry.prometheus_text import prometheus_text
from quote_service.platform.telemetry.registry import Registry
from quote_service.platform.telemetry.slots import NAME_BYTES_MAX, SERIES_MAX, NoRoomInSlot, Slots
from quote_service.quotes.operations.quote_meters import LATENCY_BOUNDS, QuoteMeters


def lines_of(registry: Registry) -> dict[str, float]:
    text = prometheus_text(registry, asyncio.run(registry.read_shared()))
    return {
        series: float(value) for series, value in (line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
    }


def test_counts_of_all_workers_are_added_up() -> None:
    slots = Slots(3)
    registries = [Registry(slots, place) for place in range(3)]
    for place, registry in enumerate(registries):
        registry.counter("quote_things_total", "Things", {"kind": "a"}).add(10**place)
    assert {lines_of(registry)['quote_things_total{kind="a"}'] for registry in registries} == {111.0}


def test_a_series_that_only_one_worker_has_is_reported_by_all() -> None:
    slots = Slots(2)
    asked, other = Registry(slots, 0), Registry(slots, 1)
    asked.counter("quote_things_total", "Things", {"kind": "a"})
    other.counter("quote_things_total", "Things", {"kind": "b"}).add(4)
    assert lines_of(asked)['quote_things_total{kind="b"}'] == 4


def test_what_a_dead_worker_counted_is_kept_and_its_state_is_not() -> None:
    slots = Slots(2)
    state = {"polled": 5, "open": 7}
    first = Registry(slots, 1)
    first.counter("quote_direct_total", "Counted at once").add(3)
    first.register_counter("quote_polled_total", "Read", lambda: state["polled"])
    first.register_gauge("quote_open", "Open", lambda: state["open"])
    first.publish()
    second = Registry(slots, 1)
    second.counter("quote_direct_total", "Counted at once").add(1)
    second.register_counter("quote_polled_total", "Read", lambda: 2)
    second.register_gauge("quote_open", "Open", lambda: 0)
    assert slots.slot(1).values()["quote_open"] == 0  # before anything is published
    reported = lines_of(second)
    assert (reported["quote_direct_total"], reported["quote_polled_total"]) == (4, 7)
    second.publish()
    assert lines_of(second)["quote_polled_total"] == 7  # published twice, counted once


def test_gauges_are_reported_for_each_worker() -> None:
    slots = Slots(2)
    for place in range(2):
        registry = Registry(slots, place)
        age = partial(float, place + 0.25)
        registry.register_gauge("quote_age_seconds", "Age", age, {"of": "x"}, divisor=1_000_000)
        registry.publish()
    reported = lines_of(registry)
    assert reported['quote_age_seconds{worker="0",of="x"}'] == 0.25
    assert reported['quote_age_seconds{worker="1",of="x"}'] == 1.25


@given(st.lists(st.tuples(st.sampled_from(["miss", "local", "redis"]), st.floats(0, 5)), max_size=60))
def test_a_histogram_counts_what_is_at_most_its_bound(quotes: list[tuple[str, float]]) -> None:
    registry = Registry()
    meters = QuoteMeters(registry)
    for tier, seconds in quotes:
        meters.quoted(tier, seconds)
    reported = lines_of(registry)
    for tier in ("miss", "local", "redis"):
        times = [seconds for each, seconds in quotes if each == tier]
        for bound in LATENCY_BOUNDS:
            series = f'quote_duration_seconds_bucket{{tier="{tier}",le="{bound!r}"}}'
            assert reported[series] == sum(seconds <= bound for seconds in times)
        assert reported[f'quote_duration_seconds_bucket{{tier="{tier}",le="+Inf"}}'] == len(times)
        assert reported[f'quote_duration_seconds_count{{tier="{tier}"}}'] == len(times)
        total = reported[f'quote_duration_seconds_sum{{tier="{tier}"}}']
        assert total == pytest.approx(sum(times), abs=1e-9 * (len(times) + 1))


def test_a_refusal_is_counted_by_its_status() -> None:
    registry = Registry()
    meters = QuoteMeters(registry)
    for status in (429, 429, 504, 503):
        meters.refused(status)
    reported = lines_of(registry)
    assert [reported[f'quote_refusals_total{{status="{status}"}}'] for status in (429, 503, 504, 500)] == [2, 1, 1, 0]
    assert reported["quote_timeouts_total"] == 1


def test_a_figure_that_all_share_is_reported_once_and_with_its_labels() -> None:
    slots = Slots(2)
    registry, other = Registry(slots, 0), Registry(slots, 1)

    async def stock() -> list[tuple[dict[str, str], float]]:
        return [({"sale_id": 'a"b'}, 12), ({"sale_id": "c"}, 0)]

    async def away() -> list[tuple[dict[str, str], float]]:
        raise Unavailable("Redis cannot be reached")

    async def never() -> list[tuple[dict[str, str], float]]:
        await asyncio.Event().wait()
        return []

    for each in (registry, other):
        each.register_shared_gauge("quote_flash_sale_stock", "Units left", stock)
    registry.register_shared_gauge("quote_stream_lag", "Entries not read", away)
    registry.register_shared_gauge("quote_other_lag", "Entries not read", never)
    assert lines_of(registry) == {
        'quote_flash_sale_stock{sale_id="a\\"b"}': 12,
        'quote_flash_sale_stock{sale_id="c"}': 0,
    }


def test_one_name_has_one_meaning() -> None:
    registry = Registry()
    registry.register_gauge("quote_open", "Open", lambda: 1)
    with pytest.raises(ValueError, match="quote_open"):
        registry.counter("quote_open", "Open")


def test_a_slot_that_is_full_or_a_name_too_long_is_refused_whole() -> None:
    slot = Slots(1).slot(0)
    with pytest.raises(NoRoomInSlot):
        slot.append("x" * (NAME_BYTES_MAX + 1))
    for number in range(SERIES_MAX):
        slot.append(f"quote_{number}")
    with pytest.raises(NoRoomInSlot):
        slot.append("quote_more")
    assert slot.names() == [f"quote_{number}" for number in range(SERIES_MAX)]
