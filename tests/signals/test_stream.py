"""From a price that somebody pushes to whoever follows signals, in a running service; source: docs/spec/signals.md#notifications."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.catalog.shop import a_product
from tests.competitors.test_matching import a_competitor, a_push_source, made, pushed
from tests.fixtures.service import Service
from tests.flash_sales.event_stream import EventStream

PATH = "/api/v1/signals"


def ago(hours: int) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def test_a_price_that_is_pushed_is_raised_reported_and_acknowledged(
    service: Service, admin: httpx.Client, key_with: Any
) -> None:
    product, other = (made(admin, "/api/v1/products", a_product())["id"] for _ in range(2))
    competitor, sku = a_competitor(admin), f"C-{uuid4().hex[:8]}"
    source = a_push_source(admin, competitor)
    mapping = {"skus": [{"their_sku": sku, "product_id": product}]}
    assert admin.put(f"/api/v1/competitors/{competitor}/skus", json=mapping).status_code == 200
    hook = made(admin, "/api/v1/webhooks", {"url": "http://127.0.0.2:1024/", "event_types": ["signal.raised"]})["id"]

    def about(event: dict[str, Any], status: str) -> bool:
        return [each["status"] for each in event["signals"]] == [status]

    with (
        httpx.Client(base_url=service.url, headers=key_with("reports:read"), timeout=60) as client,
        EventStream(client, f"{PATH}/stream", product_id=product) as stream,
        EventStream(client, f"{PATH}/stream", product_id=other) as nothing,
    ):
        assert stream.next("signals") == nothing.next("signals") == {"signals": []}
        pushed(admin, source, {"sku": sku, "price": 1299, "observed_at": ago(2)})
        pushed(admin, source, {"sku": sku, "price": "1039.20", "observed_at": ago(1)})
        (raised,) = stream.until("signals", lambda event: about(event, "open"))["signals"]
        assert (raised["kind"], raised["measured"], raised["price"]) == ("competitor_price_drop", -20, 1039.2)
        place = f"{PATH}/{raised['id']}"
        shown = admin.get(place)
        deliveries = admin.get(f"/api/v1/webhooks/{hook}/deliveries", params={"limit": 200}).json()["data"]
        (reported,) = [each for each in deliveries if each["subject"] == raised["id"]]
        event = admin.get(f"/api/v1/webhooks/{hook}/deliveries/{reported['id']}").json()["data"]["event"]
        assert (event["type"], event["data"]) == ("signal.raised", shown.json()["data"])
        # Who may only read may not acknowledge.
        assert client.put(f"{place}/acknowledge", json={}).status_code == 403
        assert admin.put(f"{place}/acknowledge", json={"note": "seen"}).status_code == 200
        (seen,) = stream.until("signals", lambda event: about(event, "acknowledged"))["signals"]
        assert (seen["id"], seen["note"]) == (raised["id"], "seen")
    with EventStream(admin, f"{PATH}/stream", product_id=product) as later:
        assert later.next("signals") == {"signals": []}
    assert admin.delete(f"/api/v1/webhooks/{hook}").status_code == 204
