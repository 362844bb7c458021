"""The event bus, and what is kept of the events on it."""

from typing import Annotated, Literal

from quote_service.platform.settings.fields.outbound import OutboundSettings
from quote_service.platform.settings.fields.variable import Words, variable


class EventSettings(OutboundSettings, frozen=True, kw_only=True):
    event_bus: Annotated[
        Literal["redis", "kafka"],
        variable("QUOTE_EVENT_BUS", "where events of products go: `redis` (Streams) or `kafka`"),
    ] = "redis"
    event_redis_url: Annotated[
        str,
        variable("QUOTE_EVENT_REDIS_URL", "Redis of the event bus; empty: the one that holds stock", secret=True),
    ] = ""
    kafka_servers: Annotated[
        Words, variable("QUOTE_KAFKA_SERVERS", "brokers to begin with, host:port, comma-separated")
    ] = ()
    kafka_security: Annotated[
        Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"],
        variable("QUOTE_KAFKA_SECURITY", "`plaintext`, `ssl`, `sasl_plaintext` or `sasl_ssl`"),
    ] = "plaintext"
    kafka_sasl_mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"],
        variable("QUOTE_KAFKA_SASL_MECHANISM", "`PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`"),
    ] = "SCRAM-SHA-512"
    kafka_username: Annotated[str, variable("QUOTE_KAFKA_USERNAME", "account of SASL")] = ""
    kafka_password: Annotated[str, variable("QUOTE_KAFKA_PASSWORD", "its password", secret=True)] = ""
    kafka_ca_file: Annotated[
        str, variable("QUOTE_KAFKA_CA_FILE", "certificates (PEM) that brokers are checked by; empty: the system's")
    ] = ""
    kafka_replication: Annotated[
        int, variable("QUOTE_KAFKA_REPLICATION", "copies of each topic that is created; 3 in production", ge=1, le=32)
    ] = 1
    event_prefix: Annotated[
        str,
        variable(
            "QUOTE_EVENT_PREFIX",
            "what names of streams or topics, and of consumer groups of Kafka, begin with; empty: nothing",
            pattern="^[A-Za-z0-9._-]{0,60}$",
        ),
    ] = ""
    event_partitions: Annotated[
        int,
        variable("QUOTE_EVENT_PARTITIONS", "streams or partitions of each topic; do not lower it", ge=1, le=256),
    ] = 4
    event_stream_length: Annotated[
        int,
        variable("QUOTE_EVENT_STREAM_LENGTH", "events that a stream of Redis keeps, about", ge=100, le=100_000_000),
    ] = 10_000
    event_keep_days: Annotated[
        int,
        variable("QUOTE_EVENT_KEEP_DAYS", "days after which events are not handled any more", ge=1, le=90),
    ] = 7
    event_outbox_max: Annotated[
        int,
        variable(
            "QUOTE_EVENT_OUTBOX_MAX",
            "events kept while the bus is unavailable; beyond that the oldest are dropped",
            ge=1000,
        ),
    ] = 5_000_000
    event_attempts: Annotated[
        int, variable("QUOTE_EVENT_ATTEMPTS", "failures after which an event waits for a person", ge=1, le=50)
    ] = 6
    event_dead_letter_days: Annotated[
        int, variable("QUOTE_EVENT_DEAD_LETTER_DAYS", "days that dead letters are kept", ge=1, le=3650)
    ] = 30
    behaviour_keep_days: Annotated[
        int,
        variable("QUOTE_BEHAVIOUR_KEEP_DAYS", "days that sums of what shoppers did are kept", ge=1, le=3650),
    ] = 400
