"""A database that Spark's stream writes to, with nothing of another test's windows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from quote_service.platform.postgres.pool import Database
from tests.market_analysis.windows.stored_windows import forget_all


@pytest.fixture
async def spark_database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(database_url, acquire_seconds=60, statement_seconds=60, lock_seconds=60)
    async with opened.transaction() as connection:
        await forget_all(connection)
    yield opened
    await opened.close()
