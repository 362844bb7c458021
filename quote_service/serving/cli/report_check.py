"""How a check of stored rows is told: a line a check with what is wrong below it, or one JSON document."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Protocol

import click
import msgspec

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.findings import Finding
from quote_service.serving.cli.administration import with_database

_BROKEN = 1
_NOT_CHECKED = 2


class Found(Protocol):
    """What a check found, beside the numbers of what it looked at."""

    @property
    def findings(self) -> list[Finding]: ...

    def _asdict(self) -> dict[str, Any]: ...


def report_check(check: Callable[[Database], Awaitable[Found]], checks: Mapping[str, str], *, as_json: bool) -> None:
    """Check, tell what was found, and end with the status that says so.

    Args:
        check: Looks at the database.
        checks: What holds, by the name of the check.
        as_json: One JSON document instead of lines.

    Raises:
        click.exceptions.Exit: 1 if a check fails, 2 if they could not be made.
    """
    try:
        found = with_database(check)
    except click.exceptions.Exit as refused:  # the reason has been told
        raise click.exceptions.Exit(_NOT_CHECKED) from refused
    numbers = {name: value for name, value in found._asdict().items() if name != "findings"}
    if as_json:
        findings = [finding._asdict() for finding in found.findings]
        click.echo(msgspec.json.encode({"holds": not findings, **numbers, "findings": findings}))
    else:
        click.echo(", ".join(f"{number} {name}" for name, number in numbers.items()))
        for line in _lines(found.findings, checks):
            click.echo(line)
    if found.findings:
        raise click.exceptions.Exit(_BROKEN)


def _lines(findings: list[Finding], checks: Mapping[str, str]) -> Iterator[str]:
    for name, meaning in checks.items():
        broken = [finding.detail for finding in findings if finding.check == name]
        yield f"{name:<11}{'BROKEN' if broken else 'holds':<8}{meaning}"
        for detail in broken:
            yield f"           {detail}"
