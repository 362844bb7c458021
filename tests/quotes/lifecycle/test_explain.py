"""Why a quote is what it is. Source: docs/spec/quotes.md#explain-a-quote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.postgres.pool import Database
from quote_service.quotes.operations.explain_quote import explain_quote
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.quotes.tables.accepted_quotes import accepted_quote
from tests.fixtures.service import Service
from tests.quotes.lifecycle.shop import QUOTES, Shop, code_of, until

SOON = (datetime.now(UTC) + timedelta(days=30)).isoformat()
PAST = {"effective_from": "2025-01-01T00:00:00Z", "effective_to": "2025-02-01T00:00:00Z"}


def explained_rules(shop: Shop, quote: dict[str, Any], *ids: str) -> list[tuple[str, str | None]]:
    """The reasons of the rules with these ids, and who beat them."""
    verdicts = {rule["id"]: rule for rule in shop.explain(quote["quote_id"])["rules"]}
    return [(verdicts[each]["reason"], verdicts[each]["beaten_by"]) for each in ids]


def test_every_delivery_rule_says_why(shop: Shop) -> None:
    def fee(amount: int, **fields: Any) -> str:
        return str(shop.add_rule("DELIVERY_FEE", {"base_fee": amount}, **fields)["id"])

    def reason(rule_id: str) -> str:
        return next(str(rule["reason"]) for rule in explained["rules"] if rule["id"] == rule_id)

    winner = shop.add_rule("DELIVERY_FEE", {"base_fee": 5}, region="TR/Istanbul", priority=3)
    expected = {
        winner["id"]: "applied",
        fee(6, region="TR"): "less specific region",
        fee(7, region="TR/Istanbul", priority=2): "lower priority",
        fee(8, region="TR/Istanbul", priority=3, effective_from="2024-01-01T00:00:00Z"): "earlier start",
        fee(8, region="TR/Istanbul", priority=3, name=f"z {uuid4()}"): "later name",
        fee(9, region="DE"): "other region",
        fee(10, currency="USD"): "other currency",
        fee(11, effective_from=SOON): "not effective yet",
        fee(12, **PAST): "ended",
        fee(13, conditions={"customer_tiers": ["gold"], "min_subtotal": 1000}): "condition not met",
        fee(14, conditions={"time_of_day": _an_hour_ago()}): "window closed",
        (off := fee(15, region="TR/Istanbul", priority=9)): "switched off",
    }
    assert shop.admin.delete(f"/api/v1/pricing-rules/{off}").status_code == 204

    def is_known(rule_id: str, why: str) -> bool:
        rules = shop.explain(shop.quote()["quote_id"])["rules"]
        return any((rule["id"], rule["reason"]) == (rule_id, why) for rule in rules)

    # The last change, so all are known. The fee is no sign: it is the winner's before most of the others are read.
    until(lambda: is_known(off, "switched off"), "the rules are known")
    explained = shop.explain(shop.quote()["quote_id"])
    assert {rule_id: reason(rule_id) for rule_id in expected} == expected
    by_id = {rule["id"]: rule for rule in explained["rules"]}
    beaten = [rule_id for rule_id, why in expected.items() if why in ("lower priority", "earlier start", "later name")]
    assert {by_id[rule_id]["beaten_by"] for rule_id in beaten} == {winner["id"]}
    (unmet,) = [by_id[rule_id]["detail"] for rule_id, why in expected.items() if why == "condition not met"]
    assert unmet == "customer_tiers; min_subtotal 1000.00 (compared with 51.00)"
    assert explained["agrees"] is True


def _an_hour_ago() -> dict[str, str]:
    now = datetime.now(UTC)
    return {"from": f"{now - timedelta(hours=2):%H:%M}", "to": f"{now - timedelta(hours=1):%H:%M}"}


def test_other_types_say_why(shop: Shop) -> None:
    delivery = shop.add_rule("DELIVERY_FEE", {"base_fee": 5})
    express = shop.add_rule("EXPRESS_FEE", {"base_fee": 9})
    small = shop.add_rule("SMALL_BASKET_FEE", {"threshold": 10, "fee": 1})
    free = shop.add_rule("FREE_DELIVERY", {"min_subtotal": 1000})
    tax = shop.add_rule("TAX", {"rate": 18}, priority=1)
    lower_tax = shop.add_rule("TAX", {"rate": 8})
    stopped = shop.add_rule("PROMOTION", {"kind": "percent", "value": 1}, priority=1)
    nothing = shop.add_rule("PROMOTION", {"kind": "fixed_price", "value": 1000, "applies_to": "lines"}, priority=3)
    stop = shop.add_rule("PROMOTION", {"kind": "percent", "value": 1, "exclusive": True}, priority=2)
    shop.applied(stop)  # the last one written, so all are known
    ids = [each["id"] for each in (delivery, express, small, free, tax, lower_tax, stop, stopped, nothing)]
    assert explained_rules(shop, shop.quote(), *ids) == [
        ("applied", None),
        ("not an express delivery", None),
        ("nothing to charge", None),
        ("nothing to charge", None),
        ("applied", None),
        ("lower priority", tax["id"]),
        ("applied", None),
        ("stopped by an exclusive rule", stop["id"]),
        ("nothing to discount", None),
    ]
    fast = explained_rules(shop, shop.quote(is_express_delivery=True), *ids[:2])
    assert fast == [("replaced by the express fee", express["id"]), ("applied", None)]


def test_a_version_that_is_superseded(shop: Shop) -> None:
    first = shop.add_rule("TAX", {"rate": 18})
    draft = shop.rule("TAX", {"rate": 20}, name=first["name"])
    second = shop.admin.put(f"/api/v1/pricing-rules/{first['id']}", json=draft).json()["data"]
    shop.applied(second)
    verdicts = explained_rules(shop, shop.quote(), first["id"], second["id"])
    assert verdicts == [("superseded by a newer version", second["id"]), ("applied", None)]


def test_coupons_are_considered_where_their_code_was_sent(shop: Shop) -> None:
    used, unused = shop.add_coupon(usage_limit=1), shop.add_coupon()
    quote = shop.quote(coupon_codes=[used.lower(), "nope"])
    explained = shop.explain(quote["quote_id"])
    assert [rule["reason"] for rule in explained["rules"] if rule["type"] == "COUPON"] == ["applied"]
    assert unused not in str(explained)
    assert shop.accept(quote["quote_id"]).status_code == 200
    until(lambda: shop.coupon_of(shop.quote(coupon_codes=[used]))["reason"] == "exhausted", "it is used up")
    late = shop.explain(shop.quote(coupon_codes=[used])["quote_id"])
    assert [rule["reason"] for rule in late["rules"] if rule["type"] == "COUPON"] == ["exhausted"]
    assert late["agrees"] is True
    # The first quote was given before the coupon was used up, and still is explained so.
    assert shop.explain(quote["quote_id"])["agrees"] is True


async def test_a_quote_of_a_release_that_reported_less_is_explained_all_the_same(shop: Shop, service: Service) -> None:
    shop.applied(shop.add_rule("PROMOTION", {"kind": "percent", "value": 10}))
    shop.applied(shop.add_rule("TAX", {"rate": 20, "inclusive": True}))
    quote_id = shop.quote()["quote_id"]
    assert shop.accept(quote_id).status_code == 200
    database = await Database.open(service.database_url)
    async with database.read() as connection:
        accepted = await accepted_quote(connection, UUID(quote_id))
    assert accepted is not None
    issued = parse_exact(accepted.data)
    assert issued.pop("discount_details")
    assert issued["items"][0].pop("tax_included")
    for discount_amount, agrees in ((issued["discount_amount"], True), (issued["discount_amount"] + 1, False)):
        issued["discount_amount"] = discount_amount
        of_old = msgspec.structs.replace(accepted, data=write_document(issued))
        assert (await explain_quote(database, of_old, decode_basket)).agrees is agrees
    await database.close()


def test_every_rate_says_why(shop: Shop) -> None:
    category, other = str(uuid4()), str(uuid4())

    def rate(**fields: Any) -> str:
        return str(shop.add_rate(10, **fields)["id"])

    winner = rate(region="TR", priority=5)
    expected = {
        winner: "applied",
        rate(region="TR", priority=4): "lower priority",
        rate(priority=5): "less specific region",
        rate(region="TR", priority=6, category_id=category, effective_from=SOON): "not effective yet",
        rate(region="DE", priority=9): "other region",
        rate(currency="USD", priority=9): "other currency",
        rate(priority=9, **PAST): "ended",
        rate(logistics_provider="swift", priority=9): "other logistics provider",
        (by_category := rate(seller_id=None, category_id=category)): "applied",
    }
    stranger = rate(seller_id=str(uuid4()), priority=9)
    foreign = rate(category_id=other, priority=9)

    def quote() -> dict[str, Any]:
        item = {"product_id": str(uuid4()), "quantity": 2, "unit_price": 25.5, "category_id": category}
        return shop.quote(items=[item])

    def taken() -> set[str]:
        return {detail["rate_id"] for detail in quote()["commission_breakdown"]["details"]}

    until(lambda: taken() == {winner, by_category}, "the rates are known")
    explained = shop.explain(quote()["quote_id"])
    verdicts = {each["id"]: each for each in explained["rates"]}
    assert {rate_id: verdicts[rate_id]["reason"] for rate_id in expected} == expected
    assert {verdicts[each]["beaten_by"] for each, why in expected.items() if why == "lower priority"} == {winner}
    assert verdicts[winner]["lines"] == [0]
    assert stranger not in verdicts
    assert foreign not in verdicts
    assert explained["agrees"] is True


def test_what_has_changed_since_changes_no_explanation(shop: Shop) -> None:
    """Recomputed from the rulebook version of its time, though rules, rates and flags are others now."""
    rule, rate = shop.add_rule("TAX", {"rate": 18}), shop.add_rate(10)
    key = f"flag-{shop.name}"
    flag = {"key": key, "type": "NUMBER", "value": 1, "is_enabled": True}
    made = shop.admin.post("/api/v1/feature-flags", json=flag).json()["data"]
    until(lambda: key in (quote := shop.quote())["feature_flags"] and quote["tax_amount"] > 0, "all is known")
    quote = shop.quote()
    assert quote["commission_breakdown"]["total_commission"] == 5.1

    draft = shop.rule("TAX", {"rate": 20}, name=rule["name"])
    assert shop.admin.put(f"/api/v1/pricing-rules/{rule['id']}", json=draft).status_code in (200, 201)
    assert shop.admin.delete(f"/api/v1/pricing-rules/{rule['id']}").status_code == 204
    ended = shop.admin.delete(f"/api/v1/commission-rates/{rate['id']}")
    assert ended.status_code == 204
    assert shop.admin.put(f"/api/v1/feature-flags/{made['id']}", json={**flag, "value": 2}).status_code == 200
    until(lambda: shop.quote()["feature_flags"][key] == 2, "all has changed")

    explained = shop.explain(quote["quote_id"])
    assert (explained["is_recomputed"], explained["agrees"], explained["differences"]) == (True, True, [])
    assert explained["calculations"] == quote["pricing_breakdown"]["calculations"]
    assert explained["priced_at"] == quote["valid_from"]
    assert [each["id"] for each in explained["rules"] if each["won"]] == [rule["id"]]
    assert [each["id"] for each in explained["rates"] if each["won"]] == [rate["id"]]


def test_there_is_nothing_to_explain_of_an_unknown_quote(shop: Shop) -> None:
    for quote_id, code in ((uuid4(), "quote-unknown"), ("01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b11", "quote-expired")):
        answer = shop.checkout.get(f"{QUOTES}/{quote_id}/explain")
        assert (answer.status_code, code_of(answer)) == (404, code)
