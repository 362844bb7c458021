"""`quote-service analytics check`.

Source: docs/spec/analytics.md#check.
"""

import click

from quote_service.analytics.operations.check_rollups import check_rollups
from quote_service.analytics.words.findings import CHECKS
from quote_service.cli.tell_check import tell_check


@click.group()
def analytics() -> None:
    """Check the figures of reports."""


@analytics.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def check(as_json: bool) -> None:
    """Check that rollups agree with orders and with the ledger.

    Exit status: 0 all checks pass, 1 one fails, 2 they could not be checked.
    """
    tell_check(check_rollups, CHECKS, as_json=as_json)
