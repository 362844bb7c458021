"""Topics of the event bus as a source of Spark's streams, read by this service's own client: no jar has to be had.

Spark keeps the offsets in its checkpoint, and has executors read each range of them; a range reads the same each time.

Source: docs/spec/market-analysis.md#spark.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

import msgspec
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.streaming.datasource import ReadLimit, ReadMaxRows

from quote_service.platform.event_bus.model.events import Topic
from quote_service.platform.event_bus.operations.read_topic import read_topic
from quote_service.platform.settings import Settings

FORMAT: Final = "quote_events"
#: Messages of a topic that one batch takes at most: a stream that begins again works through what there is in steps.
MESSAGES_MAX: Final = 200_000
#: What a reader needs to connect; its names are those of settings. A password is kept out of what Spark shows by its name.
_CONNECTING: Final = (
    *("kafka_servers", "kafka_security", "kafka_sasl_mechanism", "kafka_username", "kafka_password", "kafka_ca_file"),
    *("event_prefix", "event_partitions"),
)


def source_options(settings: Settings, topic: Topic) -> dict[str, str]:
    """The source's options."""
    connecting = {name: msgspec.json.encode(getattr(settings, name)).decode() for name in _CONNECTING}
    return {**connecting, "topic": topic}


class EventSource(DataSource):  # type: ignore[misc]  # not typed there
    """Messages of one topic, each as its bytes."""

    @classmethod
    def name(cls) -> str:
        """What `format` is called with."""
        return FORMAT

    def schema(self) -> str:
        """The one column."""
        return "value binary"

    def streamReader(self, schema: Any) -> DataSourceStreamReader:  # noqa: N802 (Spark's name)
        """A reader of the topic."""
        del schema
        return _Reader(dict(self.options))


class _Range(InputPartition):  # type: ignore[misc]  # as above
    def __init__(self, partition: int, begin: int, end: int) -> None:
        super().__init__((partition, begin, end))
        self.partition = partition
        self.begin = begin
        self.end = end


class _Reader(DataSourceStreamReader):  # type: ignore[misc]  # as above
    def __init__(self, options: dict[str, str]) -> None:
        # Names of options are in lower case there, as ours are.
        connecting: dict[str, Any] = {name: msgspec.json.decode(options[name]) for name in _CONNECTING}
        connecting["kafka_servers"] = tuple(connecting["kafka_servers"])
        self._settings = Settings(**connecting)
        self._topic = cast("Topic", options["topic"])
        self._limit = int(options.get("messages_max", MESSAGES_MAX))
        self._ranges: Any = None

    def initialOffset(self) -> dict[str, int]:  # noqa: N802 (Spark's name)
        return _named(self._open().begins())

    def getDefaultReadLimit(self) -> ReadLimit:  # noqa: N802 (Spark's name)
        return ReadMaxRows(self._limit)

    def latestOffset(self, start: dict[str, int], limit: ReadLimit) -> dict[str, int]:  # noqa: N802 (Spark's name)
        ranges = self._open()
        begins, ends = ranges.begins(), ranges.ends()
        each = max(limit.max_rows // max(len(ends), 1), 1) if isinstance(limit, ReadMaxRows) else None
        latest = {}
        for number, end in ends.items():
            read_to = start.get(str(number), 0)
            # A topic that was made again ends before it had been read to, and is read from its beginning; what Kafka has let go of
            # since is passed over at once.
            at = max(read_to if read_to <= end else 0, begins.get(number, 0))
            latest[number] = end if each is None else min(end, at + each)
        return _named(latest)

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> Sequence[InputPartition]:
        begins = {number: start.get(number, 0) for number in end}
        return [
            _Range(int(number), begins[number] if begins[number] < until else 0, until)
            for number, until in end.items()
            if until != begins[number]
        ]

    def read(self, partition: InputPartition) -> Iterator[tuple[bytes]]:
        wanted = cast("_Range", partition)
        ranges = read_topic(self._settings, self._topic)
        try:
            for messages in ranges.messages(wanted.partition, wanted.begin, wanted.end):
                for message in messages:
                    yield (message,)
        finally:
            ranges.close()

    def stop(self) -> None:
        if self._ranges is not None:
            self._ranges.close()
            self._ranges = None

    def __getstate__(self) -> dict[str, Any]:
        # It goes to executors, and a connection does not.
        return {**self.__dict__, "_ranges": None}

    def _open(self) -> Any:
        if self._ranges is None:
            self._ranges = read_topic(self._settings, self._topic)
        return self._ranges


def _named(offsets: dict[int, int]) -> dict[str, int]:
    return {str(number): offset for number, offset in offsets.items()}
