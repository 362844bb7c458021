"""The settings of a development service: its own servers and keys, defaults of its own, and the environment for the rest.

Source: docs/spec/operations.md#development.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from quote_service.platform.settings import (
    SETTINGS,
    Settings,
    SettingsRefused,
    production_faults,
    read_settings,
    shown_value,
)

# What it brings itself or takes as options: its data must not go to the servers of another service by accident.
_OWN = (
    "database_url",
    "redis_url",
    "stock_redis_url",
    "jwt_keys",
    "signing_keys",
    "receipt_keys",
    "host",
    "port",
    "workers",
    "metrics_host",
    "metrics_port",
    "worker_metrics_port",
    "log_level",
)
_DEFAULTS: dict[str, Any] = {
    "drain_seconds": 0,
    "shutdown_seconds": 10,
    # As the key that it hands out.
    "rate_limit_admin": None,
    "rate_limit_pricing_manager": None,
    "rate_limit_analyst": None,
    "rate_limit_user": None,
    "rate_limit_guests": None,
    "outbound_networks": ("127.0.0.0/8", "::1/128"),
    "default_currency": "TRY",
}


class DevelopmentSettings(NamedTuple):
    """Settings but for what is known once its servers run, and what to say of the environment.

    `taken` are variables with their values, secrets hidden; `not_used` are names of variables that were set in vain.
    """

    settings: Settings
    taken: dict[str, str]
    not_used: list[str]


def read_development_settings(environment: Mapping[str, str], *, analyses: bool) -> DevelopmentSettings:
    """Read what a development service takes from the environment.

    Args:
        environment: Variables by name.
        analyses: Analyse the market unless the environment says otherwise: where nothing is sold there is nothing to
            analyse.

    Raises:
        SettingsRefused: With every variable that cannot be read or does not go with the others.
    """
    given = {name for name, value in environment.items() if value.strip()}
    own = {variable for setting in SETTINGS if setting.field in _OWN for variable in _variables(setting.variable)}
    rest = {name: value for name, value in environment.items() if name not in own}
    taken = [setting for setting in SETTINGS if given & set(_variables(setting.variable)) and setting.field not in _OWN]
    defaults = _DEFAULTS if analyses else {**_DEFAULTS, "analysis_seconds": 0}
    fields = {setting.field for setting in taken}
    settings = read_settings(
        rest, development=True, **{name: value for name, value in defaults.items() if name not in fields}
    )
    if faults := [fault for fault in production_faults(settings) if fault.variable not in own]:
        raise SettingsRefused(faults)
    return DevelopmentSettings(
        settings,
        {each.variable: shown_value(each, getattr(settings, each.field)) for each in taken},
        sorted(given & own),
    )


def _variables(variable: str) -> tuple[str, str]:
    return variable, f"{variable}_FILE"
