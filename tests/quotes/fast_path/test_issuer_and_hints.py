"""Whatever is kept, an answer has the hints that are true now, and the same hints are the same quote.

Source: docs/spec/hints.md#caching-and-signature.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.sales.sale_price import SalePrice
from tests.pricing.books import book_of
from tests.pricing.catalog.price_books import rule
from tests.pricing.catalog.products import PRODUCT, STRANGER, a_basket, a_line, a_price, book_with
from tests.pricing.hints.followed import counted
from tests.pricing.laws import IS_COMPILED
from tests.quotes.fast_path.test_issuer_and_sales import NOON_US, Issuer

DELIVERY = rule("delivery", "DELIVERY_FEE", {"base_fee": 10})
BASKET = a_basket(a_line(STRANGER, unit_price=Decimal("70")), include_hints=True)
OTHER = "b0000000-0000-4000-8000-000000000002"
SECOND_US = 1_000_000


def free_from(amount: int, **fields: Any) -> dict[str, Any]:
    return rule("free", "FREE_DELIVERY", {"min_subtotal": amount}, **fields)


def issuer_of(*rules: dict[str, Any]) -> Issuer:
    issuer = Issuer()
    issuer.holder.rulebook = book_of({"pricing_rules": [DELIVERY, *rules]})
    return issuer


def texts(answer: dict[str, Any]) -> list[str]:
    return [hint["text"] for hint in answer["hints"]]


def test_only_who_asks_is_notified() -> None:
    issuer = issuer_of(free_from(200))
    silent = {name: value for name, value in BASKET.items() if name != "include_hints"}
    plain, declined, asked = (
        issuer.ask(basket, NOON_US)[0] for basket in (silent, {**silent, "include_hints": False}, BASKET)
    )
    assert "hints" not in plain
    assert declined == plain
    assert texts(asked) == ["60.00 more gives free delivery"]
    assert asked["quote_id"] != plain["quote_id"]
    no_hints, _ = issuer_of().ask(BASKET, NOON_US)
    assert no_hints["hints"] == []


def test_hints_that_stay_are_the_same_quote_and_others_are_another() -> None:
    issuer = issuer_of(free_from(200))
    first, tier = issuer.ask(BASKET, NOON_US)
    assert (texts(first), tier) == (["60.00 more gives free delivery"], "miss")
    assert issuer.ask(BASKET, NOON_US)[1] == "body"
    held = issuer.holder.rulebook
    assert held is not None
    issuer.holder.edition += 1  # something has changed that changes nothing here
    again, tier = issuer.ask(BASKET, NOON_US)
    assert (again["quote_id"], tier) == (first["quote_id"], "local")
    issuer.holder.rulebook = book_of({"pricing_rules": [DELIVERY, free_from(180)]})
    issuer.holder.edition += 1
    other, tier = issuer.ask(BASKET, NOON_US)
    assert (texts(other), tier) == (["40.00 more gives free delivery"], "miss")
    assert other["quote_id"] != first["quote_id"]
    assert other["total_amount"] == first["total_amount"]


def test_a_rule_that_time_ends_is_reported_no_more() -> None:
    """It has no part in the basket's own figures, so nothing else would make another quote of it."""
    ends = {"effective_from": "2020-01-01T00:00:00Z", "effective_to": "2025-06-15T15:06:50Z"}
    issuer = issuer_of(free_from(200, **ends))  # noon of these tests is 15:06:40
    reported = [texts(issuer.ask(BASKET, NOON_US + seconds * SECOND_US)[0]) for seconds in (0, 9, 10, 11)]
    assert reported == [["60.00 more gives free delivery"]] * 2 + [[]] * 2


def test_a_price_that_the_basket_does_not_pay_counts_as_well() -> None:
    bundle = {"kind": "bundle", "value": 150, "items": [{"product_ids": [PRODUCT]}, {"product_ids": [OTHER]}]}
    rules = {"pricing_rules": [rule("set", "PROMOTION", bundle)]}
    issuer = Issuer()
    basket = a_basket(a_line(quantity=1), include_hints=True)
    savings = []
    for other_micro in (80_000_000, 90_000_000):
        issuer.holder.rulebook = book_with([a_price(), a_price(OTHER, current_micro=other_micro)], rules)
        issuer.holder.edition += 1
        savings.append([hint["saving"] for hint in issuer.ask(basket, NOON_US)[0]["hints"]])
    assert savings == [[30], [40]]


def test_a_sale_of_what_a_hint_names_ends_the_hint() -> None:
    bundle = {"kind": "bundle", "value": 150, "items": [{"product_ids": [PRODUCT]}, {"product_ids": [OTHER]}]}
    issuer = Issuer()
    issuer.holder.rulebook = book_with(
        [a_price(), a_price(OTHER, current_micro=80_000_000)], {"pricing_rules": [rule("set", "PROMOTION", bundle)]}
    )
    starts_us = NOON_US + 10 * SECOND_US
    issuer.sales.replace({OTHER: SalePrice(1, "s", "TRY", 40_000_000, starts_us, starts_us + 10 * SECOND_US)})
    basket = a_basket(a_line(quantity=1), include_hints=True)
    reported = [
        [hint["saving"] for hint in issuer.ask(basket, NOON_US + seconds * SECOND_US)[0]["hints"]]
        for seconds in (0, 9, 10, 19, 20)
    ]
    assert reported == [[30], [30], [], [], [30]], "the set costs more than the two while one is on sale"


@pytest.mark.skipif(IS_COMPILED, reason="calls of machine code are not seen")
def test_who_asks_again_in_other_words_has_no_basket_priced() -> None:
    issuer = issuer_of(free_from(200))
    with counted(price_quote.__code__) as lines:
        first, _ = issuer.ask(BASKET, NOON_US)
        priced = len(lines)
        again, tier = issuer.ask({**BASKET, "external_ref": "other bytes"}, NOON_US)
        assert (again["quote_id"], tier) == (first["quote_id"], "local")
        assert len(lines) == priced > 2
        issuer.holder.edition += 1
        issuer.ask(BASKET, NOON_US)
        assert len(lines) > priced, "what has changed may have changed a hint"
