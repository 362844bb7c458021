"""Two processes that take orders, a worker, and the servers under them, for a shop that is going to be broken.

Source: docs/spec/orders.md#faults.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import httpx

from quote_service.lab.embedded.ports import free_port
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.callers.access import Scope
from tests.catalog.shop import PRODUCTS, SELLERS, a_product
from tests.conftest import eventually
from tests.fixtures.fork_server import Child, ForkServer
from tests.flash_sales.campaign.counter import ANSWER_SECONDS
from tests.flash_sales.campaign.world import World
from tests.inventory.stockroom import INVENTORY
from tests.orders.campaign.shelf import Shelf
from tests.quotes.lifecycle.shop import QUOTE

RULES, RATES = "/api/v1/pricing-rules", "/api/v1/commission-rates"
CONNECTIONS = 8  # of each process to PostgreSQL
SINCE = "2025-01-01T00:00:00Z"


class OrderWorld(World):
    """A shop with a second `serve` beside the first: faults are done to the first, and to the servers of both."""

    scopes: ClassVar[list[Scope]] = ["quote:write", "quote:read", "order:write"]
    settings: ClassVar[dict[str, str]] = {"QUOTE_DATABASE_CONNECTIONS": str(CONNECTIONS)}

    def __init__(
        self, fork_server: ForkServer, folder: Path, postgres: PostgresServer, database_name: str, stock: ValkeyServer
    ) -> None:
        super().__init__(fork_server, folder, postgres, database_name, stock)
        self._second_port = free_port()
        self._second: Child | None = None

    async def open(self, stack: AsyncExitStack) -> None:
        await super().open(stack)
        self.second_checkout = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self._second_port}", timeout=ANSWER_SECONDS, headers={"X-API-Key": self._key}
        )
        stack.push_async_callback(self.second_checkout.aclose)

    async def set_up(self, workers: int) -> None:
        if self._second is None or self._second.poll() is not None:
            arguments = ["serve", "--port", str(self._second_port)]
            self._second = await self._start("second", arguments, self.links["web"], "")
        await super().set_up(workers)
        await eventually(self._is_second_ready, "the second process is ready")

    async def stock_up(self) -> Shelf:
        """A seller with two products of few units, a coupon and a promotion of few uses, and all that a price has."""
        seller_id = await self._made(SELLERS, {"name": "Kaya"})
        scarce, plenty = [
            await self._made(PRODUCTS, a_product(seller_id=seller_id, sku=f"S-{uuid4().hex}")) for _ in range(2)
        ]
        shelf = Shelf(seller_id=seller_id, units={scarce: 25, plenty: 90}, code=f"C{uuid4().hex[:10]}")
        for product_id, quantity in shelf.units.items():
            answer = await self.admin.put(f"{INVENTORY}/{product_id}", json={"quantity": quantity})
            assert answer.status_code == 200, answer.text
        await self._made(
            RATES, {"commission_type": "PERCENTAGE", "seller_id": seller_id, "rate": 12.5, "effective_from": SINCE}
        )
        shared = {"funded_by": "shared", "platform_percent": 40}
        configurations: dict[str, dict[str, Any]] = {
            "TAX": {"rate": 20, "applies_to_delivery": True},
            "DELIVERY_FEE": {"base_fee": 14.9},
            "COMMISSION_TAX": {"rate": 20, "inclusive": False},
            "PROMOTION": {"kind": "percent", "value": 7, "budget": shelf.budget_minor / 100, **shared},
            "COUPON": {"kind": "percent", "value": 11, "code": shelf.code, "usage_limit": shelf.uses, **shared},
        }
        for kind, configuration in configurations.items():
            of_seller = {} if kind == "COMMISSION_TAX" else {"conditions": {"seller_ids": [seller_id]}}
            rule = {"name": f"{kind} {uuid4().hex}", "type": kind, "configuration": configuration, "currency": "TRY"}
            rule_id = await self._made(RULES, {**rule, "effective_from": SINCE, **of_seller})
            if kind == "PROMOTION":
                shelf.promotion = str(rule["name"])
            if kind == "COUPON":
                shelf.coupon = str(rule["name"])
                shelf.coupon_id = rule_id
        basket = shelf.basket(str(uuid4()), [(scarce, 1), (plenty, 1)], with_coupon=True)
        for checkout in (self.checkout, self.second_checkout):

            async def sees_the_rules(http: httpx.AsyncClient = checkout) -> bool:
                answer = await http.post(QUOTE, json=basket)
                return answer.status_code == 200 and shelf.coupon_id in [
                    each["id"] for each in answer.json()["data"]["applied_rules"]
                ]

            await eventually(sees_the_rules, "quotes know the shelf")
        return shelf

    async def end_connections(self) -> int:
        """Have PostgreSQL end every connection of the service in the midst of what it does; how many."""
        async with self.database.read() as connection:
            rows = await connection.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname = current_database()"
            )
        return len(rows)

    async def _made(self, path: str, body: dict[str, Any]) -> str:
        answer = await self.admin.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    async def _is_second_ready(self) -> bool:
        assert self._second is not None
        assert self._second.poll() is None, self._second.output()
        try:
            answer = await self.second_checkout.get("/health/ready")
        except httpx.TransportError:
            return False
        return answer.status_code == 200


@asynccontextmanager
async def open_order_world(
    fork_server: ForkServer, folder: Path, postgres: PostgresServer, database_name: str, stock: ValkeyServer
) -> AsyncIterator[OrderWorld]:
    """A world whose servers run; its processes are started by whoever uses it, and ended here."""
    async with AsyncExitStack() as stack:
        world = OrderWorld(fork_server, folder, postgres, database_name, stock)
        await world.open(stack)
        yield world
