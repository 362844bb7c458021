"""What is no UUID is named where it stands. Source: docs/spec/wire.md#errors."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

BAD = "not-a-uuid"
# One for all, since every process that collects tests must find the same ones.
SOME = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01"
BODIES: list[tuple[str, dict[str, Any], str]] = [
    ("/api/v1/quote", {"customer_id": BAD}, "/customer_id"),
    ("/api/v1/orders", {"quote_id": BAD}, "/quote_id"),
    (f"/api/v1/quotes/{SOME}/accept", {"customer_id": BAD}, "/customer_id"),
    ("/api/v1/commission-rates", {"seller_id": BAD}, "/seller_id"),
    ("/api/v1/products", {"seller_id": BAD}, "/seller_id"),
    ("/api/v1/telemetry/events", {"events": [{"type": "view", "product_id": 7}]}, "/events/0/product_id"),
]


@pytest.mark.parametrize(("path", "body", "pointer"), BODIES, ids=[each[0] for each in BODIES])
def test_in_a_body(admin: httpx.Client, path: str, body: dict[str, Any], pointer: str) -> None:
    answer = admin.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 422, answer.text
    assert (pointer, "must be a UUID") in [(each["pointer"], each["detail"]) for each in answer.json()["errors"]]


@pytest.mark.parametrize("value", [BAD, "", "1", "\u0661", f"{SOME}0"])
def test_in_a_query(admin: httpx.Client, value: str) -> None:
    answer = admin.get("/api/v1/orders", params={"customer_id": value})
    assert answer.status_code == 422, answer.text
    assert [(each["pointer"], each["detail"]) for each in answer.json()["errors"]] == [
        ("/query/customer_id", "must be a UUID")
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (f"/api/v1/pricing-rules/{BAD}", "rule_id"),
        (f"/api/v1/quotes/{BAD}/explain", "quote_id"),
        (f"/api/v1/products/{BAD}", "product_id"),
        (f"/api/v1/orders/{SOME}0", "order_id"),
        (f"/api/v1/customers/{BAD}%2f", "customer_id"),
    ],
)
def test_in_a_path(admin: httpx.Client, path: str, name: str) -> None:
    answer = admin.get(path)
    assert answer.status_code == 404, answer.text
    assert [(each["pointer"], each["detail"]) for each in answer.json()["errors"]] == [
        (f"/path/{name}", "must be a UUID")
    ]


def test_another_path_names_nothing(admin: httpx.Client) -> None:
    for path in (
        "/api/v1/nothing",
        f"/api/v1/nothing/{BAD}",
        f"/api/v1/orders/{SOME}",
        f"/api/v1/orders/{SOME}/x",
    ):
        answer = admin.get(path)
        assert (answer.status_code, "errors" in answer.json()) == (404, False), answer.text
