"""Servers that the service needs, and how it is reached."""

from typing import Annotated

import msgspec

from quote_service.platform.settings.fields.variable import Words, variable


class ServingSettings(msgspec.Struct, frozen=True, kw_only=True):
    database_url: Annotated[
        str, variable("DATABASE_URL", "PostgreSQL, postgresql://user:password@host:port/database", secret=True)
    ] = ""
    redis_url: Annotated[
        str,
        variable(
            "REDIS_URL", "Redis or Valkey; redis://, rediss://, redis+sentinel:// or redis+cluster://", secret=True
        ),
    ] = ""
    stock_redis_url: Annotated[
        str,
        variable("QUOTE_STOCK_REDIS_URL", "Redis that holds stock and never evicts; empty: REDIS_URL", secret=True),
    ] = ""

    host: Annotated[str, variable("QUOTE_HOST", "address to listen on", min_length=1)] = "127.0.0.1"
    port: Annotated[int, variable("QUOTE_PORT", "port to listen on; 0 picks a free one", ge=0, le=65535)] = 8000
    workers: Annotated[int, variable("QUOTE_WORKERS", "worker processes", ge=1, le=256)] = 1
    shutdown_seconds: Annotated[
        int, variable("QUOTE_SHUTDOWN_SECONDS", "how long running requests have after SIGTERM", ge=1, le=600)
    ] = 30
    drain_seconds: Annotated[
        float,
        variable("QUOTE_DRAIN_SECONDS", "how long to keep serving after SIGTERM while no longer ready", ge=0, le=60),
    ] = 1.0
    trusted_proxies: Annotated[
        Words, variable("QUOTE_TRUSTED_PROXIES", "addresses whose X-Forwarded-For is trusted, comma-separated")
    ] = ()
    cors_origins: Annotated[
        Words, variable("QUOTE_CORS_ORIGINS", "origins that browsers may call from, comma-separated")
    ] = ()
    public_url: Annotated[
        str,
        variable(
            "QUOTE_PUBLIC_URL", "where browsers reach the service, https://host; empty: as each of them asks for it"
        ),
    ] = ""
    hsts: Annotated[
        str,
        variable(
            "QUOTE_HSTS",
            "Strict-Transport-Security of every answer, such as `max-age=31536000; includeSubDomains`, or `off`; "
            "empty: a year where QUOTE_PUBLIC_URL is https",
        ),
    ] = ""
    body_limit_bytes: Annotated[
        int, variable("QUOTE_BODY_LIMIT_BYTES", "largest request body", ge=1024, le=1 << 30)
    ] = 1 << 20
    arrival_seconds: Annotated[
        float,
        variable("QUOTE_ARRIVAL_SECONDS", "how long a request may take to arrive", ge=0.1, le=3600),
    ] = 30.0
    import_body_limit_bytes: Annotated[
        int, variable("QUOTE_IMPORT_BODY_LIMIT_BYTES", "largest body of an import", ge=1024, le=1 << 30)
    ] = 10 << 20
