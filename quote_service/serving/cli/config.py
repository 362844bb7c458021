"""`quote-service config`: what is set, and to what."""

import asyncio
import os

import click

from quote_service.platform.settings import SETTINGS, production_faults, shown_value
from quote_service.serving.cli.connecting import connection_faults
from quote_service.serving.cli.refusals import refuse, settings_of_environment


@click.command()
@click.option("--check", is_flag=True, help="Fail if `serve` would refuse to start with these settings.")
@click.option(
    "--connect", is_flag=True, help="With --check: connect to the configured servers, and fail if one does not answer."
)
def config(check: bool, connect: bool) -> None:
    """List the settings as they are read from the environment, secrets hidden."""
    if connect and not check:
        raise click.UsageError("--connect requires --check")
    settings = settings_of_environment()
    width = max(len(setting.variable) for setting in SETTINGS)
    for setting in SETTINGS:
        is_given = any(os.environ.get(name) for name in (setting.variable, f"{setting.variable}_FILE"))
        shown = shown_value(setting, getattr(settings, setting.field)) or "-"
        click.echo(f"{setting.variable:<{width}}  ", nl=False)
        click.secho(shown, bold=is_given, nl=False)
        click.secho(f"  {setting.meaning}", dim=True)
    if not check:
        return
    faults = [f"{fault.variable} {fault.detail}" for fault in production_faults(settings)]
    if connect:
        faults += asyncio.run(connection_faults(settings))
    if faults:
        raise refuse("", *faults)
    if connect:
        click.echo("\nEvery configured server answers", err=True)
