"""The wall clock. Asked once for a request; everything below is handed the instant.

Source: docs/spec/quotes.md#snapshot-and-clock.
"""

import time


def now_us() -> int:
    """Microseconds since 1970-01-01T00:00:00Z."""
    return time.time_ns() // 1000
