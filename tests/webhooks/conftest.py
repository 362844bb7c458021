"""A shop over a database in which no other test has endpoints; and what others sell in the session's service."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from quote_service.platform.postgres.pool import Database
from tests.ledger.conftest import till  # noqa: F401 (fixtures)
from tests.orders.conftest import market  # noqa: F401 (fixtures)
from tests.webhooks.sending import Shop


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    yield Shop(database)
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM webhook_deliveries")
        await connection.execute("DELETE FROM webhook_events")
        await connection.execute("DELETE FROM webhook_endpoints")
