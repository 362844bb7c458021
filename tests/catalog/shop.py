"""Calls of the catalog, and things to put into it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

PRODUCTS = "/api/v1/products"
CATEGORIES = "/api/v1/categories"
SELLERS = "/api/v1/sellers"


def a_price(**fields: Any) -> dict[str, Any]:
    """TRY, 100 now, from 50 to 200."""
    return {"currency": "TRY", "base_price": 100, "min_price": 50, "max_price": 200, **fields}


def a_product(**fields: Any) -> dict[str, Any]:
    """A product with a SKU of its own, sold in TRY."""
    return {"sku": f"SKU-{uuid4().hex}", "name": "Running shoe", "prices": [a_price()], **fields}


@dataclass
class Shop:
    """The catalog over HTTP, and its database."""

    http: httpx.Client
    database_url: str

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.http.post(path, json=body, headers=headers)

    def put(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.http.put(path, json=body, headers=headers)

    def made(self, path: str, body: Any) -> dict[str, Any]:
        """What is there now, as it is shown."""
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["data"])

    def product(self, **fields: Any) -> dict[str, Any]:
        return self.made(PRODUCTS, a_product(**fields))

    def category(self, **fields: Any) -> dict[str, Any]:
        return self.made(CATEGORIES, {"name": f"category {uuid4().hex}", **fields})

    def seller(self, **fields: Any) -> dict[str, Any]:
        return self.made(SELLERS, {"name": "Kaya", **fields})

    def shown(self, path: str) -> dict[str, Any]:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"])

    def listed(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every row of a list, over all its pages."""
        rows: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.http.get(path, params={**query, **cursor})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            rows += page["data"]
            if page["next_cursor"] is None:
                return rows
            cursor = {"cursor": page["next_cursor"]}

    def price(self, product: dict[str, Any], price: Any, **fields: Any) -> dict[str, Any]:
        """The change that moved a price."""
        return self.made(f"{PRODUCTS}/{product['id']}/price", {"price": price, "currency": "TRY", **fields})

    def history(self, product: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
        return self.listed(f"{PRODUCTS}/{product['id']}/price-history", **query)

    def sql(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        """What another program does in the database."""

        async def work() -> list[dict[str, Any]]:
            connection = await asyncpg.connect(self.database_url)
            try:
                return [dict(row) for row in await connection.fetch(statement, *arguments)]
            finally:
                await connection.close()

        return asyncio.run(work())

    def audited(self, object_id: str) -> list[dict[str, Any]]:
        """The audit rows of an object, oldest first."""
        return self.listed("/api/v1/audit", object_id=object_id)[::-1]


def pointers(answer: httpx.Response) -> list[str]:
    """Where the faults of a refusal are."""
    assert answer.status_code in (409, 422), answer.text
    return [fault["pointer"] for fault in answer.json()["errors"]]


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")
