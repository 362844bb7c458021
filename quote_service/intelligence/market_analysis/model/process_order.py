"""What a process for an analysis, or a stream, is told at its start, as one line of JSON on its standard input.

Source: docs/spec/market-analysis.md#runs; docs/spec/market-analysis.md#spark.
"""

from typing import Final

import msgspec

from quote_service.intelligence.market_analysis.model.runs import EngineName, Scope
from quote_service.platform.settings import LogLevel, Settings


class AnalysisOrder(msgspec.Struct, frozen=True):
    """Where the figures are, what works them out, and of which products; `niceness` is what of a processor it gives way."""

    database_url: str
    scope: Scope
    zone: str
    engine: EngineName
    memory_mb: int
    spark_master: str
    spark_partitions: int
    folder: str
    log_level: LogLevel
    niceness: int


class StreamOrder(msgspec.Struct, frozen=True):
    """What a process for Spark's stream of windows goes by; `niceness` as above."""

    settings: Settings
    niceness: int


_OF_STREAMS: Final = (
    *("database_url", "log_level", "analytics_engine", "analysis_dir", "analysis_memory_mb", "spark_master"),
    *(
        "spark_partitions",
        "spark_packages",
        "market_window_seconds",
        "market_lateness_seconds",
        "event_bus",
        "event_prefix",
    ),
    *("event_partitions", "kafka_servers", "kafka_security", "kafka_sasl_mechanism", "kafka_username"),
    *("kafka_password", "kafka_ca_file", "kafka_replication"),
)


def stream_order(settings: Settings, niceness: int) -> StreamOrder:
    """The order of these settings, but for those that are no business of a stream: keys that quotes are signed with, say."""
    return StreamOrder(Settings(**{name: getattr(settings, name) for name in _OF_STREAMS}), niceness)
