"""A worker that dies in the middle of a step leaves all of it or nothing, and another does what is left.

Source: docs/spec/campaigns.md#how-a-campaign-runs.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.shop.campaigns.model.campaigns import CampaignRecord
from tests.campaigns.running import Campaigns, hours, past
from tests.conftest import eventually
from tests.fixtures.fork_server import Child, fork_server
from tests.fixtures.serve import secret_settings

pytestmark = pytest.mark.second_try("kills workers")

Start = Callable[[str], Child]


@pytest.fixture
async def start_worker(database_url: str, redis_url: str, server_folder: Path) -> AsyncIterator[Start]:
    """Starts `quote-service worker`, which dies at a point if one is named."""
    started: list[Child] = []
    settings = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, **secret_settings()}

    def start(crash_at: str) -> Child:
        log = server_folder / f"campaign-worker-{len(started)}.log"
        started.append(fork_server().start(["worker"], log, settings, crash_at=crash_at))
        return started[-1]

    yield start
    for child in started:
        child.kill()


async def overdue(campaigns: Campaigns, status: str) -> CampaignRecord:
    """A campaign of which the worker has to do the hour 3, and 50 units are sold since its start."""
    campaign = await campaigns.campaign(await campaigns.product(), starts_at=past(-1 if status == "scheduled" else 1.5))
    back = hours(4.5 if status == "scheduled" else 2)
    await campaigns.sql("ALTER TABLE campaigns DISABLE TRIGGER guard_campaign")
    await campaigns.sql(
        """UPDATE campaigns SET starts_at = starts_at - $2::interval, ends_at = ends_at - $2, next_step_at = next_step_at - $2
        WHERE id = $1""",
        campaign.id,
        back,
    )
    await campaigns.sql("ALTER TABLE campaigns ENABLE TRIGGER guard_campaign")
    await campaigns.sell(campaign, -back.total_seconds() / 3600 + 0.1, 50)
    return campaign


@pytest.mark.parametrize("status", ["scheduled", "active"])
@pytest.mark.parametrize("point", ["before_campaign_commit", "after_campaign_commit"])
async def test_a_worker_dies(database: Database, start_worker: Start, status: str, point: str) -> None:
    campaigns = Campaigns(database)
    campaign = await overdue(campaigns, status)
    assert (await campaigns.detail(campaign)).status == status
    before = await campaigns.moves(campaign)
    moved = [*before, (98 if status == "active" else 100, 106, "campaign")]
    dying = start_worker(point)
    assert await asyncio.to_thread(dying.wait) == -signal.SIGKILL, dying.output()
    assert await campaigns.moves(campaign) == (moved if point == "after_campaign_commit" else before)
    detail = await campaigns.detail(campaign)
    is_done = point == "after_campaign_commit"
    assert (detail.status, detail.price_path[-1].hour if detail.price_path else None) == (
        "active" if is_done else status,
        3 if is_done else (1 if status == "active" else None),
    )
    for _ in range(2):
        start_worker("")

    async def is_caught_up() -> bool:
        path = (await campaigns.detail(campaign)).price_path
        return bool(path) and path[-1].hour == 3

    await eventually(is_caught_up, "another worker has done the step")
    assert await campaigns.moves(campaign) == moved
    await campaigns.cancel(campaign)
    assert await campaigns.price(campaign) == 100
