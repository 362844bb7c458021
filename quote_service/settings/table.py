"""The one table of settings: each with its variable, meaning, default and bounds, and how its value may be shown.

Source: docs/spec/operations.md#settings; docs/spec/access.md#secrets.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple, get_type_hints

import msgspec

from quote_service.settings.keys import Key, Keys
from quote_service.settings.rate_limit import DEFAULT_RATE_LIMIT, RateLimit
from quote_service.settings.urls import split_url

LogLevel = Literal["debug", "info", "warning", "error"]
Switch = Literal["on", "off"]
AnalyticsEngine = Literal["duckdb", "spark"]
Words = tuple[str, ...]
Limit = RateLimit | None


def _variable(name: str, meaning: str, *, secret: bool = False, **bounds: Any) -> msgspec.Meta:
    return msgspec.Meta(description=meaning, extra={"variable": name, "secret": secret}, **bounds)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set; each field names its variable, its meaning and whether it is secret."""

    database_url: Annotated[
        str, _variable("DATABASE_URL", "PostgreSQL, postgresql://user:password@host:port/database", secret=True)
    ] = ""
    redis_url: Annotated[
        str,
        _variable(
            "REDIS_URL", "Redis or Valkey; redis://, rediss://, redis+sentinel:// or redis+cluster://", secret=True
        ),
    ] = ""
    stock_redis_url: Annotated[
        str,
        _variable("QUOTE_STOCK_REDIS_URL", "Redis that holds stock and never evicts; empty: REDIS_URL", secret=True),
    ] = ""

    host: Annotated[str, _variable("QUOTE_HOST", "address to listen on", min_length=1)] = "127.0.0.1"
    port: Annotated[int, _variable("QUOTE_PORT", "port to listen on; 0 picks a free one", ge=0, le=65535)] = 8000
    workers: Annotated[int, _variable("QUOTE_WORKERS", "worker processes", ge=1, le=256)] = 1
    shutdown_seconds: Annotated[
        int, _variable("QUOTE_SHUTDOWN_SECONDS", "how long running requests have after SIGTERM", ge=1, le=600)
    ] = 30
    drain_seconds: Annotated[
        float,
        _variable("QUOTE_DRAIN_SECONDS", "how long to keep serving after SIGTERM while no longer ready", ge=0, le=60),
    ] = 1.0
    trusted_proxies: Annotated[
        Words, _variable("QUOTE_TRUSTED_PROXIES", "addresses whose X-Forwarded-For is trusted, comma-separated")
    ] = ()
    cors_origins: Annotated[
        Words, _variable("QUOTE_CORS_ORIGINS", "origins that browsers may call from, comma-separated")
    ] = ()
    public_url: Annotated[
        str,
        _variable(
            "QUOTE_PUBLIC_URL", "where browsers reach the service, https://host; empty: as each of them asks for it"
        ),
    ] = ""
    body_limit_bytes: Annotated[
        int, _variable("QUOTE_BODY_LIMIT_BYTES", "largest request body", ge=1024, le=1 << 30)
    ] = 1 << 20
    arrival_seconds: Annotated[
        float,
        _variable("QUOTE_ARRIVAL_SECONDS", "how long a request may take to arrive", ge=0.1, le=3600),
    ] = 30.0
    import_body_limit_bytes: Annotated[
        int, _variable("QUOTE_IMPORT_BODY_LIMIT_BYTES", "largest body of an import", ge=1024, le=1 << 30)
    ] = 10 << 20

    fast_path: Annotated[
        Switch,
        _variable("QUOTE_FAST_PATH", "on: quotes and simple purchases are answered in front of the framework; or off"),
    ] = "on"
    max_concurrency: Annotated[
        int, _variable("QUOTE_MAX_CONCURRENCY", "quotes computing at once in a worker", ge=1, le=100_000)
    ] = 64
    max_queue: Annotated[
        int, _variable("QUOTE_MAX_QUEUE", "quotes waiting in a worker; past that 503", ge=0, le=1_000_000)
    ] = 1000
    timeout_ms: Annotated[int, _variable("QUOTE_TIMEOUT_MS", "time a quote has; past it 504", ge=1, le=600_000)] = 2000
    quote_ttl_seconds: Annotated[
        int, _variable("QUOTE_TTL_SECONDS", "how long a quote is binding", ge=1, le=86_400)
    ] = 900
    hold_seconds_max: Annotated[
        int, _variable("QUOTE_HOLD_SECONDS_MAX", "how long a quote can be reserved", ge=1, le=86_400)
    ] = 900
    reservations_per_customer: Annotated[
        int, _variable("QUOTE_RESERVATIONS_PER_CUSTOMER", "reservations that a customer has at once", ge=1, le=1000)
    ] = 5
    reserved_units_max: Annotated[
        int,
        _variable(
            "QUOTE_RESERVED_UNITS_MAX",
            "units of one product or variant that a customer has reserved at once",
            ge=1,
            le=1_000_000_000,
        ),
    ] = 20
    local_cache_entries: Annotated[
        int, _variable("QUOTE_LOCAL_CACHE_ENTRIES", "answers kept in a worker", ge=0, le=10_000_000)
    ] = 20_000
    local_cache_bytes: Annotated[
        int, _variable("QUOTE_LOCAL_CACHE_BYTES", "bytes of answers kept in a worker", ge=0, le=1 << 40)
    ] = 64 << 20

    redis_timeout_ms: Annotated[
        int, _variable("QUOTE_REDIS_TIMEOUT_MS", "how long one Redis command may take", ge=1, le=60_000)
    ] = 50
    database_connections: Annotated[
        int, _variable("QUOTE_DATABASE_CONNECTIONS", "PostgreSQL connections of a worker at most", ge=2, le=1000)
    ] = 10
    change_set_approval: Annotated[
        Switch,
        _variable(
            "QUOTE_CHANGE_SET_APPROVAL", "whether somebody else has to approve a change set before it is published"
        ),
    ] = "off"
    flags_refresh_seconds: Annotated[
        int,
        _variable(
            "QUOTE_FLAGS_REFRESH_SECONDS",
            "how often all feature flags are read again, changed or not; changes are pushed anyway",
            ge=1,
            le=86_400,
        ),
    ] = 300
    database_timeout_ms: Annotated[
        int,
        _variable("QUOTE_DATABASE_TIMEOUT_MS", "how long a statement, or the wait for a connection, may take", ge=10),
    ] = 5000

    replays_max: Annotated[
        int, _variable("QUOTE_REPLAYS_MAX", "replays of accepted quotes that wait or run at once", ge=0, le=1000)
    ] = 4
    replay_quotes_max: Annotated[
        int, _variable("QUOTE_REPLAY_QUOTES_MAX", "accepted quotes that one replay prices again at most", ge=1)
    ] = 1_000_000
    replay_processes: Annotated[
        int, _variable("QUOTE_REPLAY_PROCESSES", "processes that a `worker` starts for replays at once", ge=0, le=64)
    ] = 1

    default_currency: Annotated[
        str,
        _variable(
            "QUOTE_DEFAULT_CURRENCY", "ISO 4217 currency of rules and rates with amounts that name none; empty: refused"
        ),
    ] = ""

    jwt_keys: Annotated[
        Keys, _variable("QUOTE_JWT_KEYS", "sign access tokens: kid:base64secret,...; the first signs", secret=True)
    ] = ()
    signing_keys: Annotated[
        Keys, _variable("QUOTE_SIGNING_KEYS", "sign quotes (HMAC-SHA-256): kid:base64secret,...", secret=True)
    ] = ()
    receipt_keys: Annotated[
        Keys,
        _variable("QUOTE_RECEIPT_KEYS", "sign receipts (Ed25519, seeds of 32 bytes): kid:base64seed,...", secret=True),
    ] = ()

    access_token_seconds: Annotated[
        int, _variable("QUOTE_ACCESS_TOKEN_SECONDS", "life of an access token", ge=60, le=86_400)
    ] = 900
    refresh_token_seconds: Annotated[
        int,
        _variable(
            "QUOTE_REFRESH_TOKEN_SECONDS",
            "life of a refresh token; at least that of an access token",
            ge=60,
            le=366 * 86_400,
        ),
    ] = 14 * 86_400
    page_session_seconds: Annotated[
        int, _variable("QUOTE_PAGE_SESSION_SECONDS", "life of a session in the pages", ge=60, le=14 * 86_400)
    ] = 12 * 3600
    page_unused_seconds: Annotated[
        int, _variable("QUOTE_PAGE_UNUSED_SECONDS", "life of a session in the pages that is not used", ge=60, le=86_400)
    ] = 1800
    login_window_seconds: Annotated[
        int, _variable("QUOTE_LOGIN_WINDOW_SECONDS", "how long attempts to log in are counted", ge=10, le=86_400)
    ] = 900
    login_attempts_account: Annotated[
        int,
        _variable("QUOTE_LOGIN_ATTEMPTS_ACCOUNT", "attempts to log in to one account; past that 429", ge=3, le=1000),
    ] = 10
    login_attempts_address: Annotated[
        int,
        _variable(
            "QUOTE_LOGIN_ATTEMPTS_ADDRESS", "attempts to log in from one address; past that 429", ge=3, le=1_000_000
        ),
    ] = 100
    second_factor_roles: Annotated[
        Words,
        _variable(
            "QUOTE_SECOND_FACTOR_ROLES",
            "roles that cannot log in without a second factor, comma-separated; empty: none",
        ),
    ] = ()
    oidc_issuer: Annotated[
        str,
        _variable("QUOTE_OIDC_ISSUER", "OpenID Connect provider that people sign in with, https://...; empty: none"),
    ] = ""
    oidc_client_id: Annotated[str, _variable("QUOTE_OIDC_CLIENT_ID", "what the provider knows this service by")] = ""
    oidc_client_secret: Annotated[
        str, _variable("QUOTE_OIDC_CLIENT_SECRET", "secret of that client; empty for a public one", secret=True)
    ] = ""
    oidc_name: Annotated[
        str, _variable("QUOTE_OIDC_NAME", "the provider's name on the sign-in page; empty: its host", max_length=60)
    ] = ""
    oidc_role_claim: Annotated[
        str,
        _variable(
            "QUOTE_OIDC_ROLE_CLAIM",
            "claim that roles come from, such as `groups` or `realm_access.roles`; empty: roles stay",
        ),
    ] = ""
    oidc_roles: Annotated[
        Words,
        _variable("QUOTE_OIDC_ROLES", "roles by value of that claim: `team=admin,*=analyst`; `*` is everybody"),
    ] = ()
    reset_link_seconds: Annotated[
        int,
        _variable("QUOTE_RESET_LINK_SECONDS", "life of a link by which a new password is set", ge=60, le=7 * 86_400),
    ] = 3600
    event_source: Annotated[
        str, _variable("QUOTE_EVENT_SOURCE", "`source` of the events that webhooks get: a URI reference", min_length=1)
    ] = "/quote-service"
    webhook_timeout_ms: Annotated[
        int, _variable("QUOTE_WEBHOOK_TIMEOUT_MS", "time an endpoint has to answer a webhook", ge=100, le=60_000)
    ] = 10_000
    webhook_failing_days: Annotated[
        int, _variable("QUOTE_WEBHOOK_FAILING_DAYS", "days of failures before an endpoint is disabled", ge=1, le=90)
    ] = 3
    webhook_keep_days: Annotated[
        int,
        _variable("QUOTE_WEBHOOK_KEEP_DAYS", "days that webhooks that were not delivered are kept", ge=2, le=3650),
    ] = 30
    experiment_keep_days: Annotated[
        int,
        _variable(
            "QUOTE_EXPERIMENT_KEEP_DAYS",
            "days that customers are kept of an experiment that has ended; its sums stay",
            ge=1,
            le=3650,
        ),
    ] = 30
    outbound_networks: Annotated[
        Words,
        _variable(
            "QUOTE_OUTBOUND_NETWORKS",
            "networks that are not public and requests may go to all the same, comma-separated; empty: none",
        ),
    ] = ()
    watch: Annotated[
        Switch, _variable("QUOTE_WATCH", "on: workers fetch the sources of competitors' prices; or off")
    ] = "on"
    watch_contact: Annotated[
        str, _variable("QUOTE_WATCH_CONTACT", "a URL or address in the User-Agent of what is fetched from competitors")
    ] = ""
    watch_per_minute: Annotated[
        int, _variable("QUOTE_WATCH_PER_MINUTE", "requests a minute to one host of competitors", ge=1, le=600)
    ] = 12
    watch_timeout_ms: Annotated[
        int, _variable("QUOTE_WATCH_TIMEOUT_MS", "time a competitor's server has to answer", ge=100, le=60_000)
    ] = 20_000
    observation_keep_days: Annotated[
        int,
        _variable("QUOTE_OBSERVATION_KEEP_DAYS", "days that observed prices of competitors are kept", ge=30, le=3650),
    ] = 400
    signal_keep_days: Annotated[
        int, _variable("QUOTE_SIGNAL_KEEP_DAYS", "days that signals are kept", ge=30, le=3650)
    ] = 400
    fetch_keep_days: Annotated[
        int, _variable("QUOTE_FETCH_KEEP_DAYS", "days that the record of each fetch is kept", ge=1, le=3650)
    ] = 90
    event_bus: Annotated[
        Literal["redis", "kafka"],
        _variable("QUOTE_EVENT_BUS", "where events of products go: `redis` (Streams) or `kafka`"),
    ] = "redis"
    event_redis_url: Annotated[
        str,
        _variable("QUOTE_EVENT_REDIS_URL", "Redis of the event bus; empty: the one that holds stock", secret=True),
    ] = ""
    kafka_servers: Annotated[
        Words, _variable("QUOTE_KAFKA_SERVERS", "brokers to begin with, host:port, comma-separated")
    ] = ()
    kafka_security: Annotated[
        Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"],
        _variable("QUOTE_KAFKA_SECURITY", "`plaintext`, `ssl`, `sasl_plaintext` or `sasl_ssl`"),
    ] = "plaintext"
    kafka_sasl_mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"],
        _variable("QUOTE_KAFKA_SASL_MECHANISM", "`PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`"),
    ] = "SCRAM-SHA-512"
    kafka_username: Annotated[str, _variable("QUOTE_KAFKA_USERNAME", "account of SASL")] = ""
    kafka_password: Annotated[str, _variable("QUOTE_KAFKA_PASSWORD", "its password", secret=True)] = ""
    kafka_ca_file: Annotated[
        str, _variable("QUOTE_KAFKA_CA_FILE", "certificates (PEM) that brokers are checked by; empty: the system's")
    ] = ""
    kafka_replication: Annotated[
        int, _variable("QUOTE_KAFKA_REPLICATION", "copies of each topic that is created; 3 in production", ge=1, le=32)
    ] = 1
    event_prefix: Annotated[
        str,
        _variable(
            "QUOTE_EVENT_PREFIX",
            "what names of streams or topics, and of consumer groups of Kafka, begin with; empty: nothing",
            pattern="^[A-Za-z0-9._-]{0,60}$",
        ),
    ] = ""
    event_partitions: Annotated[
        int,
        _variable("QUOTE_EVENT_PARTITIONS", "streams or partitions of each topic; do not lower it", ge=1, le=256),
    ] = 4
    event_stream_length: Annotated[
        int,
        _variable("QUOTE_EVENT_STREAM_LENGTH", "events that a stream of Redis keeps, about", ge=100, le=100_000_000),
    ] = 10_000
    event_keep_days: Annotated[
        int,
        _variable("QUOTE_EVENT_KEEP_DAYS", "days after which events are not handled any more", ge=1, le=90),
    ] = 7
    event_outbox_max: Annotated[
        int,
        _variable("QUOTE_EVENT_OUTBOX_MAX", "events that wait while the bus is away; past that the oldest go", ge=1000),
    ] = 5_000_000
    event_attempts: Annotated[
        int, _variable("QUOTE_EVENT_ATTEMPTS", "failures after which an event waits for a person", ge=1, le=50)
    ] = 6
    event_dead_letter_days: Annotated[
        int, _variable("QUOTE_EVENT_DEAD_LETTER_DAYS", "days that dead letters are kept", ge=1, le=3650)
    ] = 30
    behaviour_keep_days: Annotated[
        int,
        _variable(
            "QUOTE_BEHAVIOUR_KEEP_DAYS", "days that sums of what shoppers did are kept by the hour", ge=1, le=3650
        ),
    ] = 400
    analysis_seconds: Annotated[
        int,
        _variable(
            "QUOTE_ANALYSIS_SECONDS",
            "from one analysis of the market to the next, in a process of a `worker`; 0: none",
            ge=0,
            le=86_400,
        ),
    ] = 900
    analytics_engine: Annotated[
        AnalyticsEngine,
        _variable("QUOTE_ANALYTICS_ENGINE", "what analyses the market: duckdb, in the process; or spark, Apache Spark"),
    ] = "duckdb"
    analysis_memory_mb: Annotated[
        int, _variable("QUOTE_ANALYSIS_MEMORY_MB", "memory of the engine that analyses", ge=128, le=1 << 20)
    ] = 512
    analysis_dir: Annotated[
        str,
        _variable(
            "QUOTE_ANALYSIS_DIR",
            "folder for what the engine reads and spills, which Spark's executors see too; empty: a temporary one",
        ),
    ] = ""
    spark_master: Annotated[
        str,
        _variable(
            "SPARK_MASTER", "Spark's master, such as spark://host:7077; local[*]: within the process", min_length=1
        ),
    ] = "local[*]"
    rate_limit_admin: Annotated[
        Limit, _variable("QUOTE_RATE_LIMIT_ADMIN", "requests of an admin: per second/at once, or `none`")
    ] = DEFAULT_RATE_LIMIT
    rate_limit_pricing_manager: Annotated[
        Limit, _variable("QUOTE_RATE_LIMIT_PRICING_MANAGER", "requests of a pricing manager, likewise")
    ] = DEFAULT_RATE_LIMIT
    rate_limit_analyst: Annotated[Limit, _variable("QUOTE_RATE_LIMIT_ANALYST", "requests of an analyst, likewise")] = (
        DEFAULT_RATE_LIMIT
    )
    rate_limit_user: Annotated[Limit, _variable("QUOTE_RATE_LIMIT_USER", "requests of a shopper, likewise")] = (
        RateLimit(requests_per_second=20, burst=40)
    )
    rate_limit_guests: Annotated[
        Limit,
        _variable(
            "QUOTE_RATE_LIMIT_GUESTS", "pages of the store for all visitors without an account at one address, likewise"
        ),
    ] = RateLimit(requests_per_second=20, burst=100)

    analytics: Annotated[
        Switch, _variable("QUOTE_ANALYTICS", "on: quotes are counted for reports; or off, and reports have none")
    ] = "on"
    time_zone: Annotated[
        str,
        _variable(
            "QUOTE_TIME_ZONE",
            "IANA time zone that days and months of reports begin by; later changes need `analytics rebuild`",
            min_length=1,
        ),
    ] = "UTC"
    analytics_hour_days: Annotated[
        int, _variable("QUOTE_ANALYTICS_HOUR_DAYS", "days that reports can be read by the hour", ge=2, le=3650)
    ] = 62
    analytics_day_days: Annotated[
        int,
        _variable(
            "QUOTE_ANALYTICS_DAY_DAYS", "days that reports can be read by the day; months stay", ge=62, le=36_500
        ),
    ] = 3650

    price_decision_seconds: Annotated[
        float,
        _variable(
            "QUOTE_PRICE_DECISION_SECONDS", "seconds between two runs of price decisions; 0: none", ge=0, le=604_800
        ),
    ] = 3600.0
    price_horizon_days: Annotated[
        int, _variable("QUOTE_PRICE_HORIZON_DAYS", "days over which decisions reckon what a price brings", ge=1, le=365)
    ] = 7
    price_learn_seconds: Annotated[
        float,
        _variable(
            "QUOTE_PRICE_LEARN_SECONDS",
            "seconds between two learnings of demand from sales; 0: none",
            ge=0,
            le=2_592_000,
        ),
    ] = 86_400.0
    price_learn_days: Annotated[
        int, _variable("QUOTE_PRICE_LEARN_DAYS", "days of sales that demand is learnt from", ge=14, le=3650)
    ] = 365
    price_model_max_days: Annotated[
        int, _variable("QUOTE_PRICE_MODEL_MAX_DAYS", "days after which what was learnt decides nothing", ge=1, le=365)
    ] = 14
    price_decision_keep_days: Annotated[
        int,
        _variable("QUOTE_PRICE_DECISION_KEEP_DAYS", "days that decisions are kept which set no price", ge=1, le=3650),
    ] = 400

    log_level: Annotated[LogLevel, _variable("QUOTE_LOG_LEVEL", "debug, info, warning or error")] = "info"
    trace_sample_ratio: Annotated[
        float, _variable("QUOTE_TRACE_SAMPLE_RATIO", "share of requests traced", ge=0, le=1)
    ] = 0.01
    otlp_endpoint: Annotated[str, _variable("QUOTE_OTLP_ENDPOINT", "OpenTelemetry collector; empty: none")] = ""
    otlp_interval_seconds: Annotated[
        float, _variable("QUOTE_OTLP_INTERVAL_SECONDS", "how often metrics are sent to the collector", ge=0.1, le=3600)
    ] = 15.0
    slow_quote_ms: Annotated[
        int, _variable("QUOTE_SLOW_QUOTE_MS", "quotes slower than this are logged", ge=1, le=600_000)
    ] = 100
    log_sample_ratio: Annotated[
        float, _variable("QUOTE_LOG_SAMPLE_RATIO", "share of the other quotes logged", ge=0, le=1)
    ] = 0.001
    metrics_host: Annotated[
        str, _variable("QUOTE_METRICS_HOST", "address that metrics and health details are served on", min_length=1)
    ] = "127.0.0.1"
    metrics_port: Annotated[
        int,
        _variable(
            "QUOTE_METRICS_PORT", "port for /metrics and /health with details of `serve`; 0: none", ge=0, le=65535
        ),
    ] = 9464
    worker_metrics_port: Annotated[
        int,
        _variable(
            "QUOTE_WORKER_METRICS_PORT",
            "port for /metrics and /health with details of `worker`; 0: none",
            ge=0,
            le=65535,
        ),
    ] = 0

    development: bool = False  # set by `quote-service dev` alone, never read from the environment

    def __repr__(self) -> str:
        # A log line or a failed assertion that holds the settings must not hold the secrets.
        shown = (f"{setting.field}={shown_value(setting, getattr(self, setting.field))!r}" for setting in SETTINGS)
        return f"Settings({', '.join(shown)})"


