"""What a process for an analysis is told at its start, as one line of JSON on its standard input.

Source: docs/spec/market-analysis.md#runs.
"""

import msgspec

from quote_service.market_analysis.words.runs import EngineName, Scope
from quote_service.settings import LogLevel


class AnalysisOrder(msgspec.Struct, frozen=True):
    """Where the figures are, what works them out, and of which products; `niceness` is what of a processor it gives way."""

    database_url: str
    scope: Scope
    zone: str
    engine: EngineName
    memory_mb: int
    spark_master: str
    folder: str
    log_level: LogLevel
    niceness: int
