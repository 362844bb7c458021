"""`quote-service rulebook export` and `import`.

Source: docs/spec/rulebook-files.md.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import click

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Fault, Invalid, Malformed, QuoteServiceError
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.check.finding import Finding
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.rulebook.pricing_rules.operations.read_rule import read_rule
from quote_service.serving.cli.administration import change_at_terminal, with_database
from quote_service.serving.cli.refusals import refuse, settings_of_environment
from quote_service.serving.cli.renamed_option import renamed_option
from quote_service.steering.rulebook_files.model.plan import Plan, described, make_plan
from quote_service.steering.rulebook_files.model.rulebook_file import (
    SECTIONS,
    RulebookFile,
    Section,
    read_file,
    write_file,
)
from quote_service.steering.rulebook_files.model.yaml_text import InvalidAt, Located, read_yaml
from quote_service.steering.rulebook_files.operations.check_plan import check_plan
from quote_service.steering.rulebook_files.operations.import_rulebook import import_rulebook
from quote_service.steering.rulebook_files.operations.read_held import read_held, state_of

# Thousands of rows are written in one transaction.
_STATEMENT_SECONDS = 30.0
_FILE_BYTES_MAX = 20_000_000


@click.group()
def rulebook() -> None:
    """Keep pricing rules, feature flags and commission rates in a file."""


@rulebook.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--without", type=click.Choice(SECTIONS), multiple=True, help="Leave a section out.")
def export(file: Path | None, without: tuple[Section, ...]) -> None:
    """Write what counts now, or will, as YAML to FILE or to standard output."""
    sections = [section for section in SECTIONS if section not in without]

    async def work(database: Database) -> str:
        async with database.snapshot() as connection:
            held = await read_held(connection, now_us(), sections)
        return write_file(held.file(sections))

    text = with_database(work, statement_seconds=_STATEMENT_SECONDS)
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, "utf-8")


@rulebook.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@click.option("--prune", is_flag=True, help="Remove what the file does not have, in the sections that it has.")
@click.option("--strict", is_flag=True, help="Refuse where the rule check finds an error or a warning.")
@renamed_option(
    "--etag",
    "state",
    former="--state",
    help="The etag that --dry-run printed; refuse if the rulebook has changed since.",
)
def import_command(file: Path, dry_run: bool, prune: bool, strict: bool, state: str | None) -> None:
    """Bring rules, flags and rates to what FILE says: all of it or nothing.

    Sections that the file does not have are left alone.
    """
    document = _located(file)
    wanted = _wanted(file, document)
    sections = [section for section in SECTIONS if getattr(wanted, section) is not None]

    async def work(database: Database) -> tuple[Plan, list[Finding], str]:
        async with database.snapshot() as connection:
            held = await read_held(connection, now_us(), sections)
        if state is not None and state_of(held) != state:
            raise refuse("The rulebook has changed since this etag was read; run --dry-run again")
        plan = make_plan(wanted, held, prune=prune)
        findings = await check_plan(database, plan)
        if dry_run or (strict and _serious(findings)):
            return plan, findings, state_of(held)
        try:
            async with database.transaction() as connection:
                done = await import_rulebook(
                    Change.within(connection, change_at_terminal()),
                    wanted,
                    sections,
                    prune=prune,
                    expected_state=state_of(held),
                )
        except Invalid as refused:
            raise refuse(*_fault_lines(file, document, refused.faults)) from None
        return done, findings, ""

    plan, findings, state_now = with_database(work, statement_seconds=_STATEMENT_SECONDS)
    for line in (*described(plan), *_finding_lines(findings)):
        click.echo(line)
    if strict and _serious(findings):
        raise refuse("The rule check has findings, and nothing was written")
    click.echo(_summary(plan, dry_run))
    if dry_run:
        click.echo(f"etag: {state_now}")
        click.echo(f"state: {state_now}")  # the former name, which plans in pipelines are searched for


def _located(file: Path) -> Located:
    if file.stat().st_size > _FILE_BYTES_MAX:
        raise refuse(f"{file} has more than {_FILE_BYTES_MAX} bytes")
    try:
        return read_yaml(file.read_text("utf-8"))
    except UnicodeDecodeError as broken:
        raise refuse(f"{file} is not UTF-8 at byte {broken.start}") from None
    except Malformed as broken:
        raise refuse(f"{file}: {broken.detail}") from None
    except InvalidAt as refused:
        raise refuse(*_fault_lines(file, Located(None, refused.lines), refused.faults)) from None


def _wanted(file: Path, document: Located) -> RulebookFile:
    default_currency = settings_of_environment().default_currency or None
    now = from_micros(now_us())

    def rule(entry: Any, pointer: str) -> RuleDraft:
        return read_rule(entry, now, default_currency, pointer)

    try:
        return read_file(document, rule)
    except Invalid as refused:
        raise refuse(*_fault_lines(file, document, refused.faults)) from None
    except QuoteServiceError as refused:
        raise refuse(f"{file}: {refused.detail}") from None


def _fault_lines(file: Path, document: Located, faults: Collection[Fault]) -> Iterator[str]:
    for fault in sorted(faults, key=lambda each: document.line_of(each.pointer)):
        yield f"{file}:{document.line_of(fault.pointer)}: {fault.pointer or 'the file'} {fault.detail}"


def _serious(findings: Collection[Finding]) -> bool:
    return any(finding.severity in ("error", "warning") for finding in findings)


def _finding_lines(findings: Collection[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"! {finding.severity} {finding.code}: {finding.why}"


def _summary(plan: Plan, dry_run: bool) -> str:
    if not plan.changes_something:
        return "Nothing to change"
    counts = {verb: sum(step.verb == verb for step in plan.steps) for verb in ("create", "change", "remove")}
    return ", ".join(f"{count} to {verb}" if dry_run else f"{count} {verb}d" for verb, count in counts.items())
