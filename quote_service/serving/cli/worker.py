"""`quote-service worker`: work in the background, apart from requests."""

import click

from quote_service.platform.telemetry.logs import configure_logs
from quote_service.serving.cli.refusals import (
    refuse,
    refuse_pooler,
    refuse_unmigrated,
    settings_of_environment,
    warn_of_redis,
)
from quote_service.serving.processes.background import run_background
from quote_service.serving.processes.sockets import CannotListen


@click.command()
def worker() -> None:
    """Run the background loops (sweeps, schedules, streams) until SIGTERM."""
    settings = settings_of_environment(needs_all=True)
    configure_logs(settings.log_level)
    refuse_pooler(settings.database_url)
    refuse_unmigrated(settings.database_url)
    warn_of_redis(settings)
    try:
        run_background(settings)
    except CannotListen as refused:
        raise refuse(str(refused)) from None
