"""The analysis of the market, and the engine that does it."""

from typing import Annotated, Literal

from quote_service.platform.settings.fields.events import EventSettings
from quote_service.platform.settings.fields.variable import variable


class AnalysisSettings(EventSettings, frozen=True, kw_only=True):
    analysis_seconds: Annotated[
        int,
        variable(
            "QUOTE_ANALYSIS_SECONDS",
            "from one analysis of the market to the next, in a process of a `worker`; 0: none",
            ge=0,
            le=86_400,
        ),
    ] = 900
    analytics_engine: Annotated[
        Literal["duckdb", "spark"],
        variable("QUOTE_ANALYTICS_ENGINE", "what analyses the market: duckdb, in the process; or spark, Apache Spark"),
    ] = "duckdb"
    market_window_seconds: Annotated[
        int,
        variable(
            "QUOTE_MARKET_WINDOW_SECONDS",
            "width of the windows that events are counted in, a divisor of a day; 0: none are counted",
            ge=0,
            le=86_400,
        ),
    ] = 300
    market_lateness_seconds: Annotated[
        int,
        variable(
            "QUOTE_MARKET_LATENESS_SECONDS",
            "how far behind the newest event one may be and still count; raised to whole windows",
            ge=0,
            le=604_800,
        ),
    ] = 900
    market_window_days: Annotated[
        int, variable("QUOTE_MARKET_WINDOW_DAYS", "days that windows are kept", ge=1, le=400)
    ] = 14
    spark_packages: Annotated[
        str,
        variable(
            "QUOTE_SPARK_PACKAGES",
            "packages that Spark fetches, comma-separated; with spark-sql-kafka-0-10 it reads Kafka by that",
        ),
    ] = ""
    spark_partitions: Annotated[
        int,
        variable(
            "QUOTE_SPARK_PARTITIONS",
            "parts that Spark divides what it works out into; two to four for each core of its executors",
            ge=1,
            le=4096,
        ),
    ] = 4
    analysis_memory_mb: Annotated[
        int, variable("QUOTE_ANALYSIS_MEMORY_MB", "memory of the engine that analyses", ge=128, le=1 << 20)
    ] = 512
    analysis_dir: Annotated[
        str,
        variable(
            "QUOTE_ANALYSIS_DIR",
            "folder for what the engine reads and spills, which Spark's executors see too; empty: a temporary one",
        ),
    ] = ""
    spark_master: Annotated[
        str,
        variable(
            "SPARK_MASTER", "Spark's master, such as spark://host:7077; local[*]: within the process", min_length=1
        ),
    ] = "local[*]"
