"""The consumer groups of this service, by topic; each further one is named here.

Source: docs/spec/event-bus.md#consumers.
"""

from typing import Final

from quote_service.platform.event_bus.model.events import Topic
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Invalid

#: Those that count windows of the market, unless Spark does.
_WINDOWS: Final[dict[str, Topic]] = {
    "windows-prices": "price-updates",
    "windows-competitors": "competitor-data",
    "windows-behaviour": "user-behavior",
    "windows-decisions": "decisions",
}
#: Group, and the topic that it reads.
GROUPS: Final[dict[str, Topic]] = {"behaviour": "user-behavior", **_WINDOWS}
#: Of dead letters that the relay could not publish.
RELAY: Final = "relay"


def require_group(group: str, pointer: str) -> None:
    """Return where dead letters may be of a group of this name.

    Raises:
        Invalid: At the pointer; there is no such group.
    """
    if group not in GROUPS and group != RELAY:
        raise Invalid.at(pointer, f"must be one of {', '.join(GROUPS)} and {RELAY}")


def groups_of(settings: Settings) -> dict[str, Topic]:
    """The groups that background processes of these settings read for: of the others nobody is behind."""
    is_counting = settings.market_window_seconds and settings.analytics_engine != "spark"
    return {group: topic for group, topic in GROUPS.items() if is_counting or group not in _WINDOWS}
