"""`quote-service intelligence`.

Source: docs/spec/demand.md#evaluate.
"""

import importlib
import tempfile
from pathlib import Path
from typing import Any

import click
import msgspec

from quote_service.intelligence.price_decisions.model.guardrail_cases import draw_cases
from quote_service.intelligence.price_decisions.model.guardrail_laws import broken_laws
from quote_service.intelligence.price_decisions.model.guardrails import guard_price
from quote_service.lab.commands.demonstration import demo
from quote_service.serving.cli.analyse_market import analyse
from quote_service.serving.cli.packages import require_packages
from quote_service.serving.cli.refusals import refuse
from quote_service.serving.cli.stream_windows import stream

_GUARDRAILS = "Guardrails"


@click.group()
def intelligence() -> None:
    """Analyse the market, measure what prices are learnt from, and look at it in a simulated market."""


intelligence.add_command(analyse)
intelligence.add_command(demo)
intelligence.add_command(stream)


@intelligence.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep what is downloaded here, for another time. By default it is thrown away.",
)
@click.option(
    "--guardrail-cases", type=click.IntRange(min=0), default=1_000_000, show_default=True, help="Proposals to draw."
)
@click.option("--guardrails-only", is_flag=True, help="Download and learn nothing.")
def evaluate(as_json: bool, data_dir: Path | None, guardrail_cases: int, guardrails_only: bool) -> None:
    """Measure the models of demand on published data, and hold the guardrails to their laws.

    Downloads data by the names of their packages: r-cran-bayesm by apt-get, pyblp and river by pip or uv. What cannot be had is
    skipped, with the reason. Takes some minutes.

    Exit status: 0 all figures are reached, 1 one is missed.
    """
    if guardrails_only and not guardrail_cases:
        raise click.UsageError("--guardrails-only with no --guardrail-cases measures nothing.")
    if data_dir is not None and not guardrails_only:
        _make(data_dir)
    figures: Any = importlib.import_module("quote_service.lab.evaluation.figures")
    found: list[Any] = []

    def report(group: list[Any]) -> None:
        found.extend(group)
        if not as_json:
            click.echo("\n".join(figures.lines_of(group)))

    if guardrail_cases:
        broken = _broken(guardrail_cases)
        report([figures.Figure(_GUARDRAILS, f"laws broken in {guardrail_cases} proposals", broken, 0, "at_most")])
    if not guardrails_only:
        require_packages()
        models: Any = importlib.import_module("quote_service.lab.evaluation.evaluate")
        market: Any = importlib.import_module("quote_service.lab.demonstration.judging.market_figures")
        with tempfile.TemporaryDirectory(prefix="evaluate-") as thrown_away:
            for group in models.evaluate((data_dir or Path(thrown_away)).resolve()):
                report(group)
        report(market.market_figures())
    missed = [one for one in found if isinstance(one, figures.Figure) and one.reached is False]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode([_document(one) for one in found])).decode())
    raise SystemExit(1 if missed else 0)


def _make(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir):
            pass
    except OSError as failure:
        raise refuse(f"Nothing can be kept in {data_dir} ({failure.strerror})") from None


def _broken(cases: int) -> float:
    return float(
        sum(
            bool(broken_laws(proposal, limits, guard_price(proposal, limits)))
            for proposal, limits in draw_cases(seed=1, count=cases)
        )
    )


def _document(one: Any) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(one)
    return document | ({"reached": one.reached} if hasattr(one, "reached") else {})
