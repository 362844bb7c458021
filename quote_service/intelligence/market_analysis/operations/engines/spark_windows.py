"""A subject's windows as a stream of Spark: read from Kafka, counted by the shared transformation, handed over batch by batch.

Source: docs/spec/market-analysis.md#spark.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from quote_service.intelligence.market_analysis.model.transformations.dataframes import Api, Frame
from quote_service.intelligence.market_analysis.model.transformations.windows import (
    WINDOW_COLUMNS,
    WINDOW_KEYS,
    count_windows,
    placed_moments,
)
from quote_service.intelligence.market_analysis.model.windows.subjects import TOPIC_OF, WindowSubject
from quote_service.intelligence.market_analysis.model.windows.terms import AHEAD_US, WindowTerms
from quote_service.intelligence.market_analysis.tables.streams import StreamSource
from quote_service.intelligence.market_analysis.tables.window_marks import BatchFigures
from quote_service.platform.settings import Settings

#: Messages of a topic that one batch takes at most.
MESSAGES_MAX: Final = 200_000
_CONNECTOR: Final = "org.apache.spark.sql.kafka010.KafkaSourceProvider"
_READ: Final = "read"

#: Is given the windows that a batch has changed, each whole; called again for a batch that was not finished.
Write = Callable[[list[tuple[Any, ...]]], None]


class StreamTerms(NamedTuple):
    """How a stream counts: as settings say, with its place kept in `folder`, a batch every so many seconds."""

    settings: Settings
    windows: WindowTerms
    folder: Path
    source: StreamSource
    every_seconds: float = 5.0


def source_of(session: Any) -> StreamSource:
    """`kafka` where Spark's own connector is on its classpath; `python` otherwise."""
    virtual_machine = session._jvm
    loader = virtual_machine.org.apache.spark.util.Utils.getContextOrSparkClassLoader()
    try:
        virtual_machine.java.lang.Class.forName(_CONNECTOR, False, loader)
    except Exception:  # noqa: BLE001 (the bridge tells every Java exception by one of its own)
        return "python"
    return "kafka"


def start_windows(session: Any, terms: StreamTerms, subject: WindowSubject, write: Write) -> Any:
    """Start counting a subject; goes on where its checkpoint is."""
    from pyspark.sql import Window
    from pyspark.sql import functions as spark_functions

    counted = _counted(Api(spark_functions, Window), _moments(session, terms, subject), terms.windows)
    width, lateness = terms.windows
    # Another width or source could not go on where this one has stopped.
    place = terms.folder / f"{terms.settings.event_prefix}{subject}-{width}-{lateness}-{terms.source}"
    return (
        counted.writeStream.queryName(f"windows of {subject}")
        .outputMode("update")
        .option("checkpointLocation", place.absolute().as_uri())
        .trigger(processingTime=f"{terms.every_seconds} seconds")
        .foreachBatch(lambda batch, _: write([tuple(row) for row in batch.collect()]))
        .start()
    )


def batch_figures(progress: Any) -> BatchFigures:
    """What became of the events of a batch that is done."""
    read = progress.observedMetrics.get(_READ)
    if read is None:
        return BatchFigures(0, 0, 0)
    late = repeated = 0
    for state in progress.stateOperators:
        if state.operatorName.startswith("dedupe"):
            late += state.numRowsDroppedByWatermark
            repeated += state.customMetrics.get("numDroppedDuplicateRows", 0)
    here = (read["moments"] or 0) - (read["ahead"] or 0)
    return BatchFigures(max(here - late - repeated, 0), late, read["ahead"] or 0, read["unreadable"] or 0)


def _moments(session: Any, terms: StreamTerms, subject: WindowSubject) -> Frame:
    from pyspark.sql.functions import arrow_udf, col

    from quote_service.intelligence.market_analysis.operations.engines.spark_moments import MOMENT_STRUCT, read_messages

    topic = TOPIC_OF[subject]
    if terms.source == "kafka":
        from quote_service.intelligence.market_analysis.operations.engines.kafka_connector import connector_options

        options, name = connector_options(terms.settings, topic), "kafka"
        options["maxOffsetsPerTrigger"] = str(MESSAGES_MAX)
    else:
        from quote_service.intelligence.market_analysis.operations.engines.kafka_source import (
            EventSource,
            source_options,
        )

        session.dataSource.register(EventSource)
        options, name = source_options(terms.settings, topic), EventSource.name()
        options["messages_max"] = str(MESSAGES_MAX)
    messages = session.readStream.format(name).options(**options).load().select("value")
    # As if it could answer otherwise each time: Spark would have every message read once for each column.
    read = arrow_udf(read_messages, MOMENT_STRUCT).asNondeterministic()
    return messages.select(read("value").alias("moment")).where(col("moment.unreadable").isNotNull()).select("moment.*")


def _counted(api: Api, moments: Frame, terms: WindowTerms) -> Frame:
    functions = api.functions
    column, one, none = functions.col, functions.lit(1), functions.lit(0)
    # The clock of the batch, which stays the same when it is done again.
    is_ahead = column("at_us") > functions.unix_micros(functions.current_timestamp()) + functions.lit(AHEAD_US)
    marked = moments.withColumn("is_ahead", functions.when(is_ahead, one).otherwise(none)).observe(
        _READ,
        functions.sum(one - column("unreadable")).alias("moments"),
        functions.sum("is_ahead").alias("ahead"),
        functions.sum("unreadable").alias("unreadable"),
    )
    here = marked.where((column("unreadable") == none) & (column("is_ahead") == none))
    placed = placed_moments(api, here.withColumn("width_us", functions.lit(terms.width_us)))
    # By the end of its window instead of by its own instant an event is late exactly where its window is closed, for what
    # drops repeated ones too; a width more of lateness makes that the watermark of the instants, lateness being whole windows.
    ends = functions.timestamp_micros(column("starts_us") + column("width_us"))
    once = (
        placed.withColumn("ends_at", ends)
        .withWatermark("ends_at", f"{terms.lateness_seconds + terms.width_seconds} seconds")
        .dropDuplicatesWithinWatermark(["event_id"])
    )
    return count_windows(api, once, (*WINDOW_KEYS, "ends_at")).select(*WINDOW_COLUMNS)
