"""Tax on commission over HTTP: by where the catalog says that the seller is, in quotes, receipts and explanations.

Source: docs/spec/commission.md#tax-on-commission; docs/spec/pricing-rules.md#commission_tax.
"""

from __future__ import annotations

import json

from tests.fixtures.service import Service
from tests.quotes.lifecycle.shop import Shop, pointers, until
from tests.quotes.lifecycle.test_accept import rows

SELLERS = "/api/v1/sellers"


def test_a_seller_who_moves_is_taxed_elsewhere_and_what_was_accepted_stays(shop: Shop, service: Service) -> None:
    made = shop.admin.post(SELLERS, json={"name": "Kaya", "region": "TR/Istanbul"})
    assert made.status_code == 201, made.text
    shop.seller, place = made.json()["data"]["id"], made.headers["location"]
    shop.add_rate(10)
    germany = shop.add_rule("COMMISSION_TAX", {"rate": 19, "inclusive": True}, region="DE")
    turkey = shop.add_rule("COMMISSION_TAX", {"rate": 20}, region="TR")  # the last one written: once it counts, all do
    basket = shop.basket()

    def taxed() -> list[tuple[str, float]]:
        quote = shop.quote(**basket)
        return [(each["rule_id"], each["amount"]) for each in quote["commission_breakdown"].get("commission_tax", ())]

    # 10 % of 51.00 is 5.10, and 20 % of that 1.02.
    until(lambda: taxed() == [(turkey["id"], 1.02)], "the tax counts where the seller is")
    quote = shop.quote(**basket)
    assert [each["type"] for each in quote["applied_rules"]] == ["COMMISSION_TAX"]
    assert (quote["payouts"][0]["commission_tax"], quote["payouts"][0]["payout"]) == (1.02, 44.88)
    assert shop.accept(quote["quote_id"]).status_code == 200
    (kept,) = rows(service, "SELECT payouts FROM accepted_quotes WHERE quote_id = $1", quote["quote_id"])
    (payout,) = json.loads(kept["payouts"])
    assert (payout["commission_tax_minor"], payout["payout_minor"]) == (102, 4488)
    verdicts = {each["id"]: each["reason"] for each in shop.explain(quote["quote_id"])["rules"]}
    assert (verdicts[turkey["id"]], verdicts[germany["id"]]) == ("applied", "other region")

    moved = shop.admin.put(place, json={"name": "Kaya", "region": "DE"})
    assert moved.status_code == 200, moved.text
    # 5.10 x 19/119, contained in the commission.
    until(lambda: taxed() == [(germany["id"], 0.81)], "the seller has moved")
    assert shop.quote(**basket)["payouts"][0]["payout"] == 45.9
    reported = shop.explain(quote["quote_id"])
    assert (reported["is_recomputed"], reported["agrees"]) == (True, False)


def test_what_does_not_fit_is_refused(shop: Shop) -> None:
    for configuration, pointer in (
        ({}, "/configuration/rate"),
        ({"rate": 101}, "/configuration/rate"),
        ({"rate": 20, "inclusive": "yes"}, "/configuration/inclusive"),
        ({"rate": 20, "category_rates": {}}, "/configuration/category_rates"),
    ):
        answer = shop.admin.post("/api/v1/pricing-rules", json=shop.rule("COMMISSION_TAX", configuration))
        assert pointers(answer) == [pointer]
