"""Names of one long word, and markup for a name, on narrow pages. Source: docs/spec/web.md#design."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from playwright.async_api import expect

from quote_service.platform.settings import Settings
from tests.access.running import RunningService
from tests.signals.stored import Stored
from tests.web.browser.conftest import PATIENCE_MS, Open
from tests.web.competition import Competition

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.asyncio(loop_scope="module")
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk<img src=x onerror=alert(1)>"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def test_no_name_is_wider_than_the_page(opened: Open, service: RunningService) -> None:
    def prepare() -> list[str]:
        competition = Competition(service, WORD)
        product = competition.product(f"{WORD} {'x' * 60}", "30.00", cost=20)
        competition.sell(product, (3, 33.0), (0, 28.5))
        competition.offer(f"{WORD} {'x' * 60}", 27.0)
        competition.propose()
        signal = Stored(service.parts[Settings].database_url).signal(
            "competitor_price_drop", UUID(product["id"]), competitor_id=UUID(competition.competitor["id"])
        )
        rule = {"name": "y" * 90, "type": "SMALL_BASKET_FEE", "currency": "TRY"}
        draft = {**rule, "configuration": {"threshold": 50, "fee": 5}}
        made = competition.make("change-sets", {"name": "z" * 90, "rules": [{"action": "create", "draft": draft}]})
        return [
            "/admin",
            "/admin/signals",
            f"/admin/signals/{signal}",
            "/admin/listings/matching",
            f"/admin/market/{product['id']}",
            f"/admin/competitors/{competition.competitor['id']}",
            f"/admin/sources/{competition.feed['id']}/feed",
            f"/admin/change-sets/{made['id']}",
            f"/admin/change-sets/{made['id']}/trial",
        ]

    paths = await asyncio.to_thread(prepare)
    page = await opened(paths[0], "admin", bypass_csp=True, viewport={"width": 360, "height": 800})
    for path in paths:
        await page.goto(path)
        assert await page.evaluate(TOO_WIDE) <= 0, path
        assert await page.locator("img[src=x]").count() == 0, path
