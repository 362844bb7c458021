"""A topic of Kafka for an engine that reads it by offsets of its own.

Source: docs/spec/market-analysis.md#spark.
"""

from typing import TYPE_CHECKING

from quote_service.platform.event_bus.model.events import Topic
from quote_service.platform.settings import Settings

if TYPE_CHECKING:
    from quote_service.platform.event_bus.tables.kafka_ranges import KafkaRanges


def read_topic(settings: Settings, topic: Topic) -> "KafkaRanges":
    """The topic by offsets; nothing is asked of a broker yet."""
    # Here, because only who reads so shall need the extra.
    from quote_service.platform.event_bus.tables.kafka_ranges import KafkaRanges

    return KafkaRanges(settings, topic)
