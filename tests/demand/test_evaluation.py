"""How figures are judged and told, what is skipped, and the judges of the evaluation on made sales.

Source: docs/spec/demand.md#evaluate.
"""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from quote_service.intelligence.demand.baseline.forecast import learn_forecast
from quote_service.intelligence.demand.panel import Panel
from quote_service.intelligence.demand.response.learn import learn_response
from quote_service.lab.evaluation.evaluate import evaluate
from quote_service.lab.evaluation.figures import Figure, Skipped, lines_of
from quote_service.lab.evaluation.odd_prices import odd_price_figures
from quote_service.lab.evaluation.repricing import judged_elasticities, market_of, repricing_figures
from quote_service.serving.cli import main
from tests.demand.shops import Shop, made_sales


def test_a_figure_is_reached_or_missed() -> None:
    assert Figure("g", "n", 0.45, 0.45, "at_most").reached
    assert Figure("g", "n", 0.46, 0.45, "at_most").reached is False
    assert Figure("g", "n", 0.9, 0.9).reached
    assert Figure("g", "n", -30.05, -30.047, "near", 1e-2).reached
    assert Figure("g", "n", -30.06, -30.047, "near", 1e-2).reached is False
    assert Figure("g", "n", 1.0).reached is None
    assert Figure("g", "n", float("nan"), 0.9).reached is False


def test_groups_are_reported_one_after_another() -> None:
    lines = lines_of([Figure("one", "a", 1.0, 2.0), Figure("one", "b", 3.0), Skipped("two", "no network")])
    assert [line.split()[0] for line in lines if line] == ["one", "a", "b", "two", "skipped:"]
    assert "MISSED" in lines[2]


def test_what_cannot_be_fetched_is_skipped_with_its_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    found = [one for group in evaluate(tmp_path / "data") for one in group]
    assert [type(one) for one in found] == [Skipped, Skipped]
    assert "apt-get" in str(found[0])
    assert "neither pip nor uv" in str(found[1])


def test_the_command_holds_guardrails_to_their_laws() -> None:
    run = CliRunner().invoke(
        main, ["intelligence", "evaluate", "--guardrails-only", "--guardrail-cases", "500", "--json"]
    )
    assert run.exit_code == 0, run.output
    (figure,) = msgspec.json.decode(run.output)
    assert (figure["value"], figure["reached"]) == (0.0, True)
    assert "500" in figure["name"]


def test_commands_that_cannot_do_anything_say_why(tmp_path: Path) -> None:
    runner, there = CliRunner(), tmp_path / "file"
    there.write_text("")
    nothing = runner.invoke(main, ["intelligence", "evaluate", "--guardrails-only", "--guardrail-cases", "0"])
    assert (nothing.exit_code, "measures nothing" in nothing.output) == (2, True)
    kept = runner.invoke(
        main, ["intelligence", "evaluate", "--guardrail-cases", "1", "--data-dir", str(there / "below")]
    )
    assert (kept.exit_code, "Nothing can be kept in" in kept.output) == (1, True)
    (tmp_path / "dev.json").write_text("{")
    for directory, reason in ((tmp_path, "is not what"), (there / "below", "No `quote-service dev` runs")):
        demo = runner.invoke(main, ["intelligence", "demo", "--data-dir", str(directory)])
        assert (demo.exit_code, reason in demo.output) == (1, True), demo.output


def with_shop_prices(panel: Panel) -> Panel:
    """Costs that leave a margin of 40 %, and rivals a little cheaper."""
    return replace(panel, log_cost=panel.log_price + np.log(0.6), rivals=panel.log_price[:, None] - 0.02)


def test_prices_by_elasticity_earn_nearly_all_there_is_and_undercutting_loses() -> None:
    panel = made_sales(Shop([-1.7, -2.4, -3.6], places=6, periods=60, noise=0.1), seed=31)
    response = learn_response(panel, ["a", "b", "c"], ["x"] * 3, 6)
    panel = with_shop_prices(panel)
    market, used = market_of(panel, panel.period >= 50, judged_elasticities(panel, 3), 0.05, 0.6, 0.2)
    forecast = learn_forecast(response, panel, panel.period < 50, None, 0.0)
    figures = {one.name: one.value for one in repricing_figures("g", market, used, panel, forecast, {}, 0.9)}
    assert 150 < used.sum() <= 3 * 6 * 10
    assert figures["ours: share of the best gain"] > 0.85
    assert figures["lowest rival less 1 %: gain in %"] < figures["ours: elasticity, forecast, legal prices: gain in %"]
    assert figures["best by the judge: gain in %"] >= max(
        value for name, value in figures.items() if name.endswith("gain in %") and not name.startswith("best by")
    )


def test_errors_put_into_made_prices_are_found() -> None:
    panel = made_sales(Shop([-2.0, -3.0], places=20, periods=50, price_moves=0.05), seed=32)
    figures = [one for one in odd_price_figures(panel, seed=1) if isinstance(one, Figure)]
    found = {one.name: one.value for one in figures}
    assert found["ours"] > 0.7
    assert found["ours"] > found["Hampel (median and MAD of the last 26 weeks)"]
    assert found["share found of: times 100"] == found["share found of: times 0.1"] == 1
