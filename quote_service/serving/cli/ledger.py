"""`quote-service ledger check`.

Source: docs/spec/ledger.md#check.
"""

import click

from quote_service.selling.ledger.model.findings import CHECKS
from quote_service.selling.ledger.operations.check_ledger import check_ledger
from quote_service.serving.cli.report_check import report_check


@click.group()
def ledger() -> None:
    """Check the ledger."""


@ledger.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def check(as_json: bool) -> None:
    """Check that the ledger adds up, and that nobody can have changed it.

    Exit status: 0 all checks pass, 1 one fails, 2 the ledger could not be checked.
    """
    report_check(check_ledger, CHECKS, as_json=as_json)
