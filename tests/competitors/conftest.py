"""A shop on loopback, and what fetches its sources."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from quote_service.platform.postgres.pool import Database
from tests.competitors.watching import Watch, watching
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
async def shop() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def watch(database: Database) -> AsyncIterator[Watch]:
    async with watching(database) as opened:
        # The sites of other tests had the same ports, perhaps.
        async with database.transaction() as connection:
            await connection.execute("DELETE FROM competitor_robots")
        yield opened
