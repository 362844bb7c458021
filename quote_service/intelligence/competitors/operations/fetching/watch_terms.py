"""What watching goes by.

Source: docs/spec/competitors.md#politeness.
"""

from typing import NamedTuple

from quote_service.intelligence.competitors.model.lanes import Pace
from quote_service.platform.settings import Settings

#: The name that robots.txt is held against.
AGENT = "quote-service-prices"
_BURST = 3


class WatchTerms(NamedTuple):
    """How a process fetches: what it says of itself, how fast, for how long."""

    user_agent: str
    pace: Pace
    timeout_seconds: float


def terms_of(settings: Settings) -> WatchTerms:
    """The terms that the settings give."""
    contact = f" (+{settings.watch_contact})" if settings.watch_contact else ""
    pace = Pace(60.0 / settings.watch_per_minute, _BURST)
    return WatchTerms(f"{AGENT}/1{contact}", pace, settings.watch_timeout_ms / 1000)
