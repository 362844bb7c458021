"""The sums of the load tests: percentiles, medians, ratios, CPU clocks, tables."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.bench.load import Load, load_of, percentile
from loadtests.bench.measure import Figures, median
from loadtests.bench.process_tree import seconds_of_clock
from loadtests.bench.rows import EngineTime, MemoryRun, Ratio, Report, Row, RulebookSize, with_ratios
from loadtests.bench.table import align, write_report

FIGURES = Figures(
    cpu_us=60.0,
    stores_cpu_us=5.0,
    generator_cpu_us=10.0,
    per_second=9000.0,
    p50_us=900.0,
    p99_us=3000.0,
    max_us=8000.0,
    requests=100,
    errors=0,
)


@pytest.mark.parametrize(
    ("percent", "wanted"), [(0, 1), (1, 1), (50, 50), (50.5, 51), (98.9, 99), (99, 99), (99.1, 100), (100, 100)]
)
def test_percentiles_of_one_to_a_hundred(percent: float, wanted: int) -> None:
    assert percentile(range(1, 101), percent) == wanted


def test_percentiles_of_few() -> None:
    assert percentile([], 99) == 0.0
    assert percentile([7.0], 50) == 7.0
    assert percentile([1.0, 9.0], 50) == 1.0
    assert percentile([1.0, 9.0], 51) == 9.0


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=200), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_suffices(values: list[float], percent: int) -> None:
    ascending = sorted(values)
    found = percentile(ascending, percent)
    wanted = math.ceil(len(values) * percent / 100)
    assert sum(value <= found for value in ascending) >= wanted
    assert sum(value < found for value in ascending) < wanted


def test_a_load_counts_refused_and_broken() -> None:
    load = load_of([3.0, 1.0, 2.0], 2.0, refused=1, broken=2)
    assert load == Load(requests=3, seconds=2.0, p50_us=2.0, p99_us=3.0, max_us=3.0, refused=1, broken=2)
    assert load.per_second == 1.5
    assert load.errors == 3


def test_nothing_answered_is_no_division_by_zero() -> None:
    load = load_of([], 0.0, refused=0, broken=32)
    assert (load.per_second, load.max_us, load.errors) == (0.0, 0.0, 32)


def test_the_median_keeps_the_worst_latency_and_every_error_and_unshared_quote() -> None:
    rounds = [
        msgspec.structs.replace(
            FIGURES, cpu_us=cpu_us, p99_us=p99_us, max_us=p99_us * 2, errors=errors, unshared=2 * errors
        )
        for cpu_us, p99_us, errors in ((50.0, 9000.0, 0), (70.0, 2000.0, 3), (60.0, 4000.0, 0))
    ]
    found = median(rounds)
    assert (found.cpu_us, found.p99_us, found.max_us) == (60.0, 4000.0, 18000.0)
    assert (found.requests, found.errors, found.unshared) == (300, 3, 6)


def row(server: str, p99_us: float, *cpu_us: float) -> Row:
    rounds = [msgspec.structs.replace(FIGURES, cpu_us=one, p99_us=p99_us) for one in cpu_us]
    return Row(scenario="quotes", mix="distinct", server=server, figures=median(rounds))


def test_ratios_are_of_rounds_and_the_services_to_each_other_server() -> None:
    # The medians alone, 60 to 40, would say 1.5.
    rows = [row("service", 3000.0, 60.0, 50.0, 90.0), row("peer", 1000.0, 30.0, 40.0, 90.0)]
    service, peer, nothing = with_ratios([*rows, row("nothing", 500.0, 20.0, 25.0, 30.0)], service="service")
    assert service == rows[0]
    assert peer.service_to_it == Ratio(median=1.25, least=1.0, most=2.0, p99=3.0)
    assert nothing.service_to_it == Ratio(median=3.0, least=2.0, most=3.0, p99=6.0)


def test_a_server_that_answered_nothing_has_no_ratio() -> None:
    _, dead = with_ratios([row("service", 3000.0, 60.0), row("dead", 0.0, 0.0)], service="service")
    assert dead.service_to_it is None


@pytest.mark.parametrize(
    ("clock", "seconds"), [("0:00.12", 0.12), ("1:02.50", 62.5), ("01:02:03", 3723.0), ("2-03:04:05", 183_845.0)]
)
def test_the_cpu_clock_of_ps(clock: str, seconds: float) -> None:
    assert seconds_of_clock(clock) == pytest.approx(seconds)


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    text = align([("mix", "server", "CPU us", ""), ("distinct", "a", "1.0", "note"), ("x", "service", "100.0", "")])
    assert text.splitlines() == [
        "  mix       server   CPU us",
        "  distinct  a           1.0  note",
        "  x         service   100.0",
    ]


def test_a_report_shows_every_part_and_survives_json() -> None:
    report = Report(
        machine={"cores": "2"},
        arguments={"rounds": "3"},
        rows=with_ratios([row("service", 3000.0, 60.0), row("peer", 1000.0, 40.0)], service="service"),
        memory=[
            MemoryRun(
                seconds=4,
                requests=1000,
                errors=0,
                samples_mb=[100.0, 110.0, 120.0, 120.0, 121.0],
                second_half_growth_mb=1.0,
                second_half_mb_per_minute=0.5,
            )
        ],
        rulebooks=[RulebookSize(rates=100, load_seconds=0.1, memory_mb=1.0, start_seconds=1.5, service_memory_mb=80.0)],
        engine=[EngineTime(lines=1, step="price", cpu_us=9.0), EngineTime(lines=1, step="encode", cpu_us=8.5)],
    )
    text = write_report(report)
    assert "40.0           1.50  1.50-1.50" in text
    assert "100.0, 110.0, 120.0, 120.0, 121.0; in the second half +1.0 MB (+0.50 MB a minute)" in text
    assert "17.5" in text  # the sum of the steps
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
