"""`quote-service orders check`.

Source: docs/spec/orders.md#check.
"""

from collections.abc import Iterator

import click
import msgspec

from quote_service.cli.administration import with_database
from quote_service.orders.operations.check_orders import check_orders
from quote_service.orders.words.findings import CHECKS, OrdersCheck

_BROKEN = 1
_NOT_CHECKED = 2


@click.group()
def orders() -> None:
    """Check orders."""


@orders.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def check(as_json: bool) -> None:
    """Check that orders agree with their lines and with the ledger.

    Exit status: 0 all checks pass, 1 one fails, 2 they could not be checked.
    """
    try:
        found = with_database(check_orders)
    except click.exceptions.Exit as refused:  # the reason has been told
        raise click.exceptions.Exit(_NOT_CHECKED) from refused
    if as_json:
        click.echo(msgspec.json.encode({"holds": not found.findings, **_document(found)}))
    else:
        for line in _lines(found):
            click.echo(line)
    if found.findings:
        raise click.exceptions.Exit(_BROKEN)


def _document(found: OrdersCheck) -> dict[str, object]:
    return {**found._asdict(), "findings": [finding._asdict() for finding in found.findings]}


def _lines(found: OrdersCheck) -> Iterator[str]:
    yield f"{found.orders} orders, {found.lines} lines"
    for name, meaning in CHECKS.items():
        broken = [finding.detail for finding in found.findings if finding.check == name]
        yield f"{name:<11}{'BROKEN' if broken else 'holds':<8}{meaning}"
        for detail in broken:
            yield f"           {detail}"
