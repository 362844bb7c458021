"""Which threshold counts, and thresholds over HTTP; source: docs/spec/signals.md#thresholds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from quote_service.intelligence.signals.model.thresholds import DEFAULTS, ThresholdRecord, rule_for
from quote_service.platform.money.numbers import ExactNumber
from tests.catalog.shop import a_product

_AT = datetime(2026, 3, 2, tzinfo=UTC)
PATH = "/api/v1/signal-thresholds"


def a_record(threshold: str, product_id: UUID | None = None, category_id: UUID | None = None) -> ThresholdRecord:
    return ThresholdRecord(
        kind="low_inventory",
        threshold=ExactNumber(threshold),
        id=uuid4(),
        product_id=product_id,
        category_id=category_id,
        version=1,
        created_at=_AT,
        updated_at=_AT,
        created_by="",
        changed_by="",
    )


def test_the_nearest_threshold_counts() -> None:
    product, near, far = uuid4(), uuid4(), uuid4()
    own, below = a_record("1", product_id=product), a_record("2", category_id=near)
    above, everything = a_record("3", category_id=far), a_record("4")
    others = [a_record("8", product_id=uuid4()), a_record("9", category_id=uuid4())]
    path, all_of_them = [near, far], [everything, above, below, own, *others]
    for expected, left in ((own, 4), (below, 3), (above, 2), (everything, 1)):
        assert rule_for("low_inventory", [*all_of_them[:left], *others], product, path) is expected
    assert rule_for("low_inventory", others, product, path) is DEFAULTS["low_inventory"]
    assert rule_for("price_change", all_of_them, product, path) is DEFAULTS["price_change"]
    assert rule_for("low_inventory", all_of_them, None, []) is everything


def made(client: httpx.Client, path: str, body: Any) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def test_thresholds_are_kept_with_their_history(admin: httpx.Client) -> None:
    product = made(admin, "/api/v1/products", a_product())["id"]
    draft = {"kind": "competitor_price_drop", "product_id": product, "threshold": 8.5}
    first = made(admin, PATH, draft)
    assert (first["threshold"], first["rearm_percent"], first["expires_seconds"]) == (8.5, 50, 604_800)
    assert (first["count"], first["window_seconds"], first["version"]) == (None, None, 1)
    again = admin.post(PATH, json=draft)
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "threshold-exists")
    place = f"{PATH}/{first['id']}"
    shown = admin.get(place)
    assert shown.json()["data"] == first
    replaced = admin.put(place, json={**draft, "threshold": 12}, headers={"If-Match": shown.headers["etag"]})
    assert (replaced.status_code, replaced.json()["data"]["threshold"]) == (200, 12)
    assert admin.put(place, json=draft, headers={"If-Match": shown.headers["etag"]}).status_code == 412
    same = admin.put(place, json={**draft, "threshold": 12})
    assert same.json()["data"]["version"] == 2
    moved = admin.put(place, json={"kind": "price_change", "threshold": 12})
    assert [fault["pointer"] for fault in moved.json()["errors"]] == ["/kind", "/product_id"]
    assert [row["id"] for row in admin.get(PATH, params={"product_id": product}).json()["data"]] == [first["id"]]
    assert admin.delete(place).status_code == 204
    assert admin.get(place).status_code == 404
    audited = admin.get("/api/v1/audit", params={"object_id": first["id"]}).json()["data"]
    assert [row["action"].partition(".")[2] for row in audited] == ["delete", "replace", "create"]


def in_force(client: httpx.Client, **scope: str) -> dict[str, dict[str, Any]]:
    answer = client.get(f"{PATH}/effective", params=scope)
    assert answer.status_code == 200, answer.text
    return {row["kind"]: row for row in answer.json()["data"]}


def test_what_is_in_force_says_where_it_is_set(admin: httpx.Client) -> None:
    above = made(admin, "/api/v1/categories", {"name": f"above {uuid4()}"})["id"]
    category = made(admin, "/api/v1/categories", {"name": f"below {uuid4()}", "parent_id": above})["id"]
    product = made(admin, "/api/v1/products", {**a_product(), "category_id": category})["id"]
    before = in_force(admin, product_id=product)
    assert list(before) == list(DEFAULTS)
    assert (before["low_inventory"]["scope"], before["low_inventory"]["threshold"]) == ("built_in", 10)
    assert before == in_force(admin, category_id=category)
    of_category = made(admin, PATH, {"kind": "low_inventory", "category_id": above, "threshold": 7})
    found = in_force(admin, product_id=product)["low_inventory"]
    assert (found["scope"], found["threshold"], found["threshold_id"]) == ("category", 7, of_category["id"])
    assert in_force(admin, category_id=category)["low_inventory"] == found
    of_product = made(admin, PATH, {"kind": "low_inventory", "product_id": product, "is_enabled": False})
    found = in_force(admin, product_id=product)["low_inventory"]
    assert (found["scope"], found["is_enabled"], found["threshold"]) == ("product", False, 10)
    assert found["threshold_id"] == of_product["id"]
    # Of two thresholds neither counts for everything else.
    assert in_force(admin)["low_inventory"]["threshold_id"] not in {of_product["id"], of_category["id"]}
    first = admin.get(f"{PATH}/effective", params={"limit": 3}).json()
    second = admin.get(f"{PATH}/effective", params={"limit": 100, "cursor": first["next_cursor"]}).json()
    assert [row["kind"] for row in first["data"] + second["data"]] == list(DEFAULTS)
    assert second["next_cursor"] is None


def test_what_is_in_force_is_asked_for_one_thing(admin: httpx.Client) -> None:
    one, other = str(uuid4()), str(uuid4())
    both = admin.get(f"{PATH}/effective", params={"product_id": one, "category_id": other})
    assert [fault["pointer"] for fault in both.json()["errors"]] == ["/query/category_id"]
    unknown = admin.get(f"{PATH}/effective", params={"product_id": one})
    assert [fault["pointer"] for fault in unknown.json()["errors"]] == ["/query/product_id"]


@pytest.mark.parametrize(
    ("draft", "pointers"),
    [
        ({"kind": "price_war", "threshold": 3}, ["/threshold"]),
        ({"kind": "low_inventory", "count": 3, "window_seconds": 60}, ["/count", "/window_seconds"]),
        ({"kind": "competitor_price_drop", "threshold": 101}, ["/threshold"]),
        ({"kind": "price_change", "threshold": 0}, ["/threshold"]),
        ({"kind": "price_change", "threshold": 1.0000001}, ["/threshold"]),
        ({"kind": "demand_surge", "threshold": 1}, ["/threshold"]),
        ({"kind": "price_change", "rearm_percent": 101}, ["/rearm_percent"]),
        ({"kind": "source_stale", "category_id": str(UUID(int=1))}, ["/kind"]),
        ({"kind": "price_change", "product_id": str(UUID(int=1))}, ["/product_id"]),
        ({"kind": "price_change", "category_id": str(UUID(int=1))}, ["/category_id"]),
        (
            {"kind": "price_change", "product_id": str(UUID(int=1)), "category_id": str(UUID(int=1))},
            ["/category_id"],
        ),
    ],
)
def test_what_makes_no_sense_is_refused(admin: httpx.Client, draft: dict[str, Any], pointers: list[str]) -> None:
    refused = admin.post(PATH, json=draft)
    assert refused.status_code == 422, refused.text
    assert [fault["pointer"] for fault in refused.json()["errors"]] == pointers
