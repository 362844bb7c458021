"""Bounds of periods that queries ask for: whatever is worked out a while before or behind them is still an instant.

Source: docs/spec/wire.md#time.
"""

from datetime import UTC, datetime
from typing import Final

from quote_service.platform.system.errors import Fault, Invalid

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)


def require_reach(since: datetime | None, until: datetime | None) -> None:
    """Refuse `from` and `to` of a query that lie too far away.

    Raises:
        Invalid: One of them does, or both.
    """
    faults = tuple(
        Fault(f"/query/{name}", f"must be from {EARLIEST.date()} to {LATEST.date()}")
        for name, instant in (("from", since), ("to", until))
        if instant is not None and not EARLIEST <= instant <= LATEST
    )
    if faults:
        raise Invalid.because(faults)
