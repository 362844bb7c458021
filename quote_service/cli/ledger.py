"""`quote-service ledger check`.

Source: docs/spec/ledger.md#check.
"""

from collections.abc import Iterator

import click
import msgspec

from quote_service.cli.administration import with_database
from quote_service.ledger.operations.check_ledger import check_ledger
from quote_service.ledger.words.findings import CHECKS, LedgerCheck

_BROKEN = 1
_NOT_CHECKED = 2


@click.group()
def ledger() -> None:
    """Check the ledger."""


@ledger.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def check(as_json: bool) -> None:
    """Check that the ledger adds up, and that nobody can have changed it.

    Exit status: 0 all checks pass, 1 one fails, 2 the ledger could not be checked.
    """
    try:
        found = with_database(check_ledger)
    except click.exceptions.Exit as refused:  # the reason has been told
        raise click.exceptions.Exit(_NOT_CHECKED) from refused
    if as_json:
        click.echo(msgspec.json.encode({"holds": not found.findings, **_document(found)}))
    else:
        for line in _lines(found):
            click.echo(line)
    if found.findings:
        raise click.exceptions.Exit(_BROKEN)


def _document(found: LedgerCheck) -> dict[str, object]:
    return {**found._asdict(), "findings": [finding._asdict() for finding in found.findings]}


def _lines(found: LedgerCheck) -> Iterator[str]:
    yield f"{found.transactions} transactions, {found.entries} entries, {found.accounts} accounts"
    for name, meaning in CHECKS.items():
        broken = [finding.detail for finding in found.findings if finding.check == name]
        yield f"{name:<11}{'BROKEN' if broken else 'holds':<8}{meaning}"
        for detail in broken:
            yield f"           {detail}"
