"""Settings out of the environment, refused with every fault at once.

A secret may stand in a file instead: `QUOTE_JWT_KEYS_FILE` names the file that holds `QUOTE_JWT_KEYS`.

Source: docs/spec/access.md#secrets; docs/spec/operations.md#settings.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

import msgspec

from quote_service.platform.settings.fields.variable import Limit, Words
from quote_service.platform.settings.forms import FORMS
from quote_service.platform.settings.keys import DEVELOPMENT_KID, KEY_BYTES_MIN, Keys, read_keys
from quote_service.platform.settings.rate_limit import read_limit
from quote_service.platform.settings.table import SETTINGS, Setting, Settings


class SettingFault(NamedTuple):
    """One variable, and what is wrong with it."""

    variable: str
    detail: str


class SettingsRefused(Exception):
    """The environment cannot be used; holds every fault found."""

    def __init__(self, faults: list[SettingFault]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"{fault.variable}: {fault.detail}" for fault in faults))


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
    settings = Settings(**{**values, **fixed}) if not faults else None
    if settings is not None and settings.refresh_token_seconds < settings.access_token_seconds:
        faults.append(SettingFault("QUOTE_REFRESH_TOKEN_SECONDS", "is shorter than QUOTE_ACCESS_TOKEN_SECONDS"))
    if settings is not None and (width := settings.market_window_seconds) and (width < 10 or 86_400 % width):
        faults.append(SettingFault("QUOTE_MARKET_WINDOW_SECONDS", "must be 0, or 10 or more and a divisor of a day"))
    if settings is None or faults:
        raise SettingsRefused(faults)
    return settings


def production_faults(settings: Settings) -> list[SettingFault]:
    """What keeps `serve` from starting: a missing server, or a missing, short or development secret."""
    faults = [
        SettingFault(setting.variable, "is required")
        for setting in SETTINGS
        if setting.field in ("database_url", "redis_url", "jwt_keys", "signing_keys", "receipt_keys")
        and not getattr(settings, setting.field)
    ]
    if settings.event_bus == "kafka" and not settings.kafka_servers:
        faults.append(SettingFault("QUOTE_KAFKA_SERVERS", "is required with QUOTE_EVENT_BUS=kafka"))
    if settings.market_window_seconds and settings.analytics_engine == "spark" and settings.event_bus != "kafka":
        needed_bus = "must be kafka with QUOTE_ANALYTICS_ENGINE=spark, or QUOTE_MARKET_WINDOW_SECONDS=0"
        faults.append(SettingFault("QUOTE_EVENT_BUS", needed_bus))
    is_on_cluster = settings.analytics_engine == "spark" and not settings.spark_master.startswith("local")
    if is_on_cluster and not settings.analysis_dir:
        faults.append(SettingFault("QUOTE_ANALYSIS_DIR", "is required with a cluster: its executors read files there"))
    if settings.oidc_issuer:
        needed = (("QUOTE_OIDC_CLIENT_ID", settings.oidc_client_id), ("QUOTE_PUBLIC_URL", settings.public_url))
        faults += [SettingFault(name, "is required with QUOTE_OIDC_ISSUER") for name, value in needed if not value]
    for field, variable in (
        ("jwt_keys", "QUOTE_JWT_KEYS"),
        ("signing_keys", "QUOTE_SIGNING_KEYS"),
        ("receipt_keys", "QUOTE_RECEIPT_KEYS"),
    ):
        for key in getattr(settings, field):
            if key.kid.startswith(DEVELOPMENT_KID):
                faults.append(SettingFault(variable, f"{key.kid} is a development key"))
            elif len(set(key.secret)) < 8:
                faults.append(SettingFault(variable, f"the secret of {key.kid} is not random"))
    return faults


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
        keys = read_keys(text)
        if setting.field == "receipt_keys" and any(len(key.secret) != KEY_BYTES_MIN for key in keys):
            raise ValueError(f"an Ed25519 seed has exactly {KEY_BYTES_MIN} bytes")
        return keys
    check = FORMS.get(setting.field, _any_form)
    if kind is Words:
        words = tuple(word.strip() for word in text.split(",") if word.strip())
        for word in words:
            check(word)
        return words
    check(text)
    if kind == Limit:
        return read_limit(text)
    try:
        return msgspec.convert(text, setting.type, strict=False)
    except msgspec.ValidationError as refused:
        if get_origin(kind) is Literal:
            raise ValueError(f"{text!r} is not valid; expected {', '.join(get_args(kind))}") from None
        wanted = str(refused).replace("`", "").removeprefix("Expected ").split(", got")[0]
        raise ValueError(f"{text!r} is not valid; expected {wanted}") from None


def _any_form(text: str) -> None:
    """What has a type alone is checked by it."""
