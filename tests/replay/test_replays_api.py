"""What a change would have done, over HTTP. Source: docs/spec/replay.md."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.orders.market import Market
from tests.quotes.lifecycle.shop import pointers, until
from tests.replay.replays import REPLAYS, accepted, block, group, now, replayed, result, shown, start


def test_without_a_change_every_quote_is_met(market: Market) -> None:
    market.charged()
    market.applied(market.add_rule("PROMOTION", {"kind": "percent", "value": 10}))
    code = market.add_coupon()
    product = market.a_product()
    since = now()
    accepted(market, 2)
    accepted(market, coupon_codes=[code], is_express_delivery=True)
    accepted(market, items=[{"product_id": product, "quantity": 3, "unit_price": 1}], external_ref='"x"')
    found = result(market, since)
    assert (found["quotes"], found["changed"], found["up"], found["down"]) == (4, 0, 0, 0)
    figures = block(found)["figures"]
    assert figures["total_amount"]["before"] > 0
    assert all(figure["difference"] == 0 for figure in figures.values())


def test_rules_rates_and_what_is_left_out(market: Market) -> None:
    market.charged(10)
    rate_id = market.add_rate(20, priority=5)["id"]
    until(lambda: market.quote()["commission_breakdown"]["total_commission"] == 10.2, "the rate counts")
    promotion = market.add_rule("PROMOTION", {"kind": "percent", "value": 50})
    market.applied(promotion)
    since = now()
    quotes = accepted(market, 2)
    draft = market.rule("PROMOTION", {"kind": "percent", "value": 10}, name=promotion["name"])
    del draft["effective_from"]
    found = result(market, since, draft_rules=[draft], ended_rates=[rate_id])
    assert (found["changed"], found["up"], found["down"], found["share_up"]) == (2, 2, 0, 1.0)
    of_currency = block(found)
    # 51.00 at half its price, and at nine tenths of it; the seller pays for the discount.
    total = of_currency["figures"]["total_amount"]
    assert (total["before"], total["after"], total["difference"]) == (51.0, 91.8, 40.8)
    commission = of_currency["figures"]["total_commission"]
    assert (commission["before"], commission["after"]) == (10.2, 9.18)
    seller = group(of_currency["sellers"], market.seller)
    assert seller["count"] == 2
    assert (seller["revenue"]["before"], seller["revenue"]["after"]) == (51.0, 91.8)
    assert (seller["commission"]["before"], seller["commission"]["after"]) == (10.2, 9.18)
    assert group(of_currency["regions"], "TR/Istanbul")["discount"]["difference"] == -40.8
    (bar,) = [bar for bar in of_currency["histogram"] if bar["quotes"]]
    assert (bar["from_percent"], bar["to_percent"], bar["quotes"]) == (50, None, 2)
    largest = of_currency["largest"]
    assert {each["quote_id"] for each in largest} == set(quotes)
    assert [rule["name"] for rule in largest[0]["rules_gone"]] == [promotion["name"]]
    assert [rule["name"] for rule in largest[0]["rules_new"]] == [promotion["name"]]
    gone = result(market, since, ended_rules=[promotion["name"]])
    assert block(gone)["figures"]["discount_amount"]["after"] == 0
    assert gone["proof"]["reproduced"] == 2


def test_flags_and_prices(market: Market) -> None:
    key = f"flag-{market.name}"
    flag = {"key": key, "type": "BOOLEAN", "value": True, "is_enabled": False}
    assert market.admin.post("/api/v1/feature-flags", json=flag).status_code == 201
    promotion = market.add_rule("PROMOTION", {"kind": "percent", "value": 10}, conditions={"flag": key})
    product = market.a_product()
    basket = [{"product_id": product, "quantity": 2}]

    def knows_rule() -> bool:
        answer = market.admin.post("/api/v1/quotes/simulate", json={**market.basket(), "flag_overrides": {key: True}})
        rules = answer.json().get("data", {}).get("simulated", {}).get("applied_rules", [])
        return promotion["id"] in [rule["id"] for rule in rules]

    until(knows_rule, "the flag and the rule are known")
    since = now()
    accepted(market)
    found = result(market, since, flag_overrides={key: True})
    assert block(found)["figures"]["discount_amount"]["difference"] == 5.1
    since = now()
    accepted(market, items=basket)
    price: dict[str, Any] = {"product_id": product, "currency": "TRY", "price": 90}
    figures = block(result(market, since, price_changes=[price]))["figures"]
    assert (figures["item_total"]["before"], figures["item_total"]["after"]) == (200, 180)


def test_price_rules_of_then(market: Market) -> None:
    product = market.a_product()
    seller = {"product_ids": [product]}
    rule = market.rule("QUANTITY_PRICE", {"breaks": [{"min_quantity": 2, "adjustment": {"percent": -10}}]})
    rule["conditions"] = seller
    made = market.admin.post("/api/v1/pricing-rules", json=rule)
    assert made.status_code == 201, made.text
    basket = [{"product_id": product, "quantity": 2}]
    until(lambda: market.quote(items=basket)["items"][0]["unit_price"] == 90, "quotes use the rule")
    since = now()
    accepted(market, items=basket)
    price = {"product_id": product, "currency": "TRY", "price": 110}
    found = result(market, since, price_changes=[price])
    assert block(found)["figures"]["item_total"]["after"] == 198
    assert found["lines_not_repriced"] == 0
    gone = result(market, since, ended_rules=[made.json()["data"]["id"]])
    assert block(gone)["figures"]["item_total"]["after"] == 200


def test_a_quote_without_its_request_is_left_out_and_reported(market: Market) -> None:
    since = now()
    kept, lost = accepted(market, 2)
    market.rows("ALTER TABLE accepted_quotes DISABLE TRIGGER USER")
    try:
        market.rows("UPDATE accepted_quotes SET request = NULL WHERE quote_id = $1 RETURNING 1", lost)
    finally:
        market.rows("ALTER TABLE accepted_quotes ENABLE TRIGGER USER")
    found = replayed(market, since)["result"]
    assert found["quotes"] == 2
    assert found["proof"]["reproduced"] == 1
    assert found["proof"]["not_reproduced"] == {"request-not-kept": 1}
    assert [each["quote_id"] for each in found["proof"]["examples"]] == [lost]
    assert kept != lost


def test_what_differs_is_reported_by_field(market: Market) -> None:
    since = now()
    (quote_id,) = accepted(market)
    market.rows("ALTER TABLE accepted_quotes DISABLE TRIGGER USER")
    try:
        market.rows(
            "UPDATE accepted_quotes SET data = convert_to("
            "replace(convert_from(data, 'UTF8'), '\"total_amount\":51.00', '\"total_amount\":50.00'), 'UTF8')"
            " WHERE quote_id = $1 RETURNING 1",
            quote_id,
        )
    finally:
        market.rows("ALTER TABLE accepted_quotes ENABLE TRIGGER USER")
    proof = replayed(market, since)["result"]["proof"]
    assert (proof["reproduced"], proof["not_reproduced"]) == (0, {"differs": 1})
    (example,) = proof["examples"]
    assert {"pointer": "/total_amount", "issued": 50.0, "replayed": 51.0} in example["differences"]


def test_a_share_is_of_the_same_quotes_each_time(market: Market) -> None:
    since = now()
    accepted(market, 20)
    until_then = now()
    counts = [result(market, since, to=until_then, sample=0.5)["quotes"] for _ in range(2)]
    assert counts[0] == counts[1] < 20
    assert result(market, since, to=until_then)["quotes"] == 20


def test_faults_are_reported_with_their_pointers(market: Market) -> None:
    far, near = "2126-01-01T00:00:00Z", now()
    assert pointers(start(market, near, to=far)) == ["/to"]
    assert pointers(start(market, near, to="2020-01-01T00:00:00Z")) == ["/from"]
    # PostgreSQL keeps the first instant that there is as one without end: nobody could take such a replay, or one behind it.
    assert pointers(start(market, "0001-01-01T00:00:00Z")) == ["/from"]
    assert pointers(start(market, near, sample=0)) == ["/sample"]
    assert pointers(start(market, near, flag_overrides={"no-such": 1})) == ["/flag_overrides/no-such"]
    assert pointers(start(market, near, draft_rules=[{"name": "x", "type": "TAX", "configuration": {}}])) == [
        "/draft_rules/0/configuration/rate"
    ]
    assert pointers(start(market, near, draft_rates=[{"commission_type": "PERCENTAGE", "rate": 101}])) == [
        "/draft_rates/0/rate"
    ]
    price = {"product_id": str(uuid4()), "currency": "XXQ", "price": 1}
    assert pointers(start(market, near, price_changes=[price])) == ["/price_changes/0/currency"]
    assert pointers(start(market, near, surprise=1)) == ["/surprise"]


def test_a_replay_is_listed_streamed_and_cannot_be_cancelled_once_it_has_ended(market: Market) -> None:
    since = now()
    accepted(market)
    answer = start(market, since)
    place = answer.headers["location"]
    with market.admin.stream("GET", f"{place}/events") as stream:
        events = [line.removeprefix("event: ") for line in stream.iter_lines() if line.startswith("event: ")]
    assert events[-1] == "ended"
    assert shown(market, place)["status"] == "done"
    listed = market.admin.get(REPLAYS).json()["data"]
    assert place.rpartition("/")[2] in [each["id"] for each in listed]
    again = market.admin.delete(place)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/replay-ended")
