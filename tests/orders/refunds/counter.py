"""Orders that were placed, as rows and in the ledger, and refunds of them."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.new_ids import new_id
from quote_service.selling.orders.model.order import Order, OrderFigures
from quote_service.selling.orders.operations.place_orders import post_orders
from quote_service.selling.orders.tables.orders import insert_orders
from tests.catalog.shop import Shop

ORDERS = "/api/v1/orders"


def placed_order(figures: OrderFigures, *, customer_id: UUID | None = None, quote_id: UUID | None = None) -> Order:
    """A new order with these figures."""
    at_us = now_us()
    return Order(
        id=UUID(new_id(at_us // 1000)),
        quote_id=quote_id or uuid4(),
        purchase_id=None,
        customer_id=customer_id or uuid4(),
        status="placed",
        figures=figures,
        external_ref=None,
        rulebook_version=1,
        placed_at=from_micros(at_us),
        placed_by="checkout",
        placed_by_kind="key",
        request_id="r1",
        changed_at=from_micros(at_us),
        fulfilled_at=None,
        cancelled_at=None,
    )


async def put_order(connection: Connection, order: Order) -> None:
    """Write an order and post it, as placing it does."""
    await insert_orders(connection, [order])
    await post_orders(connection, [order])


class RefundCounter(Shop):
    """Refunds over HTTP, of orders that are put into the database."""

    def order(self, figures: OrderFigures, *, customer_id: UUID | None = None) -> Order:
        order = placed_order(figures, customer_id=customer_id)

        async def work() -> None:
            database = await Database.open(self.database_url)
            async with database.transaction() as connection:
                await put_order(connection, order)
            await database.close()

        asyncio.run(work())
        return order

    def refund(self, order: Order, key: str | None = None, **body: Any) -> httpx.Response:
        return self.post(f"{ORDERS}/{order.id}/refunds", body, **{"Idempotency-Key": key or uuid4().hex})

    def preview(self, order: Order, **body: Any) -> httpx.Response:
        return self.http.post(f"{ORDERS}/{order.id}/refunds", params={"dry_run": "true"}, json=body)

    def refunds(self, order: Order) -> list[dict[str, Any]]:
        return self.listed(f"{ORDERS}/{order.id}/refunds")

    def status(self, order: Order) -> str:
        return str(self.shown(f"{ORDERS}/{order.id}")["status"])

    def shown_list(self, path: str) -> list[dict[str, Any]]:
        """What is shown as a list without pages."""
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])

    def balances(self, *parties: UUID) -> dict[str, Decimal]:
        """Of all accounts of these parties, by the name of the account; those at 0 are left out."""
        balances: dict[str, Decimal] = {}
        for party in parties:
            answer = self.http.get("/api/v1/ledger/accounts", params={"party_id": str(party), "limit": "200"})
            for account in answer.json(parse_float=Decimal)["data"]:
                name = account["account"]
                balances[name] = balances.get(name, Decimal(0)) + account["balance"]
        return {name: balance for name, balance in balances.items() if balance}


def exact(answer: httpx.Response) -> dict[str, Any]:
    """The data of an answer, its numbers with their digits."""
    return dict(answer.json(parse_float=Decimal)["data"])
