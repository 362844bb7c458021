"""`quote-service flags import`.

Source: docs/spec/feature-flags.md#import.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord
from quote_service.rulebook.feature_flags.model.imports import growthbook, unleash
from quote_service.rulebook.feature_flags.model.imports.translated import Translate, Translated
from quote_service.rulebook.feature_flags.operations.import_flags import flags_to_make, import_flags
from quote_service.serving.cli.administration import change_at_terminal, with_database
from quote_service.serving.cli.refusals import refuse

# A thousand flags are made in one transaction.
_STATEMENT_SECONDS = 30.0


class _System(NamedTuple):
    translate: Translate
    customer_field: str


_SYSTEMS: Mapping[str, _System] = {
    "unleash": _System(unleash.translate_unleash, unleash.CUSTOMER_FIELD),
    "growthbook": _System(growthbook.translate_growthbook, growthbook.CUSTOMER_FIELD),
}


@click.group()
def flags() -> None:
    """Import feature flags of other systems."""


@flags.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "system", type=click.Choice(list(_SYSTEMS)), required=True, help="The system they come from.")
@click.option(
    "--customer-field",
    help="The field there that holds the customer's id here; userId (unleash) or id (growthbook) unless given. "
    "Empty: none does, and every field that is hashed is an attribute.",
)
@click.option("--skip-lost", is_flag=True, help="Import the others where a flag cannot be carried over.")
@click.option(
    "--apply", "applies", is_flag=True, help="Write them; without it the command only shows what would happen."
)
def import_command(file: Path, system: str, customer_field: str | None, skip_lost: bool, applies: bool) -> None:
    """Create the flags of an export, with the hashes of the system they come from: no customer changes sides.

    All or nothing: a flag that cannot be carried over exactly, or a key that another flag has, and nothing is written.
    """
    translated = _read(file, _SYSTEMS[system], customer_field)
    for line in _lines(translated):
        click.echo(line)
    drafts = [each.draft for each in translated if each.draft is not None]
    lost = len(translated) - len(drafts)
    if lost and not skip_lost:
        raise refuse(f"{lost} of {len(translated)} flags cannot be carried over; --skip-lost imports the others")
    if applies:
        made = _write(drafts)
        click.echo(f"{len(made)} flags created, {len(drafts) - len(made)} there already, {lost} skipped")
        return
    missing, other = _compare(drafts)
    if other:
        raise refuse(*(f"{flag.key}: there is another flag with this key, or it is archived" for flag in other))
    there = len(drafts) - len(missing)
    click.echo(f"{len(missing)} flags would be created, {there} are there already, {lost} skipped; --apply writes them")


def _read(file: Path, system: _System, customer_field: str | None) -> list[Translated]:
    try:
        document = parse_exact(file.read_bytes())
        return system.translate(document, system.customer_field if customer_field is None else customer_field)
    except Invalid as invalid:
        raise refuse(invalid.detail) from None
    except (ValueError, RecursionError):
        raise refuse(f"{file} is not JSON") from None


def _lines(translated: Sequence[Translated]) -> Iterator[str]:
    for each in translated:
        yield f"{each.name}: {'not carried over' if each.draft is None else _summary(each.draft)}"
        yield from (f"    lost: {reason}" for reason in each.lost)
        yield from (f"    note: {remark}" for remark in each.notes)


def _summary(draft: FlagDraft) -> str:
    parts = [draft.type, "on" if draft.is_enabled else "off"]
    rollout = draft.rollout
    if rollout is not None:
        if rollout.percentage is not None:
            parts.append(f"{rollout.percentage:f} %")
        if rollout.variants:
            parts.append(f"{len(rollout.variants)} variants")
    return ", ".join([*parts, draft.algorithm])


def _compare(drafts: Sequence[FlagDraft]) -> tuple[list[FlagDraft], list[FlagRecord]]:
    async def work(database: Database) -> tuple[list[FlagDraft], list[FlagRecord]]:
        async with database.read() as connection:
            return await flags_to_make(connection, drafts)

    return with_database(work)


def _write(drafts: Sequence[FlagDraft]) -> list[FlagRecord]:
    async def work(database: Database) -> list[FlagRecord]:
        async with database.transaction() as connection:
            return await import_flags(Change.within(connection, change_at_terminal()), drafts)

    return with_database(work, statement_seconds=_STATEMENT_SECONDS)
