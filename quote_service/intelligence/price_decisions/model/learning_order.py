"""What a process that learns is told on its standard input.

Source: docs/spec/price-decisions.md#models.
"""

import msgspec


class LearningOrder(msgspec.Struct, frozen=True):
    """Where to learn from, and how."""

    database_url: str
    days: int
    interval_seconds: float
    zone: str
    log_level: str
    with_behaviour: bool
