"""What was analysed last.

Source: docs/spec/market-analysis.md#runs.
"""

from quote_service.intelligence.market_analysis.model.due import LastRuns
from quote_service.intelligence.market_analysis.tables.runs import last_runs
from quote_service.platform.postgres.pool import Connection


async def last_analysis(connection: Connection) -> LastRuns:
    """What decides whether another run is due."""
    return await last_runs(connection)
