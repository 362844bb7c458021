"""The transformations on both engines give what plain Python gives, to the last digit. Source: docs/spec/market-analysis.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quote_service.intelligence.market_analysis.model.transformations.analyse import analyse
from quote_service.intelligence.market_analysis.model.transformations.dataframes import Inputs
from quote_service.intelligence.market_analysis.operations.engines.duckdb_engine import DuckDbEngine
from quote_service.intelligence.market_analysis.operations.engines.engine import Engine
from quote_service.intelligence.market_analysis.operations.engines.spark_engine import SparkEngine
from quote_service.platform.settings import Settings
from tests.market_analysis.plain_analysis import Rows, plain_analysis
from tests.market_analysis.random_market import Market, draw_market, write_market

# Of a JVM that starts, on a machine that others use too.
pytestmark = pytest.mark.time_limit(1200)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("market")


@pytest.fixture(scope="module", params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest, folder: Path) -> Iterator[Engine]:
    if request.param == "spark":
        session = request.getfixturevalue("spark_session")
        # In the session that is there, which others use after it.
        yield SparkEngine(folder, 1024, session.sparkContext.master, Settings().spark_partitions)
        return
    opened = DuckDbEngine(folder, 256)
    yield opened
    opened.close()


def analysed(engine: Engine, market: Market, folder: Path, first_shown: int) -> dict[str, Rows]:
    paths = write_market(market, folder)
    inputs = Inputs(**{name: engine.read(name, paths[name]) for name in Inputs._fields})
    found = analyse(engine.api, engine.step, inputs, first_shown, market.calendar.last)
    return {
        name: sorted((tuple(row) for rows in engine.rows(frame) for row in rows), key=_key)
        for name, frame in found._asdict().items()
    }


def _key(row: tuple[Any, ...]) -> tuple[str, ...]:
    # Ids first, which tell every row of a result from every other.
    return tuple(str(value) for value in row[:5])


@pytest.mark.parametrize("seed", [1, 2], ids=["seed-1", "seed-2"])
def test_every_figure_is_that_of_plain_arithmetic(engine: Engine, folder: Path, seed: int) -> None:
    """One engine works out both markets, one after the other: nothing of the first is left in the second."""
    market = draw_market(seed, products=20 + 10 * seed)
    first_shown = market.calendar.last - 34
    expected = plain_analysis(market, first_shown)
    assert {name: len(rows) for name, rows in expected.items() if rows} != {}
    found = analysed(engine, market, folder, first_shown)
    for name, rows in expected.items():
        wanted = sorted(rows, key=_key)
        assert len(found[name]) == len(wanted), name
        for row, plain in zip(found[name], wanted, strict=True):
            assert row == plain, name


@pytest.mark.long("starts three engines")
def test_an_engine_goes_on_when_another_has_ended(folder: Path) -> None:
    market = draw_market(1, products=3)
    first, second = DuckDbEngine(folder, 128), DuckDbEngine(folder, 128)
    first.close()
    third = DuckDbEngine(folder, 128)
    found = [analysed(each, market, folder, market.calendar.first) for each in (second, third)]
    third.close()
    assert found[0] == found[1] == analysed(second, market, folder, market.calendar.first) != {}
    second.close()


def test_a_market_without_anything_has_no_figures(engine: Engine, folder: Path) -> None:
    market = draw_market(1, products=0)
    assert analysed(engine, market, folder, market.calendar.first) == {"days": [], "distribution": [], "volatility": []}
