"""The analysis of the market, and the engine that does it."""

from typing import Annotated, Literal

from quote_service.settings.fields.events import EventSettings
from quote_service.settings.fields.variable import variable


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
