"""Signals are listed and acknowledged over HTTP; source: docs/spec/signals.md#acknowledgement."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from quote_service.intelligence.signals.operations.read_signals import open_signals_of, products_at_war
from tests.catalog.shop import a_product
from tests.fixtures.service import Service
from tests.signals.stored import NOW as _NOW
from tests.signals.stored import Stored

PATH = "/api/v1/signals"


@pytest.fixture(scope="module")
def stored(service: Service) -> Stored:
    """The database of the running service."""
    return Stored(service.database_url)


def test_the_first_who_acknowledges_is_the_one(
    service: Service, admin: httpx.Client, stored: Stored, key_with: Any
) -> None:
    product = uuid4()
    signal_id = stored.signal("competitor_price_drop", product)
    place = f"{PATH}/{signal_id}"
    shown = admin.get(place).json()["data"]
    assert (shown["status"], shown["price"], shown["measured"], shown["threshold"]) == ("open", 80, -20, 15)
    assert [(each["role"], each["value"]) for each in shown["evidence"]] == [("now", 80)]
    keys = [key_with("competitors:write") for _ in range(4)]

    def acknowledge(number: int) -> httpx.Response:
        return httpx.put(
            f"{service.url}{place}/acknowledge", json={"note": f"by {number}"}, headers=keys[number], timeout=60
        )

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(acknowledge, range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    (first,) = [number for number, answer in enumerate(answers) if answer.status_code == 200]
    written = answers[first].json()["data"]
    assert (written["status"], written["note"], written["version"]) == ("acknowledged", f"by {first}", 2)
    again = acknowledge(first)
    assert (again.status_code, again.json()["data"]) == (200, written)
    refused = acknowledge((first + 1) % 4)
    assert (refused.status_code, refused.json()["acknowledged_by"]) == (409, written["acknowledged_by"])
    audited = admin.get("/api/v1/audit", params={"object_id": str(signal_id)}).json()["data"]
    assert [row["action"] for row in audited] == ["signal.acknowledge"]
    # That somebody has seen it ends nothing.
    found = stored.ask(lambda connection: open_signals_of(connection, [product], datetime.now(UTC)))
    assert [each.id for each in found] == [signal_id]


def test_signals_are_found_by_what_they_are(admin: httpx.Client, stored: Stored) -> None:
    product, rival = UUID(admin.post("/api/v1/products", json=a_product()).json()["data"]["id"]), uuid4()
    war = stored.signal("price_war", product)
    past = stored.signal("low_inventory", product, expires_at=_NOW - timedelta(seconds=1))
    drop = stored.signal("competitor_price_drop", product, competitor_id=rival)
    over = stored.signal("source_stale", product, status="resolved", resolved_at=_NOW)

    def listed(**filters: str) -> list[str]:
        answer = admin.get(PATH, params={"product_id": str(product), **filters})
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["data"]]

    assert listed() == [str(over), str(drop), str(past), str(war)]
    assert listed(status="open") == [str(drop), str(past), str(war)]
    assert listed(kind="price_war") == [str(war)]
    assert listed(competitor_id=str(rival)) == [str(drop)]
    assert listed(to=_NOW.isoformat()) == []
    first = admin.get(PATH, params={"product_id": str(product), "limit": "3"}).json()
    assert listed(cursor=first["next_cursor"]) == [str(war)]
    both, now, later = [product, uuid4()], datetime.now(UTC), _NOW + timedelta(days=8)
    assert {each.id for each in stored.ask(lambda open_: open_signals_of(open_, both, now))} == {war, drop}
    assert stored.ask(lambda open_: products_at_war(open_, both, now)) == {product}
    assert stored.ask(lambda open_: products_at_war(open_, both, later)) == frozenset()


def test_only_an_anomaly_has_a_verdict(admin: httpx.Client, stored: Stored) -> None:
    drop = stored.signal("competitor_price_drop", uuid4())
    refused = admin.put(f"{PATH}/{drop}/acknowledge", json={"verdict": "genuine"})
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/verdict"]
    assert admin.put(f"{PATH}/{uuid4()}/acknowledge", json={}).status_code == 404
    odd = stored.signal("price_anomaly", uuid4(), listing_id=uuid4())
    written = admin.put(f"{PATH}/{odd}/acknowledge", json={"verdict": "wrong"}).json()["data"]
    assert written["verdict"] == "wrong"


def test_an_acknowledged_signal_is_reported(admin: httpx.Client, stored: Stored) -> None:
    body = admin.post("/api/v1/webhooks", json={"url": "http://127.0.0.2:1024/", "event_types": ["signal.*"]}).json()
    signal_id = stored.signal("low_inventory", uuid4())
    written = admin.put(f"{PATH}/{signal_id}/acknowledge", json={}).json()["data"]
    place = f"/api/v1/webhooks/{body['data']['id']}"
    (found,) = [
        each
        for each in admin.get(f"{place}/deliveries", params={"type": "signal.acknowledged"}).json()["data"]
        if each["subject"] == str(signal_id)
    ]
    assert admin.get(f"{place}/deliveries/{found['id']}").json()["data"]["event"]["data"] == written
    admin.delete(place)
