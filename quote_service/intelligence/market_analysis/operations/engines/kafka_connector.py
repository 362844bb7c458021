"""How Spark's own connector of Kafka is told what settings say.

Source: docs/spec/market-analysis.md#spark.
"""

from quote_service.platform.event_bus.model.events import Topic
from quote_service.platform.settings import Settings


def connector_options(settings: Settings, topic: Topic) -> dict[str, str]:
    """The options of `format("kafka")`."""
    options = {
        "kafka.bootstrap.servers": ",".join(settings.kafka_servers),
        "kafka.security.protocol": settings.kafka_security.upper(),
        "subscribe": settings.event_prefix + topic,
        "startingOffsets": "earliest",
        # What the topic's retention has taken since is not there to be read.
        "failOnDataLoss": "false",
    }
    if settings.kafka_security.startswith("sasl"):
        module = "plain.Plain" if settings.kafka_sasl_mechanism == "PLAIN" else "scram.Scram"
        options["kafka.sasl.mechanism"] = settings.kafka_sasl_mechanism
        options["kafka.sasl.jaas.config"] = (
            f"org.apache.kafka.common.security.{module}LoginModule required "
            f"username={_quoted(settings.kafka_username)} password={_quoted(settings.kafka_password)};"
        )
    if settings.kafka_security.endswith("ssl") and settings.kafka_ca_file:
        options["kafka.ssl.truststore.type"] = "PEM"
        options["kafka.ssl.truststore.location"] = settings.kafka_ca_file
    return options


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
