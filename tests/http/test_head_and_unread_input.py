"""HEAD wherever there is GET, and nothing that a caller says is passed over.

Source: docs/spec/wire.md#unknown-fields; RFC 9110, 9.3.2 and 10.2.1.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

NOWHERE = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
# What distinguishes one answer from another of the same, and how a body is sent where there is one.
OF_THE_MOMENT = {"x-request-id", "date", "transfer-encoding"}


@pytest.mark.parametrize(
    "path",
    [
        *("/health/live", "/docs", "/docs/openapi.json", "/problems/not-found", "/api/v1/commission-rates", "/nowhere"),
        *("/api/v1/commission-rates/export", f"/api/v1/users/{NOWHERE}", "/api/v1/audit?limit=x"),
    ],
)
def test_head_is_get_without_the_body(admin: httpx.Client, path: str) -> None:
    got, headed = admin.get(path), admin.head(path)
    assert headed.status_code == got.status_code
    assert headed.content == b""
    kept = [
        {name: value for name, value in each.headers.items() if name not in OF_THE_MOMENT} for each in (got, headed)
    ]
    assert kept[0].keys() == kept[1].keys()
    assert all(kept[0][name] == kept[1][name] for name in ("content-type", "content-length") if name in kept[0])
    # The connection goes on: nothing of a body was sent that would be read as the next answer.
    assert admin.get("/health/live").status_code == 200


def test_head_asks_for_credentials_and_a_tag_like_get(anonymous: httpx.Client, admin: httpx.Client) -> None:
    assert anonymous.head("/api/v1/users").status_code == 401
    me = admin.get("/api/v1/auth/me")
    assert admin.head("/api/v1/auth/me").headers["etag"] == me.headers["etag"]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/health/live", "GET, HEAD, OPTIONS"),
        ("/api/v1/commission-rates", "GET, HEAD, OPTIONS, POST"),
        (f"/api/v1/commission-rates/{NOWHERE}", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("/api/v1/auth/login", "OPTIONS, POST"),
    ],
)
def test_allow_names_every_method(anonymous: httpx.Client, path: str, methods: str) -> None:
    options, refused = anonymous.options(path), anonymous.request("PROPFIND", path)
    assert (options.status_code, refused.status_code) == (204, 405)
    assert options.headers["allow"] == refused.headers["allow"] == methods
    if "GET" not in methods:
        head = anonymous.head(path)
        assert (head.status_code, head.headers["allow"]) == (405, methods)


def pointers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [fault["pointer"] for fault in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/api/v1/commission-rates/{NOWHERE}"),
        ("GET", "/api/v1/commission-rates/export"),
        ("GET", f"/api/v1/feature-flags/{NOWHERE}"),
        ("GET", "/api/v1/feature-flags/key/none"),
        ("GET", "/api/v1/auth/me"),
        ("DELETE", f"/api/v1/pricing-rules/{NOWHERE}"),
        ("POST", f"/api/v1/pricing-rules/{NOWHERE}/rollback"),
        ("POST", f"/api/v1/feature-flags/{NOWHERE}/kill"),
        ("POST", "/api/v1/rulebook/check"),
    ],
)
def test_a_parameter_that_is_not_known_is_refused_everywhere(admin: httpx.Client, method: str, path: str) -> None:
    assert pointers(admin.request(method, f"{path}?dry_run=true&a~b=1")) == ["/query/dry_run", "/query/a~0b"]


def test_a_body_that_nobody_reads_is_refused(admin: httpx.Client) -> None:
    draft: dict[str, Any] = {"key": f"unread-{uuid4()}", "type": "BOOLEAN", "value": True, "is_enabled": True}
    kill = admin.post("/api/v1/feature-flags", json=draft).headers["location"] + "/kill"
    assert pointers(admin.post(kill, json={"reason": "typo", "at": 1})) == ["/reason", "/at"]
    assert pointers(admin.post(kill, json=[])) == [""]
    malformed = admin.post(kill, content=b"{", headers={"Content-Type": "application/json"})
    assert (malformed.status_code, malformed.json()["type"]) == (400, "/problems/malformed-json")
    assert admin.get(kill.removesuffix("/kill")).json()["data"]["is_enabled"] is True
    assert admin.post(kill, json={}).json()["data"]["is_enabled"] is False


def test_a_quote_alone_passes_over_what_it_does_not_know(checkout: httpx.Client) -> None:
    basket = {
        "customer_id": str(uuid4()),
        "seller_id": str(uuid4()),
        "items": [{"product_id": str(uuid4()), "quantity": 1, "unit_price": 1}],
        "delivery_address": {"country": "TR", "city": "Istanbul"},
        "currency": "TRY",
        "colour": "blue",
    }
    assert checkout.post("/api/v1/quote?utm_source=x", json=basket).status_code == 200


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v1/commission-rates", "seller_id"),
        ("/api/v1/commission-rates", "currency"),
        ("/api/v1/commission-rates", "active_at"),
        ("/api/v1/pricing-rules", "is_active"),
        ("/api/v1/pricing-rules", "active_at"),
        ("/api/v1/feature-flags", "type"),
        ("/api/v1/users", "role"),
        ("/api/v1/audit", "from"),
    ],
)
@pytest.mark.parametrize("text", ["null", "NULL", "", "none", "2026-01-01T00:00:00+0300"])
def test_a_filter_that_cannot_be_read_is_never_left_out(admin: httpx.Client, path: str, name: str, text: str) -> None:
    assert pointers(admin.get(path, params={name: text})) == [f"/query/{name}"]


def test_a_text_null_is_a_text(admin: httpx.Client) -> None:
    for path, name in (("commission-rates", "region"), ("commission-rates", "logistics_provider"), ("audit", "actor")):
        assert admin.get(f"/api/v1/{path}", params={name: "null"}).json()["data"] == []
