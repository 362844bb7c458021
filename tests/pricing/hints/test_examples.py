"""What hints say of plain baskets, sort by sort, and what is not told.

Source: docs/spec/hints.md#contents; docs/spec/hints.md#saving.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from quote_service.pricing import price_quote as price_quote_module
from quote_service.pricing.hints.find_hints import HINTS_MAX, LINES_PRICED_MAX, PRICINGS_MAX
from tests.pricing.books import book_of
from tests.pricing.catalog.price_books import rule
from tests.pricing.catalog.products import PRODUCT, STRANGER, a_basket, a_line, a_price, book_with
from tests.pricing.hints.followed import Shown, ask, counted
from tests.pricing.laws import IS_COMPILED

OTHER = "b0000000-0000-4000-8000-000000000002"
DELIVERY = rule("delivery", "DELIVERY_FEE", {"base_fee": Decimal("29.90")})
FREE = rule("free", "FREE_DELIVERY", {"min_subtotal": 200})
SMALL = rule("small", "SMALL_BASKET_FEE", {"threshold": 200, "fee": 5})
TOP_UP = rule("small", "SMALL_BASKET_FEE", {"threshold": 190, "fee": 5, "mode": "top_up"})
TEN_OFF = rule("ten", "PROMOTION", {"kind": "percent", "value": 10})
THREE_FOR_TWO = rule("three", "PROMOTION", {"kind": "buy_x_get_y", "buy": 2, "get": 1})
BREAKS = rule("many", "QUANTITY_PRICE", {"breaks": [{"min_quantity": 10, "adjustment": {"price": Decimal("17.90")}}]})
GOLD = rule("tiers", "USER_TIER_PRICE", {"tiers": {"gold": {"percent": -10}}})
TAX = rule("tax", "TAX", {"rate": 20, "applies_to_delivery": True})


def coupon(**fields: Any) -> dict[str, Any]:
    conditions = fields.pop("conditions", None)
    return rule("save", "COUPON", {"kind": "percent", "value": 20, "code": "SAVE20", **fields}, conditions=conditions)


def bundle(*places: dict[str, Any], value: int = 150) -> dict[str, Any]:
    return rule("set", "PROMOTION", {"kind": "bundle", "value": value, "items": list(places)})


def shown(*rules: dict[str, Any], price: str = "187.50", quantity: int = 1, **fields: Any) -> Shown:
    """Hints of a product that is not in the catalog."""
    line = a_line(STRANGER, unit_price=Decimal(price), quantity=quantity)
    return ask(book_of({"pricing_rules": list(rules)}), a_basket(line, **fields))


def of_catalog(*rules: dict[str, Any], price: str = "20", quantity: int = 3, least: str = "0", **fields: Any) -> Shown:
    """Hints of a product of the catalog, beside which there is another one for 60.00."""
    prices = [
        a_price(current_micro=int(Decimal(price).scaleb(6)), min_micro=int(Decimal(least).scaleb(6))),
        a_price(OTHER, current_micro=60_000_000),
    ]
    return ask(book_with(prices, {"pricing_rules": list(rules)}), a_basket(a_line(quantity=quantity), **fields))


def short(hint: dict[str, Any]) -> dict[str, str]:
    """A hint without its rule."""
    return {name: str(value) for name, value in hint.items() if name not in ("code", "rule_id")}


CASES = {
    "goods to free delivery": (
        shown(DELIVERY, FREE),
        {"text": "12.50 more gives free delivery", "saving": "29.90", "total_amount": "200.00", "missing_amount": "12.50"},
    ),
    "a promotion takes its part of what is added": (
        shown(DELIVERY, FREE, TEN_OFF),
        {"text": "34.73 more gives free delivery", "saving": "29.90", "total_amount": "200.01", "missing_amount": "34.73"},
    ),
    "tax that is added is no saving, and part of the total": (
        shown(DELIVERY, FREE, TAX),
        {"text": "12.50 more gives free delivery", "saving": "29.90", "total_amount": "240.00", "missing_amount": "12.50"},
    ),
    "goods past the small-basket fee": (
        shown(SMALL),
        {"text": "12.50 more saves the small-basket fee", "saving": "5.00", "total_amount": "200.00", "missing_amount": "12.50"},
    ),
    "a top-up is what is missing": (
        shown(TOP_UP),
        {"text": "2.50 more saves the small-basket fee", "saving": "2.50", "total_amount": "190.00", "missing_amount": "2.50"},
    ),
    "a promotion's minimum": (
        shown({**TEN_OFF, "conditions": {"min_subtotal": 200}}),
        {"text": "12.50 more gives ten: 10 % off", "saving": "20.00", "total_amount": "180.00", "missing_amount": "12.50"},
    ),
    "the next tier of a promotion": (
        shown(rule("tiers", "PROMOTION", {"kind": "tiered_percent", "tiers": [{"from": 100, "percent": 5}, {"from": 200, "percent": 10}]})),
        # 9.38 are taken off as it is.
        {"text": "12.50 more gives tiers: 10 % off", "saving": "10.62", "total_amount": "180.00", "missing_amount": "12.50"},
    ),
    "goods of what a promotion covers": (
        of_catalog({**TEN_OFF, "conditions": {"min_subtotal": 100, "tags_any": ["shoes"]}}),
        {"text": "40.00 more of goods like line 1 gives ten: 10 % off", "saving": "10.00", "total_amount": "90.00", "missing_amount": "40.00", "line": "1"},
    ),
    "units of the one product that a promotion covers": (
        of_catalog({**TEN_OFF, "conditions": {"min_subtotal": 100, "product_ids": [PRODUCT]}}),
        # The two that are added count as much as they cost now.
        {"text": "2 more of line 1 gives ten: 10 % off", "saving": "10.00", "total_amount": "90.00", "missing_quantity": "2", "line": "1", "product_id": PRODUCT},
    ),
    "a promise that a minimum price cuts off": (
        of_catalog({**TEN_OFF, "configuration": {**TEN_OFF["configuration"], "respects_min_price": True}, "conditions": {"min_subtotal": 100, "product_ids": [PRODUCT]}}, least="19"),
        {"text": "2 more of line 1 gives ten: 10 % off, held at minimum prices", "saving": "5.00", "total_amount": "95.00", "missing_quantity": "2", "line": "1", "product_id": PRODUCT},
    ),
    "one more for three at the price of two": (
        shown(THREE_FOR_TWO, price="30", quantity=2),
        {"text": "1 more of line 1 gives three: buy 2 get 1 at 100 % off", "saving": "30.00", "total_amount": "60.00", "missing_quantity": "1", "line": "1", "product_id": STRANGER},
    ),
    "one more of what a set lacks": (
        shown(bundle({"product_ids": [STRANGER], "quantity": 2}, value=300)),
        {"text": "1 more of line 1 gives set: 300.00 a set", "saving": "75.00", "total_amount": "300.00", "missing_quantity": "1", "line": "1", "product_id": STRANGER},
    ),
    "a product that a set lacks": (
        of_catalog(bundle({"product_ids": [PRODUCT]}, {"product_ids": [OTHER]}, value=70), quantity=1),
        {"text": f"1 of product {OTHER} gives set: 70.00 a set", "saving": "10.00", "total_amount": "70.00", "missing_quantity": "1", "product_id": OTHER},
    ),
    "a coupon that was sent": (
        shown(coupon(conditions={"min_subtotal": 200}), coupon_codes=[" save20"]),
        {"text": "coupon save20 needs 12.50 more", "saving": "40.00", "total_amount": "160.00", "missing_amount": "12.50", "coupon_code": " save20"},
    ),
    "the next break of a price by quantity": (
        of_catalog(BREAKS),
        {"text": "10 units cost 17.90 each", "saving": "21.00", "total_amount": "179.00", "missing_quantity": "7", "line": "1", "product_id": PRODUCT},
    ),
    "another tier": (
        of_catalog(GOLD),
        {"text": "gold would pay 54.00", "saving": "6.00", "total_amount": "54.00", "customer_tier": "gold"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_hint_says_what_is_missing_and_what_it_saves(case: str) -> None:
    given, expected = CASES[case]
    assert [short(hint) for hint in given.hints] == [expected]


NOTHING = {
    "delivery that is free already": shown(DELIVERY, rule("free", "FREE_DELIVERY", {"min_subtotal": 100})),
    "no fee to end": shown(FREE),
    "an express delivery": shown(DELIVERY, FREE, is_express_delivery=True),
    "a threshold of another currency": shown(DELIVERY, {**FREE, "currency": "USD"}),
    "a promotion for others": shown({**TEN_OFF, "conditions": {"min_subtotal": 200, "customer_tiers": ["gold"]}}),
    "a promotion that a discount before it stops": shown(
        rule("first", "PROMOTION", {"kind": "percent", "value": 5, "exclusive": True}, priority=1),
        {**TEN_OFF, "conditions": {"min_subtotal": 200}},
    ),
    "a promotion whose budget is used up": shown(
        rule("ten", "PROMOTION", {"kind": "percent", "value": 10, "budget": 1}, conditions={"min_subtotal": 200})
    ),
    "a coupon that was not sent": shown(coupon(conditions={"min_subtotal": 200})),
    "a coupon that is not known": shown(coupon_codes=["SAVE20"]),
    "whole groups": shown(THREE_FOR_TWO, price="30", quantity=3),
    "units that become no cheaper": of_catalog(BREAKS, price="17.90"),
    "the tier that the customer has": of_catalog(GOLD, customer_tier="gold"),
    "a tier's rule that is the tier's own": of_catalog({**GOLD, "conditions": {"customer_tiers": ["gold"]}}),
}


@pytest.mark.parametrize("case", NOTHING)
def test_what_cannot_come_true_is_not_reported(case: str) -> None:
    assert NOTHING[case].hints == []


def test_what_saves_most_comes_first_and_five_are_reported() -> None:
    rules = [
        rule(f"p{percent}", "PROMOTION", {"kind": "percent", "value": percent}, conditions={"min_subtotal": least})
        for percent, least in ((3, 210), (1, 220), (7, 230), (2, 240), (5, 250), (4, 260), (6, 270))
    ]
    savings = [Decimal(hint["saving"]) for hint in shown(*rules).hints]
    assert len(savings) == HINTS_MAX
    assert savings == sorted(savings, reverse=True)


def test_the_basket_that_is_quoted_stays_as_it_is() -> None:
    """All figures but the hints are those of a quote that was not asked for any."""
    given = of_catalog(BREAKS, GOLD, DELIVERY, FREE, SMALL, coupon(), coupon_codes=["SAVE20"])
    assert len(given.hints) == 4
    again = ask(given.book, given.request)
    assert again.answer == given.answer
    assert [item.quantity for item in given.checked.basket.items] == [3]


@pytest.mark.skipif(IS_COMPILED, reason="calls of machine code are not seen")
@pytest.mark.parametrize("count", [1, 50, 500])
def test_so_many_baskets_are_priced_however_much_could_be_reported(count: int) -> None:
    products = [f"b0000000-0000-4000-8000-{number:012d}" for number in range(count)]
    prices = [a_price(each, current_micro=20_000_000, min_micro=0) for each in products]
    many = [
        rule(f"m{number}", "PROMOTION", {"kind": "percent", "value": 1}, conditions={"min_subtotal": 100_000 + number})
        for number in range(60)
    ]
    book = book_with(prices, {"pricing_rules": [BREAKS, GOLD, *many]})
    with counted(price_quote_module.price_quote.__code__) as lines:
        hints = ask(book, a_basket(*(a_line(each) for each in products))).hints
    assert hints
    assert 1 < len(lines) <= 1 + PRICINGS_MAX
    assert sum(lines) <= LINES_PRICED_MAX + 2 * count + PRICINGS_MAX


def test_a_discount_that_begins_on_the_way_does_not_hide_free_delivery() -> None:
    """With 12.50 more the subtotal falls to 160.00; at 62.50 it is 200.00."""
    given = shown(
        DELIVERY, FREE, rule("fifth", "PROMOTION", {"kind": "percent", "value": 20}, conditions={"min_subtotal": 200})
    )
    missing = {hint["code"]: Decimal(hint["missing_amount"]) for hint in given.hints}
    assert set(missing) == {"free_delivery", "promotion"}
    assert missing["promotion"] == Decimal("12.50")
    assert Decimal("62.50") <= missing["free_delivery"] <= Decimal("62.52")
