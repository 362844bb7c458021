"""What a replay is asked to suppose of things that never were, or that have ended.

Source: docs/spec/replay.md#what-is-not-there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.catalog.shop import a_price
from tests.orders.market import Market
from tests.quotes.lifecycle.shop import pointers, until
from tests.replay.replays import REPLAYS, accepted, block, now, replayed, result, start

LONG_AGO = ("2001-01-01T00:00:00Z", "2001-02-01T00:00:00Z")


def started(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    return dict(answer.json()["data"])


def reported(answer: httpx.Response) -> list[tuple[str, str]]:
    """Code and pointer of each warning."""
    return [(each["code"], each["pointer"]) for each in started(answer)["warnings"]]


def a_flag(market: Market, **fields: Any) -> dict[str, Any]:
    flag = {"key": f"flag-{uuid4()}", "type": "BOOLEAN", "value": True, "is_enabled": True, **fields}
    made = market.admin.post("/api/v1/feature-flags", json=flag)
    assert made.status_code == 201, made.text
    return dict(made.json()["data"])


def test_what_never_was_is_refused_where_it_is_named(market: Market) -> None:
    product, id_of_nothing = market.a_product(), str(uuid4())
    since = now()
    price = {"currency": "TRY", "price": 90}
    refused = start(
        market,
        since,
        ended_rules=["no rule has this name", id_of_nothing],
        ended_rates=[id_of_nothing],
        ended_flags=["no-such-flag"],
        flag_overrides={"no-such-flag-either": True},
    )
    # What can be said of the request alone comes first.
    assert pointers(refused) == ["/flag_overrides/no-such-flag-either"]
    refused = start(
        market,
        since,
        ended_rules=["no rule has this name", id_of_nothing],
        ended_rates=[id_of_nothing],
        ended_flags=["no-such-flag"],
        price_changes=[
            {"product_id": id_of_nothing, **price},
            {"product_id": product, "variant_id": id_of_nothing, **price},
            {"product_id": product, **price, "currency": "USD"},
            {"product_id": product, **price},
        ],
    )
    assert pointers(refused) == [
        "/ended_rules/0", "/ended_rules/1", "/ended_rates/0", "/ended_flags/0", "/price_changes/0/product_id",
        "/price_changes/1/variant_id", "/price_changes/2/currency",
    ]  # fmt: skip
    newest = market.admin.get(REPLAYS, params={"limit": 1}).json()["data"]
    assert not newest or newest[0]["created_at"] < since


def test_a_draft_is_of_the_type_of_its_rule(market: Market) -> None:
    rule = market.add_rule("PROMOTION", {"kind": "percent", "value": 10})
    tax = market.rule("TAX", {"rate": 5}, name=rule["name"])
    new = market.rule("TAX", {"rate": 5})
    other = market.rule("PROMOTION", {"kind": "percent", "value": 1}, name=new["name"])
    assert pointers(start(market, now(), draft_rules=[tax, new, new, other])) == [
        "/draft_rules/0/type", "/draft_rules/3/type",
    ]  # fmt: skip


def test_what_is_named_twice_is_refused(market: Market) -> None:
    rule, flag = market.add_rule("PROMOTION", {"kind": "percent", "value": 10}), a_flag(market)
    overrides = {flag["key"]: False}
    body = {**market.basket(), "flag_overrides": overrides}
    until(lambda: market.admin.post("/api/v1/quotes/simulate", json=body).status_code == 200, "the flag is known")
    refused = start(
        market,
        now(),
        ended_rules=[rule["name"], rule["name"]],
        ended_flags=[flag["key"], flag["key"]],
        flag_overrides=overrides,
    )
    assert pointers(refused) == ["/ended_rules/1", "/ended_flags/0", "/ended_flags/1"]


def test_what_has_ended_is_reported(market: Market) -> None:
    rule = market.add_rule("PROMOTION", {"kind": "percent", "value": 10})
    rate, flag, product = market.add_rate(10), a_flag(market), market.a_product()
    for place in (f"pricing-rules/{rule['id']}", f"commission-rates/{rate['id']}", f"feature-flags/{flag['id']}"):
        assert market.admin.delete(f"/api/v1/{place}").status_code in (200, 204)
    shown = market.admin.get(f"/api/v1/products/{product}").json()["data"]
    kept = {name: shown[name] for name in ("sku", "name", "seller_id")} | {"prices": [a_price()]}
    switched_off = market.admin.put(f"/api/v1/products/{product}", json={**kept, "is_active": False})
    assert switched_off.status_code == 200, switched_off.text
    ended = {
        "ended_rules": [rule["name"], rule["id"].upper()],
        "ended_rates": [rate["id"]],
        "ended_flags": [flag["key"]],
        "price_changes": [{"product_id": product, "currency": "TRY", "price": 90}],
    }
    record = started(start(market, "2026-01-01T00:00:00Z", sample=0.0001, **ended))
    wanted = ["/ended_rules/0", "/ended_rules/1", "/ended_rates/0", "/ended_flags/0", "/price_changes/0"]
    assert [(each["code"], each["pointer"]) for each in record["warnings"]] == [
        ("already_ended", pointer) for pointer in wanted
    ]
    assert all("already, so" in each["detail"] for each in record["warnings"][:4])
    # None of it had begun when these were accepted.
    record = started(start(market, LONG_AGO[0], to=LONG_AGO[1], **ended))
    assert [each["code"] for each in record["warnings"]] == ["not_begun"] * 4 + ["already_ended"]
    shown = market.admin.get(f"{REPLAYS}/{record['id']}").json()["data"]
    assert shown["warnings"] == record["warnings"]


def test_what_counts_is_reported_nothing_of(market: Market) -> None:
    promotion = market.add_rule("PROMOTION", {"kind": "percent", "value": 50})
    market.applied(promotion)
    rate, flag, product = market.add_rate(10), a_flag(market), market.a_product()
    since = now()
    accepted(market)
    found = replayed(
        market,
        since,
        ended_rules=[promotion["id"].upper()],
        ended_rates=[rate["id"]],
        ended_flags=[flag["key"]],
        price_changes=[{"product_id": product, "currency": "TRY", "price": 90}],
    )
    assert found["warnings"] == []
    # An id counts whatever its case.
    assert block(found["result"])["figures"]["discount_amount"]["after"] == 0


def test_a_version_that_another_has_taken_the_place_of_has_ended(market: Market) -> None:
    first = market.add_rule("PROMOTION", {"kind": "percent", "value": 50})
    draft = market.rule("PROMOTION", {"kind": "percent", "value": 10}, name=first["name"])
    answer = market.admin.put(f"/api/v1/pricing-rules/{first['id']}", json=draft)
    assert answer.status_code == 200, answer.text
    record = started(start(market, now().replace("+00:00", "Z"), ended_rules=[first["id"]]))
    assert [(each["code"], each["pointer"]) for each in record["warnings"]] == [("already_ended", "/ended_rules/0")]
    assert reported(start(market, now(), ended_rules=[first["name"]])) == []


def test_drafts_that_count_for_no_quote_are_reported(market: Market) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    draft = market.rule("PROMOTION", {"kind": "percent", "value": 10})
    rate = {"commission_type": "PERCENTAGE", "rate": 5}
    since = now()
    accepted(market)
    found = replayed(
        market,
        since,
        draft_rules=[
            draft,
            {**draft, "effective_from": tomorrow},
            {**draft, "effective_from": "2001-01-01T00:00:00Z", "effective_to": "2001-02-01T00:00:00Z"},
            {**draft, "is_active": False},
        ],
        draft_rates=[rate, {**rate, "effective_from": tomorrow}],
    )
    assert [(each["code"], each["pointer"]) for each in found["warnings"]] == [
        ("not_begun", "/draft_rules/1/effective_from"), ("already_ended", "/draft_rules/2/effective_to"),
        ("not_active", "/draft_rules/3/is_active"), ("not_begun", "/draft_rates/1/effective_from"),
    ]  # fmt: skip
    assert found["result"]["changed"] == 1


def test_a_rule_that_was_left_out_though_it_had_ended_still_changes_quotes_of_before(market: Market) -> None:
    promotion = market.add_rule("PROMOTION", {"kind": "percent", "value": 50})
    market.applied(promotion)
    since = now()
    accepted(market)
    assert market.admin.delete(f"/api/v1/pricing-rules/{promotion['id']}").status_code in (200, 204)
    found = result(market, since, ended_rules=[promotion["name"]])
    assert block(found)["figures"]["total_amount"]["difference"] == 25.5
