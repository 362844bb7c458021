"""`quote-service migrate`."""

import asyncio

import click

from quote_service.platform.postgres.migrate import MigrationFailed, migration_names
from quote_service.platform.postgres.migrate import migrate as apply_migrations
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.quote_form import FORM, form_of_release
from quote_service.serving.cli.refusals import refuse, refuse_pooler, refuse_unusable, settings_of_environment


@click.command()
def migrate() -> None:
    """Migrate the database at DATABASE_URL to the schema of this release. Safe to run concurrently."""
    settings = settings_of_environment()
    if not settings.database_url:
        raise refuse("DATABASE_URL is required")
    refuse_pooler(settings.database_url)
    refuse_unusable(settings.database_url)
    try:
        applied = asyncio.run(apply_migrations(settings.database_url))
    except Unavailable as away:
        raise refuse(f"Nothing was migrated: {away.detail}") from None
    except MigrationFailed as failed:
        raise refuse(str(failed)) from None
    for name in applied:
        click.echo(name)
    click.echo(f"{len(applied)} applied" if applied else "Nothing to apply")
    before = [name for name in migration_names() if name not in applied]
    form = form_of_release(before)
    if before and applied and form < FORM:
        click.echo(
            f"The release before reads quotes of form {form} only, and this one issues form {FORM}. While processes of both serve,"
            f" give the new ones QUOTE_KEPT_FORM={form}; take it out again when the last of the old ones has stopped."
        )
