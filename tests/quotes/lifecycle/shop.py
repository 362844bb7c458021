"""A shop with a seller and rules of its own, so that tests in one service do not meet."""

from __future__ import annotations

import secrets
import time
from typing import Any
from uuid import uuid4

import httpx

QUOTE, QUOTES = "/api/v1/quote", "/api/v1/quotes"
PATIENCE_SECONDS = 120.0


class Shop:
    """What a checkout and an admin do for one seller. `checkout` and `admin` are clients of the same service."""

    def __init__(self, checkout: httpx.Client, admin: httpx.Client) -> None:
        self.checkout = checkout
        self.admin = admin
        self.seller = str(uuid4())
        self.name = secrets.token_hex(6)

    def basket(self, **fields: Any) -> dict[str, Any]:
        """One line of 2 x 25.50 TRY for a new customer."""
        return {
            "customer_id": str(uuid4()),
            "seller_id": self.seller,
            "items": [{"product_id": str(uuid4()), "quantity": 2, "unit_price": 25.5}],
            "delivery_address": {"city": "Istanbul", "country": "TR"},
            "currency": "TRY",
            **fields,
        }

    def rule(self, kind: str, configuration: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """A rule for this seller alone."""
        conditions = {"seller_ids": [self.seller], **fields.pop("conditions", {})}
        return {
            "name": f"{kind} {secrets.token_hex(6)}",
            "type": kind,
            "configuration": configuration,
            "currency": "TRY",
            "effective_from": "2025-01-01T00:00:00Z",
            "conditions": conditions,
            **fields,
        }

    def add_rule(self, kind: str, configuration: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Write a rule; quotes see it once `visible` says so."""
        answer = self.admin.post("/api/v1/pricing-rules", json=self.rule(kind, configuration, **fields))
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["data"])

    def add_rate(self, rate: Any, **fields: Any) -> dict[str, Any]:
        """Write a percentage for this seller."""
        draft = {"commission_type": "PERCENTAGE", "seller_id": self.seller, "rate": rate}
        answer = self.admin.post(
            "/api/v1/commission-rates", json={**draft, "effective_from": "2025-01-01T00:00:00Z", **fields}
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["data"])

    def add_coupon(self, **limits: Any) -> str:
        """A coupon of 10 %, and its code; it counts when this returns."""
        code = f"C{secrets.token_hex(5)}"
        self.add_rule("COUPON", {"kind": "percent", "value": 10, "code": code, **limits})
        until(lambda: self.coupon_of(self.quote(coupon_codes=[code]))["reason"] != "unknown", "the coupon counts")
        return code

    def quote(self, **fields: Any) -> dict[str, Any]:
        answer = self.checkout.post(QUOTE, json=self.basket(**fields))
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"])

    def coupon_of(self, quote: dict[str, Any]) -> dict[str, Any]:
        return dict(quote["coupons"][0])

    def applied(self, rule: dict[str, Any]) -> None:
        """Wait until new quotes use a rule."""
        until(lambda: rule["id"] in [each["id"] for each in self.quote()["applied_rules"]], "quotes use the rule")

    def accept(self, quote_id: str, **request: Any) -> httpx.Response:
        return self.checkout.post(f"{QUOTES}/{quote_id}/accept", **request)

    def explain(self, quote_id: str) -> dict[str, Any]:
        answer = self.checkout.get(f"{QUOTES}/{quote_id}/explain")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"])


def until(holds: Any, what: str) -> None:
    """Return as soon as it holds; fail when it does not within `PATIENCE_SECONDS`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:.0f} s: {what}"
        time.sleep(0.01)


def code_of(answer: httpx.Response) -> str:
    """The code of a problem."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return str(answer.json()["type"]).removeprefix("/problems/")


def pointers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]
