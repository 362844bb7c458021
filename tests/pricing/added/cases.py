"""What the added modules must be found to do; run by `test_adding.py`, not by themselves."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from litestar import Litestar

from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.http.openapi.openapi import openapi_document
from quote_service.platform.system.errors import Invalid
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.price_order import PRICE_ORDER
from quote_service.pricing.explain.explain_pricing import explain_pricing
from quote_service.pricing.pipeline import STEPS
from quote_service.pricing.quote import Quote
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.routes import ROUTERS
from quote_service.rulebook.pricing_rules.operations.read_rule import read_rule
from tests.pricing.books import answer_text, book_of, instant_us, priced, read_answer, stored_rules
from tests.pricing.catalog import price_books as prices
from tests.pricing.check.rulebooks import NOW, SELLER, book, rule
from tests.pricing.check.rulebooks import findings as found

AT = "2026-03-02T12:00:00Z"


def basket(*prices: int, **fields: Any) -> dict[str, Any]:
    items = [
        {"product_id": f"{place + 1:08}-0000-4000-8000-000000000000", "quantity": 2, "unit_price": price}
        for place, price in enumerate(prices)
    ]
    return {
        "customer_id": "c7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f",
        "seller_id": SELLER,
        "items": items,
        "delivery_address": {"country": "TR", "city": "Istanbul"},
        "currency": "TRY",
        **fields,
    }


def draft(kind: str, configuration: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": kind.lower(), "type": kind, "configuration": configuration, "currency": "TRY", **fields}


def sent(document: dict[str, Any]) -> Any:
    """A rule read as the service reads what an admin sends."""
    return read_rule(parse_json(msgspec.json.encode(document)), NOW, None)


def refused(document: dict[str, Any]) -> list[str]:
    with pytest.raises(Invalid) as caught:
        sent(document)
    return [fault.pointer for fault in caught.value.faults]


def quoted(documents: list[dict[str, Any]], request: dict[str, Any]) -> Quote:
    rules = [{"id": f"rule-{place}", **document} for place, document in enumerate(documents)]
    return priced(book_of({"pricing_rules": rules}), request, AT)


def schemas() -> dict[str, Any]:
    described = openapi_document(Litestar(route_handlers=list(ROUTERS), openapi_config=None))
    return dict(described["components"]["schemas"])


CHEAPEST_FREE = draft("PROMOTION", {"kind": "cheapest_free"})


def test_an_added_kind_of_discount_is_read_and_what_is_not_its_own_refused() -> None:
    assert sent(CHEAPEST_FREE).configuration == {"kind": "cheapest_free"}
    assert refused(draft("PROMOTION", {"kind": "cheapest_free", "value": 5})) == ["/configuration/value"]
    assert refused(draft("PROMOTION", {"kind": "cheapest_free", "applies_to": "delivery"})) == [
        "/configuration/applies_to"
    ]


def test_an_added_kind_of_discount_acts_and_explains_its_figures() -> None:
    quote = quoted([CHEAPEST_FREE], basket(10, 4))
    assert (quote.discount_minor, [line.discount_minor for line in quote.lines]) == (400, [0, 400])
    step = read_answer(answer_text(quote, AT))["pricing_breakdown"]["calculations"][1]
    assert step["description"] == "promotion: the cheapest free"
    assert (step["amount"], step["inputs"]["of_lines"]) == ("-4.00", "2")


def test_an_added_kind_of_discount_is_checked_and_described() -> None:
    whole = rule("all", "PROMOTION", {"kind": "cheapest_free"})
    assert "deep-discount" in [each.code for each in found(book(whole))]
    kinds = schemas()["Promotion"]["properties"]["kind"]["enum"]
    assert "cheapest_free" in kinds


SERVICE_FEE = draft("SERVICE_FEE", {"fee": 3, "free_from": 50})
HIGHER_FEE = {**draft("SERVICE_FEE", {"fee": 9, "free_from": 90}, priority=-1), "name": "higher"}


def test_an_added_rule_type_is_read_and_what_does_not_fit_refused() -> None:
    assert sent(SERVICE_FEE).type == "SERVICE_FEE"
    assert refused(draft("SERVICE_FEE", {"fee": 3})) == ["/configuration/free_from"]
    assert refused(draft("SERVICE_FEE", {"fee": 3, "free_from": 2})) == ["/configuration/free_from"]
    assert refused({**SERVICE_FEE, "currency": None}) == ["/currency"]


def test_an_added_rule_type_charges_before_tax() -> None:
    tax = draft("TAX", {"rate": 10, "applies_to_delivery": True})
    delivery = draft("DELIVERY_FEE", {"base_fee": 7})
    quote = quoted([SERVICE_FEE, HIGHER_FEE, tax, delivery], basket(10))
    assert (quote.delivery_fee_minor, quote.tax_minor, quote.total_minor) == (1000, 300, 3300)
    assert [step.step for step in quote.calculations] == ["items", "delivery", "service", "tax", "tax"]
    answer = read_answer(answer_text(quote, AT))
    assert {"SERVICE_FEE", "DELIVERY_FEE", "TAX"} == {rule["type"] for rule in answer["applied_rules"]}


@pytest.mark.parametrize(
    ("price", "own", "higher"),
    [(10, "applied", "lower priority"), (40, "nothing to charge", "lower priority")],
)
def test_an_added_rule_type_is_explained(price: int, own: str, higher: str) -> None:
    documents = [{"id": f"rule-{place}", **each} for place, each in enumerate((SERVICE_FEE, HIGHER_FEE))]
    rows = RulebookChanges(
        version=1,
        is_complete=True,
        rates=[],
        ended_rate_ids=[],
        rules=stored_rules(documents),
        flags=[],
        exhaustions=[],
    )
    checked = decode_basket(msgspec.json.encode(basket(price)))
    explained = explain_pricing(rows, checked, instant_us(AT), None)
    assert {each.name: each.reason for each in explained.rules} == {"service_fee": own, "higher": higher}


def test_an_added_rule_type_is_checked_for_its_border() -> None:
    fee = rule("fee", "SERVICE_FEE", {"fee": 3, "free_from": 50}, currency="TRY")
    cliffs = [each for each in found(book(fee)) if each.code == "price-cliff"]
    assert ["at the end of the service fee" in each.why for each in cliffs] == [True]
    hidden = rule("hidden", "SERVICE_FEE", {"fee": 4, "free_from": 50}, currency="TRY", priority=-1)
    assert "rule-never-chosen" in [each.code for each in found(book(fee, hidden))]


def test_an_added_rule_type_is_described() -> None:
    described = schemas()
    draft_schema = described["RuleDraft"]
    place = draft_schema["discriminator"]["mapping"]["SERVICE_FEE"].rpartition("/")[2]
    configuration = described[place]["properties"]["configuration"]
    assert configuration["$ref"].endswith("/ServiceFee")
    assert described["ServiceFee"]["required"] == ["fee", "free_from"]


def test_an_added_rule_type_has_a_place_in_the_pipeline() -> None:
    names = [step.name for step in STEPS]
    assert names.index("service_fee") == names.index("tax") - 1


def test_an_added_price_type_changes_prices_in_its_place_is_refused_and_checked() -> None:
    rain = draft("WEATHER_PRICE", {"rain_percent": -50})
    assert [name for name, _ in PRICE_ORDER].index("WEATHER_PRICE") == 2
    assert sent(rain).type == "WEATHER_PRICE"
    assert refused({**rain, "conditions": {"express": True}}) == ["/conditions/express"]
    low = {"low": {"below": 9, "adjustment": {"amount": -10}}}
    tier = {"tiers": {"gold": {"amount": -1}}}
    documents = [draft("USER_TIER_PRICE", tier), rain, draft("INVENTORY_PRICE", low)]
    rules = prices.book(*({"id": f"rule-{place}", **document} for place, document in enumerate(documents)))
    offered = prices.product(cost_micro=prices.micro(60))
    price = prices.catalog_price(rules, offered, tier="gold", catalog=CatalogSnapshot(stock={prices.PRODUCT: 1}))
    assert prices.shown(price) == [("inventory_price", "-10"), ("weather_price", "-45"), ("user_tier_price", "-1")]
    checked = book(rule("rain", "WEATHER_PRICE", {"rain_percent": -50}))
    codes = [each.code for each in found(checked.with_catalog(CatalogSnapshot([offered]), checked.customers))]
    assert "price-below-cost" in codes
    assert "WEATHER_PRICE" in schemas()["RuleDraft"]["discriminator"]["mapping"]
