"""`quote-service serve`: the service in production."""

from typing import Any

import click
import structlog

from quote_service.platform.telemetry.logs import configure_logs
from quote_service.serving.cli.refusals import (
    refuse,
    refuse_pooler,
    refuse_unmigrated,
    settings_of_environment,
    warn_of_redis,
)
from quote_service.serving.processes.figures import bind_figures
from quote_service.serving.processes.many_workers import Workers, WorkersKeepDying
from quote_service.serving.processes.one_worker import run_worker
from quote_service.serving.processes.sockets import CannotListen, bind_sockets, url_of

_log = structlog.get_logger(__name__)


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
    refuse_unmigrated(settings.database_url)
    warn_of_redis(settings)
    try:
        sockets = bind_sockets(settings.host, settings.port, settings.workers)
        figures = bind_figures(settings.metrics_host, settings.metrics_port)
    except CannotListen as refused:
        raise refuse(str(refused)) from None
    _log.info("starting", url=url_of(sockets[0]), workers=settings.workers)
    if settings.workers == 1:
        run_worker(settings, sockets[0], figures=figures)
        return
    try:
        Workers(settings, sockets, figures).run()
    except WorkersKeepDying as failed:
        raise refuse(str(failed)) from None
