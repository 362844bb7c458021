"""A worker that is killed in the middle of sending loses nothing; source: docs/spec/webhooks.md#deliveries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.settings import read_settings
from quote_service.platform.webhooks.model.endpoints import EndpointDraft
from quote_service.platform.webhooks.operations.secret_seal import SecretSeal
from quote_service.platform.webhooks.operations.write_endpoint import create_endpoint
from tests.fixtures.serve import secret_settings
from tests.fixtures.service import Started
from tests.webhooks.receiver import Receiver, receiving
from tests.webhooks.sending import Shop, an_author

pytestmark = pytest.mark.second_try("kills a worker while it sends")


@asynccontextmanager
async def a_worker(folder: Path, environment: Mapping[str, str]) -> AsyncIterator[Started]:
    log = folder / f"worker-{uuid4().hex[:8]}.log"
    started = await asyncio.to_thread(Started, ["worker"], log, environment, forked=True)
    try:
        yield started
    finally:
        await asyncio.to_thread(started.kill)


async def test_a_killed_worker_loses_nothing(
    shop: Shop, server_folder: Path, database_url: str, redis_url: str
) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "QUOTE_OUTBOUND_NETWORKS": "127.0.0.0/8",
        "QUOTE_WEBHOOK_TIMEOUT_MS": "60000",
        **secret_settings(),
    }
    async with receiving(hanging=True) as receiver:
        async with shop.database.transaction() as connection:
            draft = EndpointDraft(url=receiver.url(), event_types=["*"])
            endpoint = await create_endpoint(Change.within(connection, an_author()), draft, _seal(environment))
        await shop.publish(20)
        async with a_worker(server_folder, environment) as first:
            begun = {each.id for each in await receiver.until(8)}
            first.kill()  # SIGKILL, with eight requests sent and not one of them answered
        assert {each.state for each in await shop.deliveries(endpoint)} == {"pending"}
        answered_from = len(receiver.requests)
        receiver.hanging = False
        async with a_worker(server_folder, environment):
            await shop.until_state(endpoint, "delivered", 12)  # those that nobody had taken
            assert begun.isdisjoint(receiver.ids()[answered_from:])
            await shop.make_due(endpoint)  # the claims of the dead one run out
            await shop.until_state(endpoint, "delivered", 20)
        _assert_all_came(receiver, {str(each.id) for each in await shop.deliveries(endpoint)}, begun)


def _assert_all_came(receiver: Receiver, reported: set[str], twice: set[str]) -> None:
    came = receiver.ids()
    assert set(came) == reported
    assert {each for each in reported if came.count(each) == 2} == twice
    assert len(came) == len(reported) + len(twice)


def _seal(environment: Mapping[str, str]) -> SecretSeal:
    return SecretSeal(read_settings(environment).jwt_keys)
