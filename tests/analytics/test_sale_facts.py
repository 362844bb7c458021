"""What is counted of one order, by every cube.

Source: docs/spec/analytics.md#orders.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

from quote_service.selling.orders.model.order import CommissionTax
from quote_service.steering.analytics.model.cubes import CUBES
from quote_service.steering.analytics.model.sales.cubes import CubeKey, add_fact
from quote_service.steering.analytics.model.sales.figures import COLUMNS
from quote_service.steering.analytics.model.sales.of_orders import SoldOrder, cancellation_fact, order_fact
from quote_service.steering.analytics.model.sales.quoted import Quoted, Variants
from tests.orders.refunds.any_order import RATES, RULES, SELLERS, a_commission, a_discount, a_line, an_order
from tests.releases.corpus import read_corpora

AT = datetime(2026, 1, 5, 9, 59, tzinfo=UTC)
SHOES, HATS = "c0000000-0000-4000-8000-000000000001", "c0000000-0000-4000-8000-000000000002"
ADA, BOB = map(str, SELLERS[:2])
# Two lines of Ada's and one of Bob's, a rule that two lines share, a tax on Ada's commission beside it, and fees.
FIGURES = an_order(
    (
        a_line(
            1,
            goods_minor=900,
            quantity=3,
            tax_minor=180,
            discounts=(a_discount(RULES[0], 40, 60),),
            commissions=(a_commission(RATES[0], 90), a_commission(RATES[1], 0, 5, 7)),
        ),
        a_line(2, goods_minor=100, tax_minor=20, is_tax_included=True, commissions=(a_commission(RATES[0], 10),)),
        a_line(3, goods_minor=450, seller_id=SELLERS[1], discounts=(a_discount(RULES[0], 50, 0),)),
    ),
    {SELLERS[0]: CommissionTax(RULES[1], 20_000_000, False, 22)},
    delivery_fee_minor=70,
    fee_exclusive_tax_minor=14,
)


def quoted() -> Quoted:
    def amount(minor: int) -> float:
        return minor / 100

    items = [
        {
            "product_id": str(line.product_id),
            "seller_id": str(line.seller_id),
            "line_total": amount(line.total_minor),
            "discount_amount": amount(line.discount_minor),
            "tax_amount": amount(line.tax_minor),
        }
        for line in FIGURES.lines
    ]
    quote = {
        "currency": "TRY",
        "total_amount": amount(FIGURES.total_minor),
        "items": items,
        "applied_rules": [{"id": str(RULES[0]), "name": "spring"}, {"id": str(RULES[2]), "name": "tax"}],
        "feature_flags": {"fee": "b", "plain": "b", "size": 1.50, "off": False},
        "commission_breakdown": {
            "details": [{"amount": 0, "clamped": clamped} for clamped in (None, "min", "max")],
        },
    }
    request = {
        "delivery_address": {"city": "İSTANBUL", "country": "tr"},
        "items": [{"category_id": SHOES}, {"category_id": HATS}, {}],
        "customer_tier": "gold",
    }
    variants: Variants = {"fee": [("control", "a"), ("treatment", "b")], "off": [("on", True)]}
    return Quoted(json.dumps(quote).encode(), json.dumps(request).encode(), variants)


def sums(*, is_cancelled: bool = False) -> dict[CubeKey, dict[str, int]]:
    order = SoldOrder(UUID(int=1), AT, FIGURES, quoted())
    found: dict[CubeKey, dict[str, int]] = {}
    add_fact(found, cancellation_fact(order, AT) if is_cancelled else order_fact(order))
    return found


def test_an_order_is_in_every_cube() -> None:
    found = sums()
    assert {key.cube for key in found} == set(CUBES)
    assert {name for figures in found.values() for name in figures} <= set(COLUMNS)


def test_values_of_dimensions() -> None:
    values: dict[str, set[str]] = {}
    for key in sums():
        if key.cube and "+" not in key.cube:
            values.setdefault(key.cube, set()).add(key.a)
    assert values == {
        "region": {"TR/Istanbul"},
        "tier": {"gold"},
        "seller": {ADA, BOB},
        "category": {SHOES, HATS, ""},
        "product": {str(line.product_id) for line in FIGURES.lines},
        "rule": {"spring", "tax"},
        "flag": {"fee=treatment", 'plain="b"', "size=1.5", "off=false"},
    }


def test_a_quote_that_cannot_be_read_counts_all_the_same() -> None:
    order = SoldOrder(UUID(int=1), AT, FIGURES, Quoted(b'{"items":{}}', b'{"items":null}', {}))
    found: dict[CubeKey, dict[str, int]] = {}
    add_fact(found, order_fact(order))
    whole = sums()[CubeKey("")]
    unknown = {"clamped", "clamped_commission_minor"}
    assert found[CubeKey("region", "")] == {name: value for name, value in whole.items() if name not in unknown}
    assert found[CubeKey("category+seller", "", BOB)]["units"] == 1
    assert found[CubeKey("rule", str(RULES[0]))]["seller_discount_minor"] == 90


def test_tax_within_prices_of_a_quote_of_the_first_release_is_counted_once() -> None:
    first = next(corpus for corpus in read_corpora() if corpus.release == "a8eb717")
    data = first.quote("tax within, accepted").data
    paid = sum(line.figures["accepted_total_minor"] for line in Quoted(data.encode(), None, {}).lines())
    assert paid == 13997


def test_figures_of_the_whole() -> None:
    assert sums()[CubeKey("")] == {
        "orders": 1,
        "lines": 3,
        "units": 5,
        "gross_minor": 1600,
        "seller_discount_minor": 90,
        "platform_discount_minor": 60,
        "delivery_fee_minor": 70,
        "exclusive_tax_minor": 194,
        "inclusive_tax_minor": 20,
        "total_minor": 1714,
        "seller_commission_minor": 100,
        "category_commission_minor": 5,
        "logistics_commission_minor": 7,
        "commission_base_minor": 960 + 100,
        "charges": 3,
        "clamped": 2,
        "clamped_commission_minor": 12 + 10,
        "commission_tax_minor": 22,
        "payout_minor": (960 + 100 - 112 - 22) + 450,
    }


def test_figures_of_sellers_rules_and_products() -> None:
    found = sums()
    ada, bob = found[CubeKey("seller", ADA)], found[CubeKey("region+seller", "TR/Istanbul", BOB)]
    assert (ada["orders"], ada["payout_minor"], ada["commission_tax_minor"], ada["total_minor"]) == (2, 926, 22, 1180)
    assert (bob["orders"], bob["payout_minor"], bob["total_minor"]) == (1, 450, 450)
    assert "delivery_fee_minor" not in ada
    shoes = found[CubeKey("category+seller", SHOES, ADA)]
    assert (shoes["units"], shoes["gross_minor"], "payout_minor" in shoes) == (3, 1000, False)
    tax, spring = found[CubeKey("rule", "tax")], found[CubeKey("rule+flag", "spring", "fee=treatment")]
    assert (tax["total_minor"], tax.get("seller_discount_minor", 0)) == (1714, 0)
    assert (spring["seller_discount_minor"], spring["platform_discount_minor"]) == (90, 60)
    by_seller = found[CubeKey("seller+rule", ADA, "spring")]
    assert (by_seller["lines"], by_seller["seller_discount_minor"], by_seller["gross_minor"]) == (1, 40, 1000)
    assert CubeKey("seller+rule", ADA, "tax") not in found


def test_a_cancellation_gives_every_figure_back() -> None:
    sold, back = sums(), sums(is_cancelled=True)
    assert sold.keys() == back.keys()
    kept = {"orders", "lines", "charges", "clamped", "clamped_commission_minor"}
    for key, figures in sold.items():
        own = dict(back[key])
        assert own.pop("cancelled_total_minor") == figures["total_minor"]
        assert own.pop("cancellations") == figures["orders"]
        assert own == {f"reversed_{name}": value for name, value in figures.items() if name not in kept}
