"""Why each price rule had a part in the prices of a quote, or not (docs/spec/quotes.md#explain-a-quote)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.explain.explain_pricing import explain_pricing
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import instant_us, stored_rules
from tests.pricing.catalog.price_books import AT, CUSTOMER, PRODUCT, SELLER, book, product, rule, time_price

OTHER = "b0000000-0000-4000-8000-000000000002"


def explained(*rules: dict[str, Any], lines: tuple[str, ...] = (PRODUCT,), catalog: Any = None) -> dict[str, Any]:
    """The reason and detail of each rule, for a basket of two units of each product."""
    items = [{"product_id": each, "quantity": 2, "unit_price": 7} for each in lines]
    body = {
        "customer_id": CUSTOMER,
        "seller_id": SELLER,
        "items": items,
        "delivery_address": {"country": "TR", "city": "Istanbul"},
        "currency": "TRY",
        "customer_tier": "silver",
    }
    checked, rulebook = decode_basket(msgspec.json.encode(body)), book(*rules)
    held = rulebook.with_catalog(catalog or CatalogSnapshot([product()]), rulebook.customers)
    complete_basket(QuoteBasis(held, checked, instant_us(AT)))
    rows = RulebookChanges(
        version=1,
        is_complete=True,
        rates=[],
        ended_rate_ids=[],
        rules=stored_rules(list(rules)),
        flags=[],
        exhaustions=[],
    )

    def take(known: Any) -> None:
        """The rules of then stand behind the prices, as they are taken from the quote itself."""
        for price in checked.catalog_prices or ():
            for each in price.adjustments if price is not None else ():
                each.rule = known[each.rule.id].compiled if each.rule is not None else None

    found = explain_pricing(rows, checked, instant_us(AT), None, take)
    return {each.name: (each.reason, each.detail) for each in found.rules}


TIER = {"tiers": {"gold": {"amount": -1}}}
BREAKS = {"breaks": [{"min_quantity": 3, "adjustment": {"amount": -1}}]}
LOW = {"low": {"below": 3, "adjustment": {"amount": -1}}}
DEMAND = {"window_hours": 2, "expected_per_hour": 9, "percent_per_10_percent": 3, "max_percent": 1, "min_percent": 0}


@pytest.mark.parametrize(
    ("tried", "reason", "detail"),
    [
        (time_price("t", {"amount": -1}), "applied", None),
        (time_price("t", {"amount": -1}, region="DE"), "other region", "DE does not contain the delivery address"),
        (time_price("t", {"amount": -1}, currency="EUR"), "other currency", "it is for EUR"),
        (
            time_price("t", {"amount": -1}, conditions={"weekdays": [1]}),
            "window closed",
            "its weekdays or times of day do not hold the quote's instant",
        ),
        (
            time_price("t", {"amount": -1}, conditions={"customer_tiers": ["gold"]}),
            "condition not met",
            "customer_tiers",
        ),
        (time_price("t", {"amount": -1}, conditions={"product_ids": [OTHER]}), "condition not met", "product_ids"),
        (
            rule("t", "USER_TIER_PRICE", TIER),
            "no price to change",
            "it has nothing for the tier silver",
        ),
        (
            rule("t", "QUANTITY_PRICE", BREAKS),
            "no price to change",
            "its first break is 3 units, and there are 2",
        ),
        (
            rule("t", "INVENTORY_PRICE", LOW),
            "no price to change",
            "no stock was known, or it was within the rule's bounds",
        ),
        (
            rule("t", "DEMAND_PRICE", DEMAND),
            "condition not met",
            "the flag dynamic_pricing is not true for the customer",
        ),
    ],
)
def test_why_a_rule_counts_or_not(tried: dict[str, Any], reason: str, detail: str | None) -> None:
    assert explained(tried)["t"] == (reason, detail)


def test_an_exclusive_rule_is_named() -> None:
    first, second = time_price("a", {"percent": 0}, exclusive=True), time_price("b", {"percent": -5})
    assert explained(first, second) == {
        "a": ("applied", None),
        "b": ("stopped by an exclusive rule", "a is exclusive"),
    }


def test_a_product_that_the_catalog_does_not_know_has_no_price_to_change() -> None:
    found = explained(time_price("t", {"amount": -1}, conditions={"product_ids": [OTHER]}), lines=(PRODUCT, OTHER))
    assert found["t"] == ("no price to change", "the price of no line that it covers is the catalog's")
