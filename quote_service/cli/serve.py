"""`quote-service serve`: the service in production."""

from typing import Any

import click

from quote_service.cli.refusals import refuse, refuse_pooler, settings_of_environment
from quote_service.serving.many_workers import Workers, WorkersKeepDying
from quote_service.serving.one_worker import run_worker
from quote_service.serving.sockets import CannotListen, bind_sockets
from quote_service.telemetry.logs import configure_logs


@click.command()
@click.option("--host", help="Address to listen on (QUOTE_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (QUOTE_PORT).")
@click.option("--workers", type=click.IntRange(1, 256), help="Worker processes (QUOTE_WORKERS).")
def serve(**options: Any) -> None:
    """Answer requests until SIGTERM."""
    given = {name: value for name, value in options.items() if value is not None}
    settings = settings_of_environment(needs_all=True, **given)
    configure_logs(settings.log_level)
    refuse_pooler(settings.database_url)
    try:
        sockets = bind_sockets(settings.host, settings.port, settings.workers)
    except CannotListen as refused:
        raise refuse(str(refused)) from None
    if settings.workers == 1:
        run_worker(settings, sockets[0])
        return
    try:
        Workers(settings, sockets).run()
    except WorkersKeepDying as failed:
        raise refuse(str(failed)) from None
