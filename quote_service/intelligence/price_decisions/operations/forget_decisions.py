"""Remove what is kept long enough: decisions that set nothing, runs, and all but the newest models.

Source: docs/spec/price-decisions.md#decisions-in-the-api.
"""

from typing import Final

from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_decisions.tables.decision_changes import forget_decisions
from quote_service.intelligence.price_decisions.tables.models import forget_models
from quote_service.intelligence.price_decisions.tables.runs import forget_runs
from quote_service.platform.postgres.pool import Database

ROWS_AT_ONCE: Final = 5000
MODELS_KEPT: Final = 10


async def forget_old_decisions(database: Database, terms: DecisionTerms) -> None:
    """Remove it, some thousand rows a transaction.

    Raises:
        Unavailable: PostgreSQL is unavailable.
    """
    while True:
        async with database.transaction() as connection:
            removed = await forget_decisions(connection, terms.keep_days, ROWS_AT_ONCE)
        if removed < ROWS_AT_ONCE:
            break
    async with database.transaction() as connection:
        await forget_runs(connection, terms.keep_days)
        await forget_models(connection, MODELS_KEPT)
