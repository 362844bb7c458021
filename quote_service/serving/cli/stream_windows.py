"""`quote-service intelligence stream`.

Source: docs/spec/market-analysis.md#windows-on-apache-spark.
"""

import click

from quote_service.intelligence.market_analysis.operations.run_market_stream import stream_refusal
from quote_service.platform.telemetry.logs import configure_logs
from quote_service.serving.cli.refusals import refuse, refuse_unmigrated, settings_of_environment
from quote_service.serving.processes.stream_process import run_stream_process


@click.command()
def stream() -> None:
    """Count events by windows on Apache Spark until SIGTERM.

    One process does; a second one waits for its end. `worker` starts one by itself where Java and pyspark are installed.

    Exit status: 0 asked to end, 1 it cannot run or has failed.
    """
    settings = settings_of_environment()
    if reason := stream_refusal(settings):
        raise refuse(reason)
    if not settings.database_url:
        raise refuse("DATABASE_URL is required")
    configure_logs(settings.log_level)
    refuse_unmigrated(settings.database_url)
    raise SystemExit(run_stream_process(settings))
