"""A market in the module's own database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from quote_service.platform.postgres.pool import Database
from tests.signals.market import SignalMarket, a_market


@pytest.fixture
async def patient(database_url: str) -> AsyncIterator[Database]:
    """The same database, for who waits for a lock or holds one however slow the machine is."""
    opened = await Database.open(database_url, statement_seconds=60, lock_seconds=60)
    yield opened
    await opened.close()


@pytest.fixture
async def market(database: Database) -> SignalMarket:
    return await a_market(database)
