"""A checkout asks whether a quote is ours. Source: docs/spec/quotes.md#verify-a-quote."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.quotes.lifecycle.issued import LIBRARIES
from tests.quotes.lifecycle.shop import QUOTE, QUOTES, Shop, pointers

JSON = {"Content-Type": "application/json"}


def verify(shop: Shop, text: str) -> dict[str, Any]:
    answer = shop.checkout.post(f"{QUOTES}/verify", content=text.encode(), headers=JSON)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


@pytest.mark.parametrize("currency", ["TRY", "JPY", "KWD", "UYW"])
def test_a_quote_holds_after_any_library(shop: Shop, currency: str) -> None:
    request = shop.basket(currency=currency, external_ref='é "\u2028', coupon_codes=["夏", "nope"])
    request["items"] *= 3
    answer = shop.checkout.post(QUOTE, json=request).text
    data = answer[answer.index('"data":') + 7 : answer.rindex(',"processing_time_ms"')]
    for text in (data, *(through(data) for through in LIBRARIES)):
        assert verify(shop, text) == {"valid": True, "reason": None, "detail": None, "pointer": None}
        assert verify(shop, f'{{"data":{text}}}')["valid"]
    tampered = json.loads(data)
    tampered["items"][1]["quantity"] += 1
    assert verify(shop, json.dumps(tampered))["reason"] == "signature_does_not_hold"


def test_the_tier_that_answered_does_not_matter(shop: Shop) -> None:
    request = shop.basket()
    tiers = set()
    for reference in ("a", "a", "b"):
        quote = shop.checkout.post(QUOTE, json={**request, "external_ref": reference}).json()["data"]
        tiers.add(quote["cache"])
        assert verify(shop, json.dumps(quote))["valid"]
    assert tiers == {"miss", "local"}


def test_a_changed_or_foreign_quote_does_not_hold(shop: Shop) -> None:
    quote = shop.quote()
    key_id, _, digest = quote["signature"].rpartition(".")
    changed: dict[str, Any]
    for changed in (
        {"total_amount": 50.99},
        {"total_amount": 51.001},
        {"currency": "USD"},
        {"currency": "XXX"},
        {"external_ref": ""},
        {"signature": f"{key_id}.{digest[:-1]}"},
        {"signature": f"other.{digest}"},
        {"signature": ""},
        {"signature": None},
        {"items": []},
        {"warnings": []},
        {"more": 1},
    ):
        assert verify(shop, json.dumps({**quote, **changed}))["valid"] is False, changed
    assert verify(shop, json.dumps({**quote, "more": 1}))["pointer"] == "/more"
    repeated = json.dumps(quote)[:-1] + ',"currency":"TRY"}'
    assert verify(shop, repeated)["reason"] == "not_a_quote"
    assert verify(shop, json.dumps(quote).replace("51.0", "1" * 70))["valid"] is False


def test_what_is_no_request_is_refused(shop: Shop) -> None:
    for body, pointer in (({}, "/data"), ({"data": 1}, "/data"), ([], ""), ({"data": {}, "x": 1}, "/x")):
        assert pointers(shop.checkout.post(f"{QUOTES}/verify", json=body)) == [pointer]
    assert shop.checkout.post(f"{QUOTES}/verify", content=b"{", headers=JSON).status_code == 400
    nothing = shop.checkout.post(f"{QUOTES}/verify", json={"data": {"quote_id": 1}}).json()["data"]
    assert (nothing["valid"], nothing["reason"], nothing["pointer"]) == (False, "not_a_quote", "/signature")
