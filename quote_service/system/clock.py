"""The wall clock. Asked once for a request; everything below is handed the instant.

Source: spec 2, "Rules for the clock and the caches".
"""

import time


def now_us() -> int:
    """Microseconds since 1970-01-01T00:00:00Z."""
    return time.time_ns() // 1000
