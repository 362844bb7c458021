"""The database of a running service, asked from tests that are not asynchronous."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.new_ids import new_id

NOW = datetime.now(UTC)
Answer = TypeVar("Answer")


class Stored:
    """What is stored behind a URL."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url

    def ask(self, work: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        """Do something in a transaction."""

        async def run() -> Answer:
            database = await Database.open(self.database_url)
            try:
                async with database.transaction() as connection:
                    return await work(connection)
            finally:
                await database.close()

        return asyncio.run(run())

    def signal(self, kind: str, product_id: UUID, **columns: Any) -> UUID:
        """A signal as if it had been raised."""
        signal_id = UUID(new_id())
        given = {
            "id": signal_id,
            "kind": kind,
            "subject": f"test:{signal_id}",
            "product_id": product_id,
            "currency": "EUR",
            "previous_price": 100,
            "price": 80,
            "measured": -20,
            "threshold": 15,
            "evidence": json.dumps([{"role": "now", "subject": "observation", "id": str(uuid4()), "value": 80}]),
            "raised_at": NOW,
            "last_at": NOW,
            "expires_at": NOW + timedelta(days=7),
            "updated_at": NOW,
            **columns,
        }
        places = ", ".join(f"${place + 1}" for place in range(len(given)))
        statement = f"INSERT INTO signals ({', '.join(given)}) VALUES ({places})"
        self.ask(lambda connection: connection.execute(statement, *given.values()))
        return signal_id
