"""A store: its catalog and rules over the API, and a checkout that quotes what is in it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx

from tests.access.running import until
from tests.catalog.shop import Shop

QUOTE, QUOTES = "/api/v1/quote", "/api/v1/quotes"


@dataclass
class Store(Shop):
    """A catalog, and a checkout's client. `http` is an admin's."""

    checkout: httpx.Client
    city: str = field(default_factory=lambda: f"city {secrets.token_hex(5)}")

    def known(self, **fields: Any) -> dict[str, Any]:
        """A product that quotes know of already."""
        product = self.product(**fields)
        self.charged(product, float(product["prices"][0]["current_price"]))
        return product

    def charged(self, product: dict[str, Any], price: float, **fields: Any) -> None:
        """Wait until quotes charge this for a unit."""

        def charges() -> bool:
            answer = self.asked(self.basket(a_line(product, **fields)))
            return answer.status_code == 200 and answer.json()["data"]["items"][0]["unit_price"] == price

        until(charges, f"a unit costs {price}")

    def basket(self, *items: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """A basket of a new customer in this store's own city, whose rules meet nobody else's."""
        return {
            "customer_id": str(uuid4()),
            "seller_id": str(uuid4()),
            "items": list(items),
            "delivery_address": {"country": "TR", "city": self.city},
            "currency": "TRY",
            **fields,
        }

    def asked(self, basket: dict[str, Any], **headers: str) -> httpx.Response:
        return self.checkout.post(QUOTE, json=basket, headers=headers)

    def quote(self, basket: dict[str, Any], **headers: str) -> dict[str, Any]:
        answer = self.asked(basket, **headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json(parse_float=Decimal)["data"])

    def rule(self, kind: str, configuration: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """A rule of this store's city."""
        draft = {
            "name": f"{kind} {secrets.token_hex(6)}",
            "type": kind,
            "configuration": configuration,
            "currency": "TRY",
            "region": f"TR/{self.city}",
            "effective_from": "2025-01-01T00:00:00Z",
            **fields,
        }
        return self.made("/api/v1/pricing-rules", draft)

    def explained(self, quote_id: str) -> dict[str, Any]:
        return self.shown(f"{QUOTES}/{quote_id}/explain")


def a_line(product: dict[str, Any] | str, **fields: Any) -> dict[str, Any]:
    """Two units; without a price."""
    return {"product_id": product if isinstance(product, str) else product["id"], "quantity": 2, **fields}
