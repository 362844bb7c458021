"""What was made a moment ago is there for whoever tries it. Source: docs/spec/quotes.md#as-it-was-known."""

from __future__ import annotations

from uuid import uuid4

from tests.catalog.shop import PRODUCTS, a_product, pointers
from tests.quotes.catalog.store import QUOTES, Store, a_line
from tests.quotes.lifecycle.test_known_at import now


def test_a_product_is_simulated_as_soon_as_it_is_made(store: Store) -> None:
    for _ in range(8):
        product = store.http.post(PRODUCTS, json=a_product()).json()["data"]
        basket = store.basket(a_line(product))
        answer = store.http.post(f"{QUOTES}/simulate", json={**basket, "known_at": now()})
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["simulated"]["items"][0]["unit_price"] == 100


def test_a_replay_knows_a_flag_as_soon_as_it_is_made(store: Store) -> None:
    for _ in range(8):
        key = f"flag-{uuid4()}"
        flag = {"key": key, "type": "BOOLEAN", "value": True, "is_enabled": True}
        assert store.http.post("/api/v1/feature-flags", json=flag).status_code == 201
        # Of no quote at all: what it supposes is looked at first.
        ask = {"from": "2126-01-01T00:00:00Z", "to": "2126-01-02T00:00:00Z", "flag_overrides": {key: False}}
        assert pointers(store.http.post("/api/v1/analytics/replay", json=ask)) == ["/to"]


def test_a_flag_is_supposed_as_soon_as_it_is_made(store: Store) -> None:
    for _ in range(8):
        key = f"flag-{uuid4()}"
        flag = {"key": key, "type": "NUMBER", "value": 1, "is_enabled": True, "expose_in_quote": True}
        assert store.http.post("/api/v1/feature-flags", json=flag).status_code == 201
        basket = store.basket(a_line(str(uuid4()), unit_price=5))
        supposed = {"flag_overrides": {key: 7}}
        answer = store.http.post(f"{QUOTES}/simulate", json={**basket, **supposed})
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["simulated"]["feature_flags"][key] == 7
