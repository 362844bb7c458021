"""What happens to products, told to whoever listens: an outbox in PostgreSQL, and Redis Streams or Kafka behind it."""
