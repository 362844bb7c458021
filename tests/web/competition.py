"""Competitors with prices, as partners push them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from quote_service.intelligence.competitors.operations.propose_matches import propose_matches
from quote_service.intelligence.competitors.operations.read_uploads import read_upload
from quote_service.intelligence.competitors.operations.reading.page_reader import PageReader
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from tests.access.running import RunningService


class Competition:
    """One competitor with a feed and a push source, for a product of ours."""

    def __init__(self, service: RunningService, name: str) -> None:
        self._service = service
        self.competitor = self.make("competitors", {"name": f"{name} {uuid4().hex[:8]}"})
        owned = {"competitor_id": self.competitor["id"], "currency": "TRY"}
        # First of its sources, so that a walk comes by the page where a file is handed over.
        self.feed = self.make("sources", {**owned, "name": "Weekly list", "kind": "feed", "feed": {"format": "csv"}})
        self.source = self.make("sources", {**owned, "name": "Told by a partner", "kind": "push"})

    def make(self, path: str, body: object) -> dict[str, Any]:
        made: dict[str, Any] = self._data("POST", path, body)
        return made

    def products(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._data("GET", "products?limit=200")
        return found

    def product(self, name: str, price: str, **figures: float) -> dict[str, Any]:
        """A product of ours; `cost` is what one costs us."""
        money = {"currency": "TRY", "base_price": float(price)}
        if "cost" in figures:
            money["cost_price"] = figures["cost"]
        return self.make("products", {"sku": f"OURS-{uuid4().hex[:8]}", "name": name, "prices": [money]})

    def sell(self, product: dict[str, Any], *prices: tuple[int, float], units: int = 1) -> dict[str, Any]:
        """Ask prices for a product, each from so many days ago on; the listing of it."""
        sku = f"T-{product['sku']}"
        mapped = {"skus": [{"their_sku": sku, "product_id": product["id"], "units": units}]}
        self._data("PUT", f"competitors/{self.competitor['id']}/skus", mapped)
        return self._report({"sku": sku, "title": f"{product['name']}, theirs"}, prices)

    def offer(self, title: str, price: float) -> dict[str, Any]:
        """Offer something that nobody has said what it is; the listing of it."""
        return self._report({"sku": f"U-{uuid4().hex[:8]}", "title": title}, ((0, price),))

    def listing(self, listing_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._data("GET", f"listings/{listing_id}")
        return found

    def propose(self) -> None:
        """Look for products of what nobody has said what it is, as the background worker does."""
        asyncio.run(_propose(self._service.parts[Settings].database_url))

    def read_files(self) -> None:
        """Read what was uploaded, as the background worker does."""
        asyncio.run(_read_files(self._service.parts[Settings].database_url))

    def _report(self, offer: dict[str, Any], prices: tuple[tuple[int, float], ...]) -> dict[str, Any]:
        now = datetime.now(UTC)
        seen = [
            {
                **offer,
                "currency": "TRY",
                "price": price,
                "availability": "in_stock",
                "observed_at": (now - timedelta(days=days)).isoformat(),
            }
            for days, price in prices
        ]
        reported = self._data("POST", "observations", {"source_id": self.source["id"], "observations": seen})
        assert reported["refused"] == []
        listings = self._data("GET", f"listings?source_id={self.source['id']}&limit=200")
        found: dict[str, Any] = next(each for each in listings if each["sku"] == offer["sku"])
        return found

    def _data(self, method: str, path: str, body: object = None) -> Any:
        headers = self._service.as_role("admin")
        answer = self._service.http.request(method, f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status_code in (200, 201, 202), (path, answer.text)
        return answer.json()["data"]


async def _propose(database_url: str) -> None:
    async with _reading(database_url) as (database, reader):
        await propose_matches(database, reader)


async def _read_files(database_url: str) -> None:
    async with _reading(database_url) as (database, reader):
        while await read_upload(database, reader):
            pass


@asynccontextmanager
async def _reading(database_url: str) -> AsyncIterator[tuple[Database, PageReader]]:
    database, reader = await Database.open(database_url), PageReader()
    try:
        yield database, reader
    finally:
        await reader.close()
        await database.close()
