"""The event bus, on a real Valkey and a real broker that speaks Kafka's protocol."""
