"""What a process for replays is told at its start, as one line of JSON on its standard input.

Source: docs/spec/replay.md#processes.
"""

import msgspec

from quote_service.platform.settings import LogLevel


class ProcessOrder(msgspec.Struct, frozen=True):
    """Where the replays are, how many quotes one may have, what is logged, and the collector of what is traced, if any."""

    database_url: str
    quotes_max: int
    log_level: LogLevel
    otlp_endpoint: str = ""
    trace_sample_ratio: float = 0.0
