"""What knows no subject: HTTP, PostgreSQL, Redis, documents, money, settings, telemetry."""
