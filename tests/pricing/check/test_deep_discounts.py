"""Promotions that take more than 60 % off a basket, each shown by it; and coupons that one which ends all keeps out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from quote_service.pricing.rulebook.stored import StoredRule
from tests.pricing.check.rulebooks import book, codes, findings, only, quote_of, rule

PRODUCTS = [f"44444444-4444-4444-8444-44444444444{n}" for n in range(2)]


def promotion(configuration: dict[str, Any], **fields: Any) -> StoredRule:
    return rule("deal", "PROMOTION", configuration, currency="TRY", **fields)


def pair(value: int) -> dict[str, Any]:
    return {"kind": "bundle", "value": value, "items": [{"product_ids": [each]} for each in PRODUCTS]}


@pytest.mark.parametrize(
    ("configuration", "fields", "is_deep"),
    [
        ({"kind": "percent", "value": 60}, {}, False),
        ({"kind": "percent", "value": 60.01}, {}, True),
        ({"kind": "percent", "value": 90, "max_discount": 50}, {}, False),
        ({"kind": "percent", "value": 90, "applies_to": "delivery"}, {}, False),
        ({"kind": "amount", "value": 50}, {"conditions": {"min_subtotal": 100}}, False),
        ({"kind": "amount", "value": 50}, {"conditions": {"min_subtotal": 60}}, True),
        ({"kind": "fixed_price", "value": 99, "applies_to": "lines"}, {}, False),
        ({"kind": "fixed_price", "value": 9.9, "applies_to": "lines"}, {}, True),
        ({"kind": "buy_x_get_y", "buy": 2, "get": 1}, {}, False),
        ({"kind": "buy_x_get_y", "buy": 1, "get": 2}, {}, True),
        ({"kind": "tiered_percent", "tiers": [{"from": 0, "percent": 5}, {"from": 900, "percent": 70}]}, {}, True),
        (pair(99), {}, False),  # 101 of 200
        (pair(79), {}, True),
        (pair(9), {"conditions": {"product_ids": PRODUCTS[:1]}}, False),  # no set is ever whole
    ],
)
def test_more_than_sixty_percent_is_reported_with_a_basket(
    configuration: dict[str, Any], fields: dict[str, Any], is_deep: bool
) -> None:
    rulebook = book(promotion(configuration, **fields))
    if not is_deep:
        assert "deep-discount" not in codes(rulebook)
        return
    found = only(rulebook, "deep-discount")
    assert found.severity == "warning"
    assert found.rows[0].name == "deal"
    (example,) = found.examples
    quote = quote_of(rulebook, example)
    assert quote.discount_minor * 100 > 60 * quote.item_total_minor
    assert len(quote.lines) == (2 if configuration["kind"] == "bundle" else 1)


def test_a_fixed_price_for_the_lot_as_it_was_stored_once_is_reported() -> None:
    stored = promotion({"kind": "fixed_price", "value": 99, "applies_to": "lines"})
    draft = msgspec.structs.replace(stored.draft, configuration={**stored.draft.configuration, "applies_to": "basket"})
    rulebook = book(msgspec.structs.replace(stored, draft=draft))
    assert quote_of(rulebook, only(rulebook, "deep-discount").examples[0]).subtotal_minor == 99_00


def test_discounts_that_are_deep_together_are_reported() -> None:
    rulebook = book(
        *(rule(f"p{n}", "PROMOTION", {"kind": "percent", "value": 40}, currency="TRY") for n in range(2)),
    )
    deep = [each for each in findings(rulebook) if each.code == "deep-discount"]
    assert [each.rows[0].name for each in deep] == ["p0", "p1"]
    assert "together with p1" in deep[0].why


def test_a_coupon_that_a_promotion_always_ends_never_acts() -> None:
    ender = promotion({"kind": "percent", "value": 5, "exclusive": "all"})
    coupon = rule("save", "COUPON", {"kind": "percent", "value": 10, "code": "SAVE"}, currency="TRY")
    alone = rule(
        "alone", "COUPON", {"kind": "percent", "value": 10, "code": "ALONE", "with_promotions": False}, currency="TRY"
    )
    found = only(book(ender, coupon, alone), "rule-never-chosen")
    assert [row.name for row in found.rows] == ["save", "deal"]
    assert "rule-never-chosen" not in codes(
        book(rule("deal", "PROMOTION", {"kind": "percent", "value": 5, "exclusive": True}, currency="TRY"), coupon)
    )
