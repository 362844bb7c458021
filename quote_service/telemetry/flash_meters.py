"""Counts of flash sales in one process.

Source: spec 9, Telemetry (flash-sale stock, stream lag).
"""


class FlashMeters:
    """`recorded` stream entries taken into PostgreSQL, `rejected` of them refused there, since the start."""

    __slots__ = ("recorded", "rejected")

    def __init__(self) -> None:
        self.recorded = self.rejected = 0
