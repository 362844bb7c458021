"""`quote-service analytics check` and `rebuild`.

Source: docs/spec/analytics.md#check; docs/spec/analytics.md#rebuild.
"""

import click

from quote_service.serving.cli.administration import with_database
from quote_service.serving.cli.refusals import settings_of_environment
from quote_service.serving.cli.report_check import report_check
from quote_service.steering.analytics.model.findings import CHECKS
from quote_service.steering.analytics.operations.check_rollups import check_rollups
from quote_service.steering.analytics.operations.rebuild_rollups import rebuild_rollups

_DAY_SECONDS = 86_400.0


@click.group()
def analytics() -> None:
    """Check and rebuild the figures of reports."""


@analytics.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def check(as_json: bool) -> None:
    """Check that rollups agree with orders and with the ledger.

    Exit status: 0 all checks pass, 1 one fails, 2 they could not be checked.
    """
    report_check(check_rollups, CHECKS, as_json=as_json)


@analytics.command()
@click.option(
    "--from-orders", is_flag=True, help="Count accepted quotes, orders and refunds again from the first one on."
)
def rebuild(from_orders: bool) -> None:
    """Make days and months of reports again from their hours, by QUOTE_TIME_ZONE.

    Reports show what there was until it is done. With --from-orders the background process counts orders again, and reports
    show a part of them until it is done.
    """
    settings = settings_of_environment()
    rebuilt = with_database(
        lambda database: rebuild_rollups(database, settings.time_zone, from_orders=from_orders),
        settings=settings,
        statement_seconds=_DAY_SECONDS,
    )
    for table in rebuilt:
        rows = "is being counted again" if table.rows is None else f"{table.rows} rows"
        click.echo(f"{table.table}: {rows} by {settings.time_zone}")
