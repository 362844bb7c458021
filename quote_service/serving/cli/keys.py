"""`quote-service keys add|list|revoke`.

Source: docs/spec/access.md#callers.
"""

from datetime import UTC, datetime
from typing import get_args

import click
from msgspec import UNSET, UnsetType

from quote_service.identity.operations.keys.change_api_key import revoke_api_key
from quote_service.identity.operations.keys.create_api_key import create_api_key
from quote_service.identity.tables.api_keys import KEY_ROWS, key_by_prefix
from quote_service.platform.callers.access import Scope
from quote_service.platform.callers.api_keys import ApiKey, ApiKeyDraft, NewApiKey
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings.rate_limit import DEFAULT_RATE_LIMIT, RATE_PER_SECOND_MAX, RateLimit
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.serving.cli.administration import change_at_terminal, with_database
from quote_service.serving.cli.refusals import refuse
from quote_service.serving.cli.renamed_option import renamed_option

_USUAL = f"{DEFAULT_RATE_LIMIT.requests_per_second}, and {DEFAULT_RATE_LIMIT.burst} at once"
_RATE = click.IntRange(1, RATE_PER_SECOND_MAX)


@click.group()
def keys() -> None:
    """Create, list and revoke API keys."""


@keys.command()
@click.argument("name")
@click.option("--scope", "scopes", type=click.Choice(get_args(Scope)), multiple=True, required=True)
@renamed_option(
    "--requests-per-second", "rate", former="--rate", type=_RATE, help=f"In the long run; without it {_USUAL}."
)
@click.option("--burst", type=_RATE, help="Requests at once; twice those per second unless given.")
@click.option("--unlimited", is_flag=True, help="No rate limit.")
@renamed_option("--expires-at", "expires", former="--expires", type=click.DateTime(), help="UTC; never unless given.")
def add(
    name: str,
    scopes: tuple[Scope, ...],
    rate: int | None,
    burst: int | None,
    unlimited: bool,
    expires: datetime | None,
) -> None:
    """Create an API key; it is shown only once, on standard output."""
    if not 1 <= len(name) <= 100:
        raise refuse("The name must have 1 to 100 characters")
    draft = ApiKeyDraft(
        name=name,
        scopes=list(scopes),
        rate_limit=_rate_limit(rate, burst, unlimited),
        expires_at=None if expires is None else expires.replace(tzinfo=UTC),
    )

    async def work(database: Database) -> NewApiKey:
        async with database.transaction() as connection:
            return await create_api_key(Change.within(connection, change_at_terminal()), draft, "live")

    click.echo(with_database(work).key)


@keys.command("list")
def list_keys() -> None:
    """List all keys: readable prefix, name, scopes, and whether they are valid."""

    async def work(database: Database) -> list[ApiKey]:
        async with database.read() as connection:
            return await KEY_ROWS.every(connection)

    for key in with_database(work):
        click.echo(f"{key.prefix}\t{key.name}\t{','.join(key.scopes)}\t{_state(key)}")


@keys.command()
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """Revoke a key, by its readable prefix or the whole key. This cannot be undone."""
    wanted = "_".join(prefix.split("_")[:3])

    async def work(database: Database) -> ApiKey:
        async with database.transaction() as connection:
            key = await key_by_prefix(connection, wanted)
            if key is None:
                raise NotFound(f"There is no key {wanted}")
            return await revoke_api_key(Change.within(connection, change_at_terminal()), key.id, UNCONDITIONAL)

    click.echo(f"{with_database(work).prefix} is revoked")


def _rate_limit(rate: int | None, burst: int | None, unlimited: bool) -> RateLimit | UnsetType | None:
    if unlimited:
        if rate is not None or burst is not None:
            raise refuse("--unlimited cannot be combined with --requests-per-second or --burst")
        return None
    if rate is None:
        if burst is not None:
            raise refuse("--burst needs --requests-per-second")
        return UNSET
    return RateLimit(rate) if burst is None else RateLimit(rate, burst)


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None and key.expires_at <= datetime.now(UTC):
        return "expired"
    return "active"
