"""Logs, traces and metrics."""

from typing import Annotated, Literal

from quote_service.platform.settings.fields.decisions import DecisionSettings
from quote_service.platform.settings.fields.variable import variable

LogLevel = Literal["debug", "info", "warning", "error"]


class TelemetrySettings(DecisionSettings, frozen=True, kw_only=True):
    log_level: Annotated[LogLevel, variable("QUOTE_LOG_LEVEL", "debug, info, warning or error")] = "info"
    trace_sample_ratio: Annotated[
        float, variable("QUOTE_TRACE_SAMPLE_RATIO", "share of requests traced", ge=0, le=1)
    ] = 0.01
    otlp_endpoint: Annotated[str, variable("QUOTE_OTLP_ENDPOINT", "OpenTelemetry collector; empty: none")] = ""
    otlp_interval_seconds: Annotated[
        float, variable("QUOTE_OTLP_INTERVAL_SECONDS", "how often metrics are sent to the collector", ge=0.1, le=3600)
    ] = 15.0
    slow_quote_ms: Annotated[
        int, variable("QUOTE_SLOW_QUOTE_MS", "quotes slower than this are logged", ge=1, le=600_000)
    ] = 100
    log_sample_ratio: Annotated[
        float, variable("QUOTE_LOG_SAMPLE_RATIO", "share of the other quotes logged", ge=0, le=1)
    ] = 0.001
    metrics_host: Annotated[
        str, variable("QUOTE_METRICS_HOST", "address that metrics and health details are served on", min_length=1)
    ] = "127.0.0.1"
    metrics_port: Annotated[
        int,
        variable(
            "QUOTE_METRICS_PORT", "port for /metrics and /health with details of `serve`; 0: none", ge=0, le=65535
        ),
    ] = 9464
    worker_metrics_port: Annotated[
        int,
        variable(
            "QUOTE_WORKER_METRICS_PORT",
            "port for /metrics and /health with details of `worker`; 0: none",
            ge=0,
            le=65535,
        ),
    ] = 0
