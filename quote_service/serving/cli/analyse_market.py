"""`quote-service intelligence analyse`.

Source: docs/spec/market-analysis.md#run-it-by-hand.
"""

import time

import click
import msgspec

from quote_service.intelligence.market_analysis.model.runs import Scope
from quote_service.intelligence.market_analysis.operations.engines.engine import EngineFailed, NotInstalled
from quote_service.intelligence.market_analysis.operations.run_analysis import Analysed, run_analysis, terms_of_analysis
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.serving.cli.administration import with_database
from quote_service.serving.cli.packages import require_packages
from quote_service.serving.cli.refusals import settings_of_environment
from quote_service.steering.analytics.operations.report_head import zone_of_reports

_STATEMENT_SECONDS = 300.0


@click.command()
@click.option("--whole", is_flag=True, help="Every product with its whole history, and not only its last days.")
@click.option("--changed", is_flag=True, help="Only products of which something is new since the last run.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def analyse(whole: bool, changed: bool, as_json: bool) -> None:
    """Work out the figures of the market now, as `worker` does from time to time.

    Exit status: 0 done, 1 it failed or another run is at it.
    """
    if whole and changed:
        raise click.UsageError("--whole and --changed contradict each other")
    scope: Scope = "whole" if whole else "changed" if changed else "all"
    settings = settings_of_environment()
    if settings.analytics_engine == "duckdb":
        require_packages(("duckdb", "sqlframe"))
    started = time.monotonic()
    try:
        done = with_database(
            lambda database: _analyse(database, settings, scope),
            settings=settings,
            statement_seconds=_STATEMENT_SECONDS,
        )
    except (NotInstalled, EngineFailed) as failure:
        raise click.ClickException(str(failure)) from None
    if done.run_id is None:
        raise click.ClickException("another run is in progress; wait for it, or try again")
    seconds = time.monotonic() - started
    if as_json:
        reported = {"products": done.products, "rows": done.written, "engine": settings.analytics_engine}
        click.echo(msgspec.json.encode({**reported, "seconds": round(seconds, 3)}).decode())
    else:
        click.echo(f"{done.products} products, {done.written} rows, {seconds:.1f} s with {settings.analytics_engine}")


async def _analyse(database: Database, settings: Settings, scope: Scope) -> Analysed:
    async with database.snapshot() as connection:
        zone = await zone_of_reports(connection, settings)
    return await run_analysis(database, terms_of_analysis(settings, zone), scope)
