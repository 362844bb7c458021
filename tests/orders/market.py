"""A shop that sells: quotes, orders, and what is left of both in the database."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from tests.catalog.shop import PRODUCTS, SELLERS, a_product
from tests.inventory.stockroom import INVENTORY
from tests.quotes.lifecycle.shop import QUOTE, Shop, until

ORDERS = "/api/v1/orders"


class Market(Shop):
    """What a checkout does for one seller, and the rows that it leaves."""

    def __init__(self, checkout: httpx.Client, admin: httpx.Client, database_url: str) -> None:
        super().__init__(checkout, admin)
        self.database_url = database_url

    def order(self, key: str | None = None, *, http: httpx.Client | None = None, **body: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key or uuid4().hex}
        return (http or self.checkout).post(ORDERS, json=body, headers=headers)

    def ordered(self, **body: Any) -> dict[str, Any]:
        """An order that is placed, with its numbers exact."""
        answer = self.order(**body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json(parse_float=Decimal)["data"])

    def ordered_quote(self, **fields: Any) -> dict[str, Any]:
        """An order of a new quote."""
        return self.ordered(quote_id=self.quote(**fields)["quote_id"])

    def shown(self, order_id: str) -> dict[str, Any]:
        answer = self.checkout.get(f"{ORDERS}/{order_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json(parse_float=Decimal)["data"])

    def do(self, order_id: str, action: str, **body: Any) -> httpx.Response:
        return self.checkout.post(f"{ORDERS}/{order_id}/{action}", json=body or None)

    def charged(self, rate: Any = 10) -> None:
        """A commission for this seller, which counts when this returns."""
        self.add_rate(rate)
        until(lambda: self.quote()["commission_breakdown"]["total_commission"] > 0, "the rate counts")

    def a_product(self, units: int | None = None) -> str:
        """A product of the catalog for 100 TRY, with so many units where its stock is kept; quotes know it."""
        seller = self.admin.post(SELLERS, json={"name": self.name})
        assert seller.status_code == 201, seller.text
        made = self.admin.post(PRODUCTS, json=a_product(seller_id=seller.json()["data"]["id"]))
        assert made.status_code == 201, made.text
        product_id = str(made.json()["data"]["id"])
        if units is not None:
            stock = self.admin.put(f"{INVENTORY}/{product_id}", json={"quantity": units})
            assert stock.status_code == 200, stock.text
        basket = self.basket(items=[{"product_id": product_id, "quantity": 1}])
        until(lambda: self.checkout.post(QUOTE, json=basket).status_code == 200, "quotes know the product")
        return product_id

    def units(self, product_id: str) -> int:
        """How many units there are."""
        answer = self.admin.get(f"{INVENTORY}/{product_id}")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["data"]["quantity"])

    def rows(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        async def read() -> list[dict[str, Any]]:
            connection = await asyncpg.connect(self.database_url)
            try:
                return [dict(row) for row in await connection.fetch(statement, *arguments)]
            finally:
                await connection.close()

        return asyncio.run(read())

    def entries(self, order_id: str, kind: str = "order") -> dict[tuple[str, str | None], int]:
        """What is posted for an order, by account and party."""
        found = self.rows(
            """
            SELECT a.account, a.party_id::text, sum(e.amount_minor)::bigint AS amount
            FROM ledger_transactions AS t JOIN ledger_entries AS e ON e.transaction_id = t.id
                JOIN ledger_accounts AS a ON a.id = e.account_id
            WHERE t.source_id = $1 AND t.kind = $2
            GROUP BY a.account, a.party_id
            """,
            order_id,
            kind,
        )
        return {(row["account"], row["party_id"]): row["amount"] for row in found}


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)
