"""Exactly at a bound, and one yen to either side of it."""

from typing import Any

import pytest

from quote_service.pricing.quote import Quote
from quote_service.pricing.regions import RegionUnreadable, address_regions, fold_name, region_key
from tests.pricing.books import book_of, priced
from tests.pricing.rulebooks import AT

SELLER = "a0000000-0000-4000-8000-000000000000"


def quote_of(price: int, *rules: dict[str, Any], rates: tuple[dict[str, Any], ...] = (), quantity: int = 1) -> Quote:
    """A basket of one line in yen under some rules."""
    documents = [{"id": f"rule {n}", "name": f"rule {n}", "currency": "JPY", **rule} for n, rule in enumerate(rules)]
    request = {
        "customer_id": "d0000000-0000-4000-8000-000000000000",
        "seller_id": SELLER,
        "items": [{"product_id": "b0000000-0000-4000-8000-000000000000", "quantity": quantity, "unit_price": price}],
        "delivery_address": {"city": "京都", "country": "JP"},
        "currency": "JPY",
    }
    setup = {
        "pricing_rules": documents,
        "commission_rates": [
            {"id": f"rate {n}", "seller_id": SELLER, "currency": "JPY", **rate} for n, rate in enumerate(rates)
        ],
    }
    return priced(book_of(setup), request, AT)


@pytest.mark.parametrize("mode", ["fixed", "top_up"])
@pytest.mark.parametrize("subtotal", [999, 1000, 1001])
def test_a_small_basket_is_below_the_threshold_not_at_it(subtotal: int, mode: str) -> None:
    rule = {"type": "SMALL_BASKET_FEE", "configuration": {"threshold": 1000, "fee": 50, "mode": mode}}
    expected = 0 if subtotal >= 1000 else {"fixed": 50, "top_up": 1}[mode]
    quote = quote_of(subtotal, rule)
    assert quote.small_basket_fee_minor == expected
    assert len(quote.applied_rules) == (expected > 0)


@pytest.mark.parametrize(("price", "off"), [(99, 0), (100, 10), (101, 10), (199, 20), (200, 20), (201, 0)])
def test_both_bounds_of_a_subtotal_are_within(price: int, off: int) -> None:
    conditions = {"min_subtotal": 100, "max_subtotal": 200}
    rule = {"type": "PROMOTION", "configuration": {"kind": "percent", "value": 10}, "conditions": conditions}
    assert quote_of(price, rule).discount_minor == off


@pytest.mark.parametrize(("price", "off"), [(99, 99), (100, 100), (101, 100), (102, 100)])
def test_a_discount_is_cut_at_its_most(price: int, off: int) -> None:
    rule = {"type": "PROMOTION", "configuration": {"kind": "percent", "value": 100, "max_discount": 100}}
    assert quote_of(price, rule).discount_minor == off


@pytest.mark.parametrize(("price", "off"), [(99, 5), (100, 20), (101, 20)])
def test_a_tier_of_a_discount_begins_at_its_from(price: int, off: int) -> None:
    tiers = [{"from": 0, "percent": 5}, {"from": 100, "percent": 20}]
    rule = {"type": "PROMOTION", "configuration": {"kind": "tiered_percent", "tiers": tiers}}
    assert quote_of(price, rule).discount_minor == off


@pytest.mark.parametrize(("price", "fee"), [(99, 300), (100, 0), (101, 0)])
def test_delivery_is_free_from_its_least_subtotal_on(price: int, fee: int) -> None:
    quote = quote_of(
        price,
        {"type": "DELIVERY_FEE", "configuration": {"base_fee": 300}},
        {"type": "FREE_DELIVERY", "configuration": {"min_subtotal": 100}},
    )
    assert quote.delivery_fee_minor == fee


@pytest.mark.parametrize(
    ("price", "amount", "clamped"),
    [(90, 10, "min"), (99, 10, None), (100, 10, None), (200, 20, None), (204, 20, None), (206, 20, "max")],
)
def test_a_bound_decides_only_what_lies_past_it(price: int, amount: int, clamped: str | None) -> None:
    rate = {"commission_type": "PERCENTAGE", "rate": 10, "min_amount": 10, "max_amount": 20}
    (detail,) = quote_of(price, rates=(rate,)).commission.details
    assert (detail.amount_minor, detail.clamped) == (amount, clamped)


@pytest.mark.parametrize(("price", "amount"), [(999, 100), (1000, 100), (1001, 101), (1002, 101), (1003, 102)])
def test_a_bracket_of_a_commission_ends_with_its_up_to(price: int, amount: int) -> None:
    tiers = [{"up_to": 1000, "rate": 10}, {"up_to": None, "rate": 50}]
    (detail,) = quote_of(price, rates=({"commission_type": "TIERED", "tiers": tiers},)).commission.details
    assert detail.amount_minor == amount


@pytest.mark.parametrize(("quantity", "off"), [(2, 0), (3, 10), (5, 10), (6, 20)])
def test_a_group_of_units_must_be_whole(quantity: int, off: int) -> None:
    rule = {"type": "PROMOTION", "configuration": {"kind": "buy_x_get_y", "buy": 2, "get": 1}}
    assert quote_of(10, rule, quantity=quantity).discount_minor == off


def test_a_fully_discounted_basket_comes_to_nothing() -> None:
    promotions = [{"type": "PROMOTION", "configuration": {"kind": "amount", "value": 70}}] * 2
    rate = {"commission_type": "PERCENTAGE", "rate": 10, "scope": "ORDER"}
    quote = quote_of(100, *promotions, rates=(rate,))
    assert (quote.discount_minor, quote.subtotal_minor, quote.total_minor, quote.commission.total_minor) == (
        100,
        0,
        0,
        0,
    )


@pytest.mark.parametrize(
    ("region", "specificity"),
    [
        (None, 0),
        ("TR", 1),
        ("tr", 1),
        ("DE", None),
        ("TR/Istanbul", 2),
        ("TR/İSTANBUL", 2),
        ("tr / ıstanbul ", 2),
        ("Istanbul", 2),
        ("ISTANBUL", 2),
        ("DE/Istanbul", None),
        ("TR/Istanbul/Kadıköy", 3),
        ("TR/istanbul/KADIKÖY", 3),
        ("kadikoy", 3),
        ("TR/Kadıköy", None),
        ("TR/Ankara/Kadıköy", None),
        ("Ankara", None),
    ],
)
def test_a_region_contains_an_address(region: str | None, specificity: int | None) -> None:
    assert address_regions("TR", "İstanbul", "Kadıköy").get(region_key(region)) == specificity


def test_a_bare_name_is_the_citys_before_it_is_the_districts() -> None:
    assert address_regions("TR", "Sakarya", "Sakarya")[region_key("Sakarya")] == 2
    assert address_regions("TR", "Ankara", "Sakarya")[region_key("Sakarya")] == 3


@pytest.mark.parametrize(
    "region", ["", " ", "TR/", "/Istanbul", "TR//Kadıköy", "XX", "Istanbul/Kadıköy", "TR/a/b/c", "x" * 101]
)
def test_what_is_no_region_is_refused(region: str) -> None:
    with pytest.raises(RegionUnreadable):
        region_key(region)


@pytest.mark.parametrize(
    "name", ["İstanbul", "ISTANBUL", "istanbul", "Istanbul", "ıstanbul", " i\u0307stanbul", "Ｉstanbul"]
)
def test_one_place_has_one_name(name: str) -> None:
    assert fold_name(name) == "istanbul"
