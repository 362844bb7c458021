"""Sales and purchases over HTTP, as the tests call them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

SALES = "/api/v1/flash-sales"
PURCHASES = "/api/v1/purchases"


def instant(seconds: float) -> str:
    """So many seconds from now."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def an_item(**fields: Any) -> dict[str, Any]:
    return {
        "product_id": str(uuid4()),
        "sale_price": 19.99,
        "currency": "TRY",
        "allocated_stock": 10,
        "per_customer_limit": 2,
        **fields,
    }


def a_sale(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A sale that begins in an hour."""
    return {
        "name": f"sale {uuid4().hex[:8]}",
        "starts_at": instant(3600),
        "ends_at": instant(7200),
        "items": list(items) or [an_item()],
        **fields,
    }


@dataclass
class OnSale:
    """An active sale of one product."""

    sale: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.sale["id"])

    @property
    def product_id(self) -> str:
        return str(self.sale["items"][0]["product_id"])

    def order(self, **fields: Any) -> dict[str, Any]:
        return {
            "product_id": self.product_id,
            "customer_id": str(uuid4()),
            "quantity": 1,
            "expected_price": self.sale["items"][0]["sale_price"],
            **fields,
        }


@dataclass
class Sales:
    """The resource over HTTP: `admin` announces, `checkout` buys."""

    admin: httpx.Client
    checkout: httpx.Client

    def create(self, sale: dict[str, Any], **headers: str) -> dict[str, Any]:
        answer = self.admin.post(SALES, json=sale, headers=headers)
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["data"])

    def step(self, sale_id: str, step: str, **headers: str) -> httpx.Response:
        return self.admin.post(f"{SALES}/{sale_id}/{step}", headers=headers)

    def on_sale(self, hold_seconds: int | None = None, **item: Any) -> OnSale:
        """One product, on sale now."""
        sale = self.create(a_sale(an_item(**item), **({"hold_seconds": hold_seconds} if hold_seconds else {})))
        answer = self.step(sale["id"], "activate")
        assert answer.status_code == 200, answer.text
        return OnSale(answer.json()["data"])

    def rewrite(self, on: OnSale, *, ends_at: str = "", **item: Any) -> None:
        """Another end of a sale that may be active, and other fields of its product."""
        kept = self.admin.get(f"{SALES}/{on.id}").json()["data"]
        draft = {name: kept[name] for name in ("name", "starts_at", "ends_at", "items", "hold_seconds")}
        draft["items"] = [{**draft["items"][0], **item}]
        draft["ends_at"] = ends_at or draft["ends_at"]
        answer = self.admin.put(f"{SALES}/{on.id}", json=draft)
        assert answer.status_code == 200, answer.text

    def buy(self, on: OnSale, key: str = "", wait: int = 0, **order: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key or uuid4().hex, **({"Prefer": f"wait={wait}"} if wait else {})}
        return self.checkout.post(f"{SALES}/{on.id}/purchases", json=on.order(**order), headers=headers)

    def bought(self, on: OnSale, **order: Any) -> dict[str, Any]:
        answer = self.buy(on, **order)
        assert answer.status_code == 202, answer.text
        return dict(answer.json()["data"])

    def purchase(self, purchase_id: str) -> dict[str, Any]:
        answer = self.checkout.get(f"{PURCHASES}/{purchase_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"])

    def figures(self, on: OnSale) -> dict[str, Any]:
        answer = self.admin.get(f"{SALES}/{on.id}/figures")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"]["items"][0])


def code_of(answer: httpx.Response) -> str:
    """The code of a problem answer."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return str(answer.json()["type"]).removeprefix("/problems/")
