"""Endpoints, events and senders over a database and a receiver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.outbound.client import OutboundClient
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.outbox import publish
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Key
from quote_service.platform.system.cancellation import end_tasks
from quote_service.platform.system.changes import Author, change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.event_types import EventType
from quote_service.platform.telemetry.registry import Registry
from quote_service.platform.webhooks.model.deliveries import Delivery
from quote_service.platform.webhooks.model.endpoints import Endpoint, EndpointDraft, NewEndpoint
from quote_service.platform.webhooks.operations.secret_seal import SecretSeal
from quote_service.platform.webhooks.operations.send_deliveries import DeliverySender, SenderMeters, SenderTerms
from quote_service.platform.webhooks.operations.write_endpoint import create_endpoint
from quote_service.platform.webhooks.tables.deliveries import read_delivery
from quote_service.platform.webhooks.tables.endpoints import read_endpoint
from tests.conftest import eventually

SEAL = SecretSeal((Key("k1", b"1" * 32),))
LOOPBACK = Networks(["127.0.0.0/8"])


def an_author() -> Author:
    return change_by_system("test", now_us())


@dataclass
class Shop:
    """What a test does with webhooks."""

    database: Database

    async def endpoint(self, url: str, *patterns: str) -> NewEndpoint:
        draft = EndpointDraft(url=url, event_types=list(patterns) or ["*"])
        async with self.database.transaction() as connection:
            return await create_endpoint(Change.within(connection, an_author()), draft, SEAL)

    async def publish(
        self, count: int = 1, event: EventType = "rate.created", data: str = '{"rate":10.00}'
    ) -> list[str]:
        """So many events; their subjects."""
        subjects = [str(uuid4()) for _ in range(count)]
        async with self.database.transaction() as connection:
            for subject in subjects:
                await publish(connection, event, subject, data.encode())
        return subjects

    async def deliveries(self, endpoint: Endpoint) -> list[Delivery]:
        """Of an endpoint, the oldest first."""
        rows = await self.sql("SELECT event_id FROM webhook_deliveries WHERE endpoint_id = $1 ORDER BY 1", endpoint.id)
        async with self.database.read() as connection:
            return [(await read_delivery(connection, endpoint.id, row["event_id"]))[0] for row in rows]

    async def delivery(self, endpoint: Endpoint) -> Delivery:
        """The only one of an endpoint."""
        (delivery,) = await self.deliveries(endpoint)
        return delivery

    async def read(self, endpoint_id: UUID) -> Endpoint:
        async with self.database.read() as connection:
            return await read_endpoint(connection, endpoint_id)

    async def until_state(self, endpoint: Endpoint, state: str, count: int = 1) -> None:
        async def holds() -> bool:
            return sum(each.state == state for each in await self.deliveries(endpoint)) >= count

        await eventually(holds, f"{count} deliveries are {state}")

    async def until_attempts(self, endpoint: Endpoint, attempts: int) -> Delivery:
        """The only delivery, once so many attempts have been settled."""

        async def holds() -> bool:
            delivery = await self.delivery(endpoint)
            return delivery.attempts >= attempts and not await self.is_claimed(endpoint)

        await eventually(holds, f"{attempts} attempts")
        return await self.delivery(endpoint)

    async def is_claimed(self, endpoint: Endpoint) -> bool:
        rows = await self.sql(
            "SELECT 1 FROM webhook_deliveries WHERE endpoint_id = $1 AND claimed_until IS NOT NULL", endpoint.id
        )
        return bool(rows)

    async def make_due(self, endpoint: Endpoint) -> None:
        """Its pauses, and the claims of senders that have died, are over."""
        await self.sql(
            """UPDATE webhook_deliveries SET due_at = now(), claimed_until = NULL
            WHERE endpoint_id = $1 AND state = 'pending'""",
            endpoint.id,
        )

    async def sql(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        async with self.database.transaction() as connection:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]

    async def audit(self, endpoint: Endpoint) -> list[tuple[str, str]]:
        """Actions and their authors."""
        rows = await self.sql("SELECT action, actor FROM audit_log WHERE object_id = $1 ORDER BY id", str(endpoint.id))
        return [(row["action"], row["actor"]) for row in rows]


@asynccontextmanager
async def sending(
    database: Database, *, count: int = 1, timeout_seconds: float = 60.0, networks: Networks = LOOPBACK, **more: Any
) -> AsyncIterator[list[asyncio.Task[None]]]:
    """So many senders, each with a client of its own, as in so many processes."""
    clients = [OutboundClient(networks, timeout_seconds) for _ in range(count)]
    terms = SenderTerms("/shop", timeout_seconds, failing_days=3)
    meters = SenderMeters(Registry())
    senders = [DeliverySender(database, client, SEAL, terms, meters, poll_seconds=0.01, **more) for client in clients]
    tasks = [asyncio.create_task(sender.run()) for sender in senders]
    try:
        yield tasks
    finally:
        await end_tasks(tasks)
        for client in clients:
            await client.aclose()
