"""Settings: read once from the environment, typed, and refused with every fault at once."""

from quote_service.platform.settings.environment import SettingFault, SettingsRefused, production_faults, read_settings
from quote_service.platform.settings.fields.telemetry import LogLevel
from quote_service.platform.settings.keys import DEVELOPMENT_KID, KEY_BYTES_MIN, Key, Keys
from quote_service.platform.settings.table import SETTINGS, Setting, Settings, shown_value

__all__ = [
    "DEVELOPMENT_KID",
    "KEY_BYTES_MIN",
    "SETTINGS",
    "Key",
    "Keys",
    "LogLevel",
    "Setting",
    "SettingFault",
    "Settings",
    "SettingsRefused",
    "production_faults",
    "read_settings",
    "shown_value",
]
