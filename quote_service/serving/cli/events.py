"""`quote-service events lag`, `dead-letters` and `replay`.

Source: docs/spec/event-bus.md#lag; docs/spec/event-bus.md#dead-letters; docs/spec/event-bus.md#replay.
"""

from datetime import UTC, datetime
from uuid import UUID

import click

from quote_service.platform.documents.documents import write_document
from quote_service.platform.event_bus.model.dead_letters import DeadLetter
from quote_service.platform.event_bus.model.groups import GROUPS
from quote_service.platform.event_bus.model.status import BusStatus, EventReplayDraft, ReplayAsked
from quote_service.platform.event_bus.operations.decide_dead_letter import (
    discard_dead_letter,
    replay_events,
    retry_dead_letter,
    retry_dead_letters,
)
from quote_service.platform.event_bus.operations.list_dead_letters import list_dead_letters
from quote_service.platform.event_bus.operations.measure_bus import measure_lag, read_status
from quote_service.platform.event_bus.operations.open_bus import opened_bus
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.serving.cli.administration import change_at_terminal, with_database
from quote_service.serving.cli.refusals import refuse, settings_of_environment
from quote_service.serving.cli.renamed_option import renamed_option


@click.group()
def events() -> None:
    """See how far the event bus is, and decide on what it could not do."""


@events.command()
def lag() -> None:
    """Ask the bus how far each consumer group is, and print it with the outbox, as JSON.

    Exit status: 0, or 1 if PostgreSQL or the bus gives no answer.
    """
    settings = settings_of_environment()
    click.echo(write_document(with_database(lambda database: _lag(database, settings), settings=settings)))


@events.command("dead-letters")
@click.option("--group", type=str, help="Only those of this consumer group; `relay`: what the bus refused.")
@click.option("--retry", "retried", type=UUID, help="Try the dead letter with this id again.")
@click.option("--retry-all", is_flag=True, help="Try all dead letters of --group again.")
@click.option("--discard", "discarded", type=UUID, help="Discard the dead letter with this id.")
def dead_letters(group: str | None, retried: UUID | None, retry_all: bool, discarded: UUID | None) -> None:
    """List dead letters, newest first, one JSON object a line; or try them again, or discard one."""
    if (retried is not None) + retry_all + (discarded is not None) > 1 or (retry_all and group is None):
        raise refuse("Give one of --retry, --retry-all with --group, and --discard")
    settings = settings_of_environment()
    if retried is not None:
        with_database(lambda database: _decide(database, retried, is_kept=True), settings=settings)
        click.echo("is tried again within seconds")
    elif discarded is not None:
        with_database(lambda database: _decide(database, discarded, is_kept=False), settings=settings)
        click.echo("discarded")
    elif retry_all and group is not None:
        click.echo(f"{with_database(lambda database: _retry_all(database, group), settings=settings)} are tried again")
    else:
        for letter in with_database(lambda database: _letters(database, group), settings=settings):
            click.echo(write_document(letter))


@events.command()
@click.option("--group", type=click.Choice(list(GROUPS)), required=True, help="The consumer group that reads again.")
@renamed_option(
    "--from",
    "since",
    former="--since",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]),
    required=True,
    help="From when on, 2026-03-01T10:00:00Z.",
)
def replay(group: str, since: datetime) -> None:
    """Have a consumer group read again what was published from an instant on.

    What it has handled before has no second effect.
    """
    settings = settings_of_environment()
    draft = EventReplayDraft(group, since.replace(tzinfo=UTC))
    asked = with_database(lambda database: _replay(database, draft, settings.event_keep_days), settings=settings)
    click.echo(f"{asked.consumer_group} reads {asked.topic} again within seconds")


async def _lag(database: Database, settings: Settings) -> BusStatus:
    async with opened_bus(settings, database) as bus:
        await measure_lag(database, bus, settings)
    async with database.read() as connection:
        return await read_status(connection, settings)


async def _letters(database: Database, group: str | None) -> list[DeadLetter]:
    async with database.read() as connection:
        return await list_dead_letters(connection, group)


async def _decide(database: Database, letter_id: UUID, *, is_kept: bool) -> None:
    async with database.transaction() as connection:
        if is_kept:
            await retry_dead_letter(Change.within(connection, change_at_terminal()), letter_id)
        else:
            await discard_dead_letter(Change.within(connection, change_at_terminal()), letter_id)


async def _retry_all(database: Database, group: str) -> int:
    async with database.transaction() as connection:
        return (await retry_dead_letters(Change.within(connection, change_at_terminal()), group)).retried


async def _replay(database: Database, draft: EventReplayDraft, keep_days: int) -> ReplayAsked:
    async with database.transaction() as connection:
        return await replay_events(Change.within(connection, change_at_terminal()), draft, keep_days)
