"""A sale over HTTP as its buyers meet it: every request with its answer, or with none, goes into the product's book.

Source: docs/spec/flash-sales.md#purchase.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from tests.flash_sales.history import Seen
from tests.flash_sales.sales import PURCHASES, SALES

PRICE_MINOR = 1999
# Longer than anything that the service waits for; no answer by then is an outcome like a lost connection.
ANSWER_SECONDS = 12.0
# Answers of a service that says truly that it cannot decide now.
NOT_NOW = (429, 503, 504)


@dataclass
class Product:
    """One product of the sale, and what its buyers saw."""

    id: UUID
    allocated: int
    limit: int
    book: list[Seen] = field(default_factory=list)


class Counter:
    """Where one sale's buyers are served. `wrong` holds answers that no fault excuses."""

    def __init__(self, client: httpx.AsyncClient, sale_id: UUID, *, holds: bool) -> None:
        self._client = client
        self.sale_id = sale_id
        self.holds = holds
        self.wrong: list[str] = []

    async def buy(self, product: Product, customer: UUID, key: str, quantity: int, wait_seconds: int = 0) -> Seen:
        """Ask for units, once."""
        order = {
            "product_id": str(product.id),
            "customer_id": str(customer),
            "quantity": quantity,
            "expected_price": PRICE_MINOR / 100,
        }
        headers = {"Idempotency-Key": key, **({"Prefer": f"wait={wait_seconds}"} if wait_seconds else {})}
        asked = Seen(str(customer), key, "unknown", quantity=quantity)
        path = f"{SALES}/{self.sale_id}/purchases"
        return await self._ask(product, asked, "POST", path, json=order, headers=headers)

    async def look(self, product: Product, reported: Seen) -> Seen:
        """How the purchase is that an answer told of."""
        return await self._ask(product, _question(reported), "GET", f"{PURCHASES}/{reported.purchase_id}")

    async def look_by_key(self, product: Product, reported: Seen) -> Seen:
        """The purchase of a key, whichever that is."""
        wanted = {"customer_id": reported.customer_id, "flash_sale_id": str(self.sale_id)}
        return await self._ask(product, _question(reported), "GET", f"{PURCHASES}/by-key/{reported.key}", params=wanted)

    async def confirm(self, product: Product, reported: Seen) -> Seen:
        """Make a held purchase one for good."""
        return await self._ask(product, _question(reported), "POST", f"{PURCHASES}/{reported.purchase_id}/confirm")

    async def cancel(self, product: Product, reported: Seen) -> Seen:
        """Give a held purchase up."""
        return await self._ask(product, _question(reported), "DELETE", f"{PURCHASES}/{reported.purchase_id}")

    async def _ask(self, product: Product, asked: Seen, method: str, path: str, **options: Any) -> Seen:
        began = time.monotonic()
        outcome: dict[str, Any] = {"outcome": "unknown", "reason": "the client went away"}
        try:
            outcome = self._outcome_of(await self._client.request(method, path, **options))
        except httpx.TransportError as lost:
            outcome["reason"] = type(lost).__name__
        finally:
            noted = {"customer_id": asked.customer_id, "key": asked.key, "quantity": asked.quantity, **outcome}
            seen = Seen(**noted, began=began, ended=time.monotonic())
            product.book.append(seen)
        return seen

    def _outcome_of(self, answer: httpx.Response) -> dict[str, Any]:
        if answer.status_code in (200, 202):
            data = answer.json(parse_float=Decimal)["data"]
            return {
                "outcome": data["status"],
                "purchase_id": data["purchase_id"],
                "quantity": data["quantity"],
                "unit_price_minor": int(data["unit_price"] * 100),
                "reason": data.get("reason") or "",
            }
        code = str(answer.json()["type"]).removeprefix("/problems/")
        if answer.status_code == 409:
            return {"outcome": "refused", "reason": code}
        if answer.status_code not in (*NOT_NOW, 404):
            self.wrong.append(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
        return {"outcome": "unknown", "reason": code}


def _question(reported: Seen) -> Seen:
    return Seen(reported.customer_id, reported.key, "unknown", quantity=reported.quantity)
