"""`quote-service orders check`.

Source: docs/spec/orders.md#check.
"""

import click

from quote_service.selling.orders.model.findings import CHECKS
from quote_service.selling.orders.operations.check_orders import check_orders
from quote_service.serving.cli.report_check import report_check


@click.group()
def orders() -> None:
    """Check orders."""


@orders.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def check(as_json: bool) -> None:
    """Check that orders agree with their lines and with the ledger.

    Exit status: 0 all checks pass, 1 one fails, 2 they could not be checked.
    """
    report_check(check_orders, CHECKS, as_json=as_json)
