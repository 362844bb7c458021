"""What an experiment holds about a customer, as it is told to whoever asks.

Source: docs/spec/customers.md#export.
"""

from datetime import datetime
from typing import Any

import msgspec


class CustomerExposure(msgspec.Struct, frozen=True, kw_only=True):
    """An arm of a feature flag that the customer was shown, and what was recorded since."""

    flag: str
    """The flag's key."""
    version: int
    """The flag's version."""
    stage: int
    """The stage of its ramp."""
    arm: str
    """The variant, or `on` and `off`."""
    exposed_at: datetime
    """When it was first shown."""
    outcomes: dict[str, Any]
    """By metric: how often something was recorded (`observations`), and the sum of its values (`total`)."""
