"""`quote-service dev`."""

import os
import shlex
import signal
import sys
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
import msgspec

from quote_service.lab.dev.admin_api import SeedingFailed
from quote_service.lab.dev.demonstration import read_demonstration
from quote_service.lab.dev.directory import DevJson
from quote_service.lab.dev.run import NotReady, run_development
from quote_service.lab.dev.settings import read_development_settings
from quote_service.lab.embedded.errors import EmbeddedServerError
from quote_service.platform.postgres.migrate import MigrationFailed
from quote_service.platform.settings import LogLevel, Settings, SettingsRefused
from quote_service.platform.telemetry.logs import configure_logs
from quote_service.serving.cli.refusals import redis_faults, refuse, refuse_settings
from quote_service.serving.processes.sockets import CannotListen, bind_sockets, url_of


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free port.")
@click.option(
    "--metrics-port",
    default=0,
    type=click.IntRange(0, 65535),
    help="Port for /metrics and health details; a free one unless given.",
)
@click.option(
    "--data-dir",
    default=Path(".quote-service"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the data is kept between runs.",
)
@click.option("--no-seed", is_flag=True, help="Do not create demonstration rules, rates, flags and products.")
@click.option(
    "--intelligence",
    is_flag=True,
    help="Install the packages of price intelligence in the background now, and not at its first use.",
)
@click.option(
    "--log-level",
    default="warning",
    show_default=True,
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="What the service logs, on standard error.",
)
def dev(
    host: str, port: int, metrics_port: int, data_dir: Path, no_seed: bool, intelligence: bool, log_level: LogLevel
) -> None:
    """Run everything on this machine: PostgreSQL, Valkey, the service, demonstration data and credentials.

    Ctrl-C stops it; the data stays, and the credentials are the same at the next start.
    """
    # While servers start there is no one to ask to stop: leave, closing what was opened on the way out.
    signal.signal(signal.SIGTERM, _leave)
    configure_logs(log_level, "console")
    settings = _settings(log_level, analyses=not no_seed)
    try:
        listening = bind_sockets(host, port, 1)[0]
        figures = bind_sockets(host, metrics_port, 1)[0]
        run_development(
            data_dir,
            listening,
            settings,
            seeds=not no_seed,
            intelligence=intelligence,
            figures=figures,
            report=_report,
            welcome=partial(_welcome, f"{url_of(figures)}/metrics"),
        )
    except CannotListen as refused:
        raise refuse(str(refused)) from None
    except EmbeddedServerError as failed:
        raise refuse(str(failed)) from None
    except MigrationFailed as failed:
        raise refuse(f"The database cannot be migrated: {failed}") from None
    except (SeedingFailed, NotReady) as failed:
        raise refuse(f"Not ready: {failed}") from None
    except KeyboardInterrupt:
        raise click.exceptions.Exit(130) from None


def _settings(log_level: LogLevel, *, analyses: bool) -> Settings:
    """The settings to run with; says which variables of the environment are taken and which are not used."""
    try:
        found = read_development_settings(os.environ, analyses=analyses)
    except SettingsRefused as refused:
        raise refuse_settings(refused) from None
    if faults := [*redis_faults(found.settings)]:
        raise refuse(*faults)
    if found.taken:
        taken = "  ".join(f"{variable}={value}" for variable, value in found.taken.items())
        click.secho(f"Settings from the environment: {taken}", err=True)
    if found.not_used:
        click.secho(
            f"Not used: {', '.join(found.not_used)}. This service brings its own servers and keys; `--help` lists its options.",
            fg="yellow",
            err=True,
        )
    return msgspec.structs.replace(found.settings, log_level=log_level)


def _leave(sig: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + sig)


def _report(doing: str) -> None:
    click.secho(f"{doing} ...", dim=True, err=True)


def _welcome(metrics_url: str, written: DevJson, data_dir: Path) -> None:
    basket = data_dir / "basket.json"
    basket.write_bytes(bytes(read_demonstration().first_basket) + b"\n")
    lines = (
        ("API", written.url),
        ("Admin", f"{written.url}/admin"),
        ("Sign in", f"{written.admin_email}  {written.admin_password}"),
        ("Docs", f"{written.url}/docs"),
        ("Metrics", metrics_url),
        ("API key", written.api_key),
        ("All of it", str(data_dir / "dev.json")),
    )
    click.echo()
    click.secho("The quote service is ready.", bold=True)
    click.echo()
    for name, value in lines:
        click.secho(f"  {name:<10}", dim=True, nl=False)
        click.echo(value)
    click.echo()
    click.secho("  A first quote:", dim=True)
    click.echo()
    click.echo(f"curl -s {written.url}/api/v1/quote \\")
    click.echo(f"  -H 'X-API-Key: {written.api_key}' -H 'Content-Type: application/json' \\")
    click.echo(f"  -d {shlex.quote(f'@{basket}')}")
    click.echo()
    click.secho("  Ctrl-C stops it; the data stays.", dim=True)
