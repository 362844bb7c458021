"""What a process has opened, by class; and that a background process opens no rulebook."""

import asyncio

import pytest

from quote_service.identity.health.readiness import HealthChecks, assess
from quote_service.identity.operations.credentials import Credentials
from quote_service.platform.settings import Settings
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.parts import PartMissing, Parts
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.serving.lifespan.background import open_background


def test_a_part_is_found_by_its_class() -> None:
    lifecycle = Lifecycle()
    parts = Parts(lifecycle)
    assert parts[Lifecycle] is lifecycle
    assert parts.find(HealthChecks) is None
    with pytest.raises(PartMissing, match="HealthChecks"):
        parts[HealthChecks]


def test_there_is_one_part_of_a_class() -> None:
    parts = Parts(Lifecycle())
    with pytest.raises(ValueError, match="Lifecycle"):
        parts.add(Lifecycle())


async def test_a_background_process_holds_no_rulebook_and_is_ready_without(database_url: str, redis_url: str) -> None:
    async with open_background(Settings(database_url=database_url, redis_url=redis_url)) as parts:
        assert parts.find(RulebookHolder) is None
        assert parts.find(Credentials) is None
        assert parts.find(FlashSaleRuntime) is not None
        async with asyncio.timeout(30):
            while (readiness := await assess(parts)).status == "not_ready":  # noqa: ASYNC110 (a condition, not an event)
                await asyncio.sleep(0.01)
        assert readiness.snapshot is None
        assert readiness.dependencies is not None
        assert set(readiness.dependencies) == {"postgres", "stock_redis", "event_bus"}
