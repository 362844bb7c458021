"""Settings: read once from the environment, typed, and refused with every fault at once.

A secret may stand in a file instead: `QUOTE_JWT_KEYS_FILE` names the file that holds `QUOTE_JWT_KEYS`.

Source: spec 8 (secrets), spec 9 (settings are `QUOTE_*` environment variables).
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_type_hints
from urllib.parse import urlsplit, urlunsplit

import msgspec

KEY_BYTES_MIN = 32
DEVELOPMENT_KID = "dev"
LogLevel = Literal["debug", "info", "warning", "error"]


class Key(NamedTuple):
    """A secret with the id that its signatures carry; the first of a list signs, the others only verify."""

    kid: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.kid}:***)"


Keys = tuple[Key, ...]
Words = tuple[str, ...]


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
        _variable("QUOTE_DRAIN_SECONDS", "after SIGTERM: not ready, yet still serving, for so long", ge=0, le=60),
    ] = 1.0
    trusted_proxies: Annotated[
        Words, _variable("QUOTE_TRUSTED_PROXIES", "addresses whose X-Forwarded-For is believed, by commas")
    ] = ()
    cors_origins: Annotated[
        Words, _variable("QUOTE_CORS_ORIGINS", "origins that browsers may call from, by commas")
    ] = ()
    body_limit_bytes: Annotated[
        int, _variable("QUOTE_BODY_LIMIT_BYTES", "largest request body", ge=1024, le=1 << 30)
    ] = 1 << 20
    import_body_limit_bytes: Annotated[
        int, _variable("QUOTE_IMPORT_BODY_LIMIT_BYTES", "largest body of an import", ge=1024, le=1 << 30)
    ] = 10 << 20

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
    database_timeout_ms: Annotated[
        int,
        _variable("QUOTE_DATABASE_TIMEOUT_MS", "how long a statement, or the wait for a connection, may take", ge=10),
    ] = 5000

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
    metrics_public: Annotated[
        bool, _variable("QUOTE_METRICS_PUBLIC", "/metrics answers callers that are not local")
    ] = False
    worker_metrics_port: Annotated[
        int,
        _variable(
            "QUOTE_WORKER_METRICS_PORT",
            "port for /metrics and /health of `quote-service worker`, on QUOTE_HOST; 0: none",
            ge=0,
            le=65535,
        ),
    ] = 0
    health_details_public: Annotated[
        bool, _variable("QUOTE_HEALTH_DETAILS_PUBLIC", "/health/ready tells details to callers that are not local")
    ] = False

    development: bool = False  # set by `quote-service dev` alone, never read from the environment

    def __repr__(self) -> str:
        # A log line or a failed assertion that holds the settings must not hold the secrets.
        shown = (f"{setting.field}={shown_value(setting, getattr(self, setting.field))!r}" for setting in SETTINGS)
        return f"Settings({', '.join(shown)})"


class SettingFault(NamedTuple):
    """One variable, and what is wrong with it."""

    variable: str
    detail: str


class SettingsRefused(Exception):
    """The environment cannot be used; holds every fault found."""

    def __init__(self, faults: list[SettingFault]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"{fault.variable}: {fault.detail}" for fault in faults))


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


def read_settings(environment: Mapping[str, str], **fixed: Any) -> Settings:
    """Read the settings from environment variables.

    Args:
        environment: Variables by name; empty ones count as not given.
        fixed: Fields decided elsewhere (command-line options), which win over the environment.

    Raises:
        SettingsRefused: With every variable that cannot be read, and every `QUOTE_*` variable that does not exist.
    """
    faults = list(_unknown_variables(environment))
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        try:
            text = _text_of(setting, environment)
            if text:
                values[setting.field] = _read_value(setting, text)
        except ValueError as unreadable:
            faults.append(SettingFault(setting.variable, str(unreadable)))
    if faults:
        raise SettingsRefused(faults)
    return Settings(**{**values, **fixed})


def production_faults(settings: Settings) -> list[SettingFault]:
    """What keeps `serve` from starting: a missing server, or a missing, short or development secret."""
    faults = [
        SettingFault(setting.variable, "is required")
        for setting in SETTINGS
        if setting.field in ("database_url", "redis_url", "jwt_keys", "signing_keys", "receipt_keys")
        and not getattr(settings, setting.field)
    ]
    for field, variable in (
        ("jwt_keys", "QUOTE_JWT_KEYS"),
        ("signing_keys", "QUOTE_SIGNING_KEYS"),
        ("receipt_keys", "QUOTE_RECEIPT_KEYS"),
    ):
        for key in getattr(settings, field):
            if key.kid.startswith(DEVELOPMENT_KID):
                faults.append(SettingFault(variable, f"{key.kid} is a development key"))
            elif len(set(key.secret)) < 8:
                faults.append(SettingFault(variable, f"the secret of {key.kid} is no random one"))
    return faults


def shown_value(setting: Setting, value: Any) -> str:
    """A value as it may be shown: no password of a URL and no secret of a key."""
    if isinstance(value, tuple):
        return ", ".join(f"{each.kid}:***" if isinstance(each, Key) else str(each) for each in value)
    if isinstance(value, bool):
        return str(value).lower()
    if not setting.is_secret or not value:
        return str(value)
    parts = urlsplit(str(value))
    if not parts.scheme or not parts.netloc:
        return "***"
    _, _, place = parts.netloc.rpartition("@")
    account = f"{parts.username or ''}:***@" if "@" in parts.netloc else ""
    # The query may carry a password too (?password=...).
    return urlunsplit((parts.scheme, account + place, parts.path, "***" if parts.query else "", ""))


def _unknown_variables(environment: Mapping[str, str]) -> Iterator[SettingFault]:
    known = {setting.variable for setting in SETTINGS}
    known |= {f"{setting.variable}_FILE" for setting in SETTINGS if setting.is_secret}
    for variable in sorted(environment):
        if variable.startswith("QUOTE_") and variable not in known:
            near = get_close_matches(variable, known, 1)
            yield SettingFault(variable, "is no setting" + (f"; {near[0]} is" if near else ""))


def _text_of(setting: Setting, environment: Mapping[str, str]) -> str:
    text = environment.get(setting.variable, "").strip()
    path = environment.get(f"{setting.variable}_FILE", "").strip() if setting.is_secret else ""
    if not path:
        return text
    if text:
        raise ValueError(f"is given twice, here and by {setting.variable}_FILE")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as unreadable:
        raise ValueError(f"its file {path} cannot be read ({type(unreadable).__name__})") from None


def _read_value(setting: Setting, text: str) -> Any:
    kind = get_args(setting.type)[0]
    if kind is Keys:
        keys = _read_keys(text)
        if setting.field == "receipt_keys" and any(len(key.secret) != KEY_BYTES_MIN for key in keys):
            raise ValueError(f"an Ed25519 seed has exactly {KEY_BYTES_MIN} bytes")
        return keys
    if kind is Words:
        return tuple(word.strip() for word in text.split(",") if word.strip())
    if setting.field.endswith("_url") and not urlsplit(text).scheme:
        raise ValueError("is no URL")
    try:
        return msgspec.convert(text, setting.type, strict=False)
    except msgspec.ValidationError as refused:
        if kind is LogLevel:
            raise ValueError(f"{text!r} does not do; wanted: {', '.join(get_args(LogLevel))}") from None
        wanted = str(refused).replace("`", "").removeprefix("Expected ").split(", got")[0]
        raise ValueError(f"{text!r} does not do; wanted: {wanted}") from None


def _read_keys(text: str) -> Keys:
    """Read `kid:base64secret,...`; no message holds any part of a secret."""
    keys: list[Key] = []
    for place, entry in enumerate(text.split(","), 1):
        kid, colon, encoded = entry.strip().partition(":")
        if not colon or not kid.replace("-", "").replace("_", "").isalnum() or len(kid) > 32:
            raise ValueError(f"key {place} is not written kid:base64secret")
        try:
            secret = base64.b64decode(
                encoded.replace("-", "+").replace("_", "/") + "=" * (-len(encoded) % 4), validate=True
            )
        except (binascii.Error, ValueError):
            raise ValueError(f"the secret of {kid} is not base64") from None
        if len(secret) < KEY_BYTES_MIN:
            raise ValueError(f"the secret of {kid} has fewer than {KEY_BYTES_MIN} bytes")
        if any(kid == key.kid for key in keys):
            raise ValueError(f"{kid} is given twice")
        keys.append(Key(kid, secret))
    return tuple(keys)
