"""The flash-sale part of the benchmark: what it measures is sold, recorded, and audited.

Source: docs/spec/flash-sales.md#purchase.
"""

from pathlib import Path

import pytest

from loadtests.bench.flash_sales import SaleLoad, measure_flash_sales
from loadtests.bench.rows import Report
from loadtests.bench.table import write_report


@pytest.mark.long("a whole benchmark")
def test_sales_are_measured_and_audited(server_folder: Path) -> None:
    loads = (SaleLoad("plenty", 1_000_000, 8), SaleLoad("few", 20, 200, is_crowd=True, wait_seconds=10))
    figures = measure_flash_sales(
        loads,
        seconds=1,
        raw_reservations=500,
        uses_wrk=False,
        settings={},
        folder=server_folder,
        say=lambda doing: None,
    )
    plenty, few = figures.runs
    assert not plenty.is_broken
    assert plenty.confirmed == plenty.load.count(202) > 0
    assert few.load.statuses == {"202": 20, "409": 180}
    assert few.confirmed == 20
    assert 0 < few.last_seconds < 60
    assert {limit.depth for limit in figures.limits} == {1, 128}
    written = write_report(Report(machine={}, arguments={}, flash_sales=figures))
    assert written.count("all invariants hold, 0 refused late") == 2
