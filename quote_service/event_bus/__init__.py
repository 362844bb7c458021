"""Events between processes, at least once, by Redis Streams or Apache Kafka.

Source: docs/spec/event-bus.md."""