class Setting(NamedTuple):
    """One row of the table of settings."""

    field: str
    variable: str
    meaning: str
    is_secret: bool
    default: Any
    type: Any


def _table() -> Iterator[Setting]:
    hints = get_type_hints(Settings, include_extras=True)
    for field in msgspec.structs.fields(Settings):
        for note in getattr(hints[field.name], "__metadata__", ()):
            extra = note.extra
            yield Setting(
                field.name, extra["variable"], note.description, extra["secret"], field.default, hints[field.name]
            )


SETTINGS: tuple[Setting, ...] = tuple(_table())


def shown_value(setting: Setting, value: Any) -> str:
    """A value as it may be shown: no password of a URL and no secret of a key."""
    if isinstance(value, tuple):
        return ", ".join(f"{each.kid}:***" if isinstance(each, Key) else str(each) for each in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, RateLimit):
        return f"{value.requests_per_second}/{value.burst}"
    if value is None:
        return "none"
    if not setting.is_secret or not value:
        return str(value)
    parts = split_url(str(value))
    if not parts.scheme or not (parts.hosts or parts.path):
        return "***"
    account = "" if parts.account is None else f"{parts.account.partition(':')[0]}:***@"
    # The query may carry a password too (?password=...).
    return f"{parts.scheme}://{account}{parts.hosts}{parts.path}" + ("?***" if parts.query else "")
