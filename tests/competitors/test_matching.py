"""Competitors, sources, pushed observations, matches and comparable prices over HTTP.

Source: docs/spec/competitors.md.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from quote_service.intelligence.competitors.model.web_urls import web_url
from tests.catalog.shop import a_product


def made(client: httpx.Client, path: str, body: Any) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def a_competitor(admin: httpx.Client) -> str:
    return str(made(admin, "/api/v1/competitors", {"name": f"rival {uuid4().hex}"})["id"])


def a_push_source(admin: httpx.Client, competitor_id: str, **fields: Any) -> str:
    draft = {"competitor_id": competitor_id, "name": "pushed", "kind": "push", **fields}
    return str(made(admin, "/api/v1/sources", draft)["id"])


def a_gtin() -> str:
    """A number of thirteen digits that nobody else has, with its check digit."""
    digits = f"4{uuid4().int % 10**11:011d}"
    check = -sum(int(digit) * (1 if place % 2 == 0 else 3) for place, digit in enumerate(digits)) % 10
    return f"{digits}{check}"


def pushed(client: httpx.Client, source_id: str, *observations: dict[str, Any], **headers: str) -> dict[str, Any]:
    body = {"source_id": source_id, "observations": [{"currency": "EUR", "price": 10, **each} for each in observations]}
    answer = client.post("/api/v1/observations", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def listings(admin: httpx.Client, **filters: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = admin.get("/api/v1/listings", params=filters).json()["data"]
    return rows


def compared(admin: httpx.Client, product_id: str, **filters: str) -> list[dict[str, Any]]:
    answer = admin.get("/api/v1/competitor-prices", params={"product_id": product_id, **filters})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


def test_text_that_cannot_be_kept_spoils_no_other_observation(admin: httpx.Client) -> None:
    source = a_push_source(admin, a_competitor(admin))
    reported = pushed(admin, source, {"sku": "a"}, {"sku": "b", "title": "\0"}, {"sku": "c", "odd\0": 1}, {"sku": "d"})
    assert reported["accepted"] == 2
    assert reported["refused"][0]["errors"][0]["pointer"] == "/observations/1/title"
    assert [row["position"] for row in reported["refused"]] == [1, 2]
    body = {"source_id": source, "observations": [{"sku": "e", "currency": "EUR", "price": 1}], "other\0": 1}
    assert admin.post("/api/v1/observations", json=body).status_code == 422
    for wrong in (None, {"sku": "a"}, "x"):
        refused = admin.post("/api/v1/observations", json={"source_id": source, "observations": wrong})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/observations")
    assert admin.post("/api/v1/observations", json=[]).status_code == 422


def test_gtins_and_mapped_skus_match_at_once_and_prices_are_compared_for_one_of_ours(admin: httpx.Client) -> None:
    gtin, sku = a_gtin(), f"C-{uuid4().hex[:8]}"
    one = made(admin, "/api/v1/products", a_product(attributes={"ean": gtin}))
    other = made(admin, "/api/v1/products", a_product())
    competitor = a_competitor(admin)
    source = a_push_source(admin, competitor)
    reported = pushed(
        admin,
        source,
        {"gtin": gtin, "price": "12.50", "shipping": 4.9, "availability": "in_stock"},
        {"sku": sku, "price": 5.99, "title": "A pack of six"},
        {"sku": "unknown"},
    )
    assert (reported["accepted"], reported["changed"], reported["refused"]) == (3, 3, [])
    (by_gtin,) = compared(admin, one["id"])
    assert (by_gtin["comparable_price"], by_gtin["comparable_delivered_price"]) == (12.5, 17.4)
    assert by_gtin["not_comparable"] == []
    assert compared(admin, other["id"]) == []
    mapping = {"skus": [{"their_sku": sku, "product_id": other["id"], "units": 6}]}
    mapped = admin.put(f"/api/v1/competitors/{competitor}/skus", json=mapping).json()["data"]
    assert mapped == {"written": 1, "removed": 0, "matched": 1}
    (by_sku,) = compared(admin, other["id"])
    # 5.99 for six is 0.998333..., and is rounded once.
    assert (by_sku["price"], by_sku["units"], by_sku["comparable_price"]) == (5.99, 6, 0.998333)
    assert by_sku["comparable_delivered_price"] is None
    assert compared(admin, other["id"], currency="USD") == []
    states = {each["sku"]: each["match_state"] for each in listings(admin, source_id=source) if each["sku"]}
    assert states[sku] == "matched"
    assert states["unknown"] == "unmatched"
    unknown = {"skus": [{"their_sku": "x", "product_id": str(uuid4())}]}
    refused = admin.put(f"/api/v1/competitors/{competitor}/skus", json=unknown)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/skus/0/product_id")


def test_a_gtin_that_two_products_have_matches_neither_and_a_person_decides(admin: httpx.Client) -> None:
    gtin = a_gtin()
    one, other = (made(admin, "/api/v1/products", a_product(attributes={"gtin": gtin})) for _ in range(2))
    source = a_push_source(admin, a_competitor(admin))
    pushed(admin, source, {"gtin": gtin})
    (listing,) = listings(admin, source_id=source)
    assert listing["match_state"] == "unmatched"
    place = f"/api/v1/listings/{listing['id']}"
    tag = admin.get(place).headers["etag"]
    wanted = {"product_id": one["id"], "units": "2"}
    decided = admin.put(f"{place}/match", json=wanted, headers={"If-Match": tag})
    assert decided.status_code == 200, decided.text
    assert admin.put(f"{place}/match", json=wanted, headers={"If-Match": tag}).status_code == 412
    assert [row["comparable_price"] for row in compared(admin, one["id"])] == [5]
    # What a person has decided, no number decides again.
    pushed(admin, source, {"gtin": gtin, "price": 11, "title": "another name"})
    assert [row["price"] for row in compared(admin, one["id"])] == [11]
    rejected = admin.post(f"{place}/reject", json={"product_id": one["id"]}).json()["data"]
    assert (rejected["match_state"], rejected["product_id"]) == ("unmatched", None)
    # It is one of two, and not the one: what is left is the other.
    pushed(admin, source, {"gtin": gtin, "title": "a third name"})
    assert [row["listing_id"] for row in compared(admin, other["id"])] == [listing["id"]]
    ignored = admin.post(f"{place}/reject", json={}).json()["data"]
    assert (ignored["match_state"], ignored["product_id"]) == ("ignored", None)
    assert admin.delete(f"{place}/match").status_code == 204
    audited = admin.get("/api/v1/audit", params={"object_id": listing["id"]}).json()["data"]
    assert [row["action"] for row in audited] == [
        "listing.undo",
        "listing.ignore",
        "listing.reject",
        "listing.confirm",
    ]


def test_history_keeps_changes_and_one_a_day_in_whatever_order_they_come(admin: httpx.Client) -> None:
    source = a_push_source(admin, a_competitor(admin))
    now = datetime.now(UTC).replace(microsecond=0)

    def at(hours: float, price: float) -> dict[str, Any]:
        return {"sku": "a", "price": price, "observed_at": (now - timedelta(hours=hours)).isoformat()}

    assert pushed(admin, source, at(100, 10), at(99, 10), at(98, 12))["changed"] == 2
    assert pushed(admin, source, at(97, 12))["changed"] == 0
    assert pushed(admin, source, at(60, 12))["changed"] == 1  # a day later
    assert pushed(admin, source, at(50, 12), at(49, 9), at(48, 12))["changed"] == 2
    assert pushed(admin, source, at(98, 99))["changed"] == 0  # the first that came of an instant stays
    assert pushed(admin, source, at(99.5, 11))["changed"] == 1  # late: history, and not what counts now
    (listing,) = listings(admin, source_id=source)
    offer = listing["offer"]
    assert offer["price"] == 12
    assert datetime.fromisoformat(offer["observed_at"]) == now - timedelta(hours=48)
    assert datetime.fromisoformat(offer["confirmed_at"]) == now - timedelta(hours=48)
    assert offer["is_fresh"] is False  # six hours, and three times that
    place = f"/api/v1/listings/{listing['id']}/observations"
    history = [row["price"] for row in admin.get(place).json()["data"]]
    assert history == [12, 9, 12, 12, 11, 10]
    first = admin.get(place, params={"limit": "2"}).json()
    rest = admin.get(place, params={"cursor": first["next_cursor"]}).json()
    assert [row["price"] for row in first["data"] + rest["data"]] == history
    since = (now - timedelta(hours=50)).isoformat().replace("+00:00", "Z")
    assert [row["price"] for row in admin.get(place, params={"from": since}).json()["data"]] == [12, 9]


def test_every_observation_is_taken_or_refused_by_itself(
    admin: httpx.Client, anonymous: httpx.Client, key_with: Any
) -> None:
    source = a_push_source(admin, a_competitor(admin))
    partner = key_with("observations:write")
    reported = pushed(
        anonymous,
        source,
        {"sku": "good"},
        {"sku": "negative", "price": -1},
        {"sku": "no price", "price": None},
        {"sku": "sold out", "price": None, "availability": "out_of_stock"},
        {},
        {"sku": "x", "gtin": "4006381333932"},
        {"sku": "x", "currency": "XXX"},
        {"sku": "old", "observed_at": "2020-01-01T00:00:00Z"},
        {"sku": "listed", "list_price": 9},
        {"sku": "fine", "price": "1e5000"},
        {"sku": "other", "colour": "red"},
        **partner,
    )
    assert reported["accepted"] == 2
    assert [row["position"] for row in reported["refused"]] == [1, 2, 4, 5, 6, 7, 8, 9, 10]
    pointers = [row["errors"][0]["pointer"].removeprefix("/observations/") for row in reported["refused"]]
    assert pointers[:4] == ["1/price", "2/price", "4", "5/gtin"]
    assert anonymous.get("/api/v1/listings", headers=partner).status_code == 403
    nowhere = {"source_id": str(uuid4()), "observations": [{"sku": "a", "price": 1, "currency": "EUR"}]}
    answer = anonymous.post("/api/v1/observations", json=nowhere, headers=partner)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/source_id")
    (fetch,) = admin.get(f"/api/v1/sources/{source}/fetches").json()["data"]
    assert (fetch["outcome"], fetch["offers"], fetch["detail"]) == ("ok", 2, "9 refused")


def test_only_enabled_sources_of_active_competitors_count(admin: httpx.Client) -> None:
    gtin, competitor = a_gtin(), a_competitor(admin)
    product = made(admin, "/api/v1/products", a_product(attributes={"upc": gtin}))
    source = a_push_source(admin, competitor, interval_seconds=300, stale_after_seconds=3600)
    hours_ago = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    pushed(admin, source, {"gtin": gtin, "condition": "used", "observed_at": hours_ago})
    assert [row["not_comparable"] for row in compared(admin, product["id"])] == [["stale", "not_new"]]
    pushed(admin, source, {"gtin": gtin})
    (row,) = compared(admin, product["id"])
    assert (row["not_comparable"], row["comparable_price"]) == ([], 10)
    name = admin.get(f"/api/v1/competitors/{competitor}").json()["data"]["name"]
    assert admin.put(f"/api/v1/competitors/{competitor}", json={"name": name, "is_active": False}).status_code == 200
    (row,) = compared(admin, product["id"])
    assert (row["not_comparable"], row["comparable_price"]) == (["source_disabled"], None)
    assert admin.delete(f"/api/v1/sources/{source}").status_code == 204
    assert compared(admin, product["id"]) == []


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"kind": "page"}, "/page"),
        ({"kind": "push", "page": {"url": "https://shop.example/p"}}, "/page"),
        ({"kind": "page", "page": {"url": "http://192.168.0.7/p"}}, "/page/url"),
        ({"kind": "page", "page": {"url": "https://shop.example/p", "gtin": "123"}}, "/page/gtin"),
        ({"kind": "feed", "feed": {"format": "csv", "fields": {"colour": "c"}}}, "/feed/fields"),
        ({"kind": "api", "api": {"connector": "amazon", "items": ["B000000001"]}}, "/api/marketplace"),
        ({"kind": "api", "api": {"connector": "json"}}, "/api/url"),
        (
            {
                "kind": "api",
                "api": {"connector": "ebay", "items": ["1"], "marketplace": "EBAY_DE"},
                "credentials": {"a": "b"},
            },
            "/credentials",
        ),
        (
            {
                "kind": "api",
                "api": {"connector": "json", "url": "https://shop.example/p", "header": "Transfer-Encoding"},
                "credentials": {"value": "chunked"},
            },
            "/api/header",
        ),
        (
            {
                "kind": "api",
                "api": {"connector": "json", "url": "https://shop.example/p", "header": "X-Key"},
                "credentials": {"value": "a\r\nX-Other: b"},
            },
            "/credentials/value",
        ),
        ({"kind": "push", "interval_seconds": 600, "stale_after_seconds": 300}, "/stale_after_seconds"),
        ({"kind": "push", "currency": "ZZZ"}, "/currency"),
        ({"kind": "push", "country": "de"}, "/country"),
        ({"kind": "push", "country": "UK"}, "/country"),
        ({"kind": "api", "api": {"connector": "walmart", "items": ["1", "2", "1"]}}, "/api/items/2"),
    ],
)
def test_a_source_without_sense_is_refused(admin: httpx.Client, fields: dict[str, Any], pointer: str) -> None:
    draft = {"competitor_id": str(uuid4()), "name": "wrong", **fields}
    answer = admin.post("/api/v1/sources", json=draft)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_credentials_are_kept_sealed_and_never_shown(admin: httpx.Client) -> None:
    competitor = a_competitor(admin)
    draft = {
        "competitor_id": competitor,
        "name": "marketplace",
        "kind": "api",
        "api": {"connector": "ebay", "items": ["v1|1|0"], "marketplace": "EBAY_DE"},
        "is_enabled": False,
        "credentials": {"client_id": "us", "client_secret": "our-secret"},
    }
    answer = admin.post("/api/v1/sources", json=draft)
    assert answer.status_code == 201, answer.text
    source = answer.json()["data"]
    assert source["has_credentials"] is True
    assert "our-secret" not in answer.text
    audited = admin.get("/api/v1/audit", params={"object_id": source["id"]})
    assert "our-secret" not in audited.text
    without = {name: value for name, value in draft.items() if name != "credentials"}
    kept = admin.put(f"/api/v1/sources/{source['id']}", json={**without, "name": "kept"}).json()["data"]
    assert (kept["has_credentials"], kept["name"]) == (True, "kept")
    taken = admin.put(f"/api/v1/sources/{source['id']}", json={**without, "credentials": None}).json()["data"]
    assert taken["has_credentials"] is False


def test_of_two_observations_that_differ_the_first_is_taken_and_the_other_reported(admin: httpx.Client) -> None:
    source, at = a_push_source(admin, a_competitor(admin)), datetime.now(UTC).isoformat()
    rows = [{"sku": "A", "currency": "EUR", "price": price, "observed_at": at} for price in (10, 11, 10)]
    body = admin.post("/api/v1/observations", json={"source_id": source, "observations": rows}).json()["data"]
    assert (body["accepted"], body["changed"]) == (2, 1)
    assert [(row["position"], row["errors"][0]["pointer"]) for row in body["refused"]] == [(1, "/observations/1")]
    (listing,) = listings(admin, source_id=source)
    assert listing["offer"]["price"] == 10


@pytest.mark.parametrize(
    ("reported", "base", "kept"),
    [
        ("https://shop.example/p", "", "https://shop.example/p"),
        ("/p/2#reviews", "https://shop.example/p/1", "https://shop.example/p/2"),
        ("#product", "https://shop.example/p/1", "https://shop.example/p/1"),
        ("javascript:alert(1)", "https://shop.example/p/1", None),
        (" JavaScript:alert(1)", "", None),
        ("data:text/html,<script>", "", None),
        ("/p/2", "", None),
        ("https://[", "", None),
        ("https://shop.example@evil.example/p", "", None),
        ("//shop.example:pass@evil.example/", "https://shop.example/p/1", None),
        ("https://shop.example/@maker/p", "", "https://shop.example/@maker/p"),
    ],
)
def test_only_urls_of_pages_are_kept(reported: str, base: str, kept: str | None) -> None:
    assert web_url(reported, base) == kept


def test_a_url_that_runs_is_no_page_of_anybody(admin: httpx.Client) -> None:
    source = a_push_source(admin, a_competitor(admin))
    rows = [
        {"sku": "A", "currency": "EUR", "price": 5, "url": "javascript:alert(1)"},
        {"sku": " ", "currency": "EUR", "price": 5},
    ]
    body = admin.post("/api/v1/observations", json={"source_id": source, "observations": rows}).json()["data"]
    assert [row["errors"][0]["pointer"] for row in body["refused"]] == ["/observations/0/url", "/observations/1/sku"]
