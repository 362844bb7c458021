"""The one table of settings: each with its variable, meaning, default and bounds, and how its value may be shown.

Source: docs/spec/operations.md#settings; docs/spec/access.md#secrets.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, get_type_hints

import msgspec

from quote_service.platform.settings.fields.telemetry import TelemetrySettings
from quote_service.platform.settings.keys import Key
from quote_service.platform.settings.rate_limit import RateLimit
from quote_service.platform.settings.urls import split_url


class Settings(TelemetrySettings, frozen=True, kw_only=True):
    """Everything that can be set; each field names its variable, its meaning and whether it is secret."""

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
