"""What holds for any basket under any rulebook."""

import copy
import json
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.pricing import oracle
from tests.pricing.books import Written, answer_text, book_of, minor, priced, read_answer
from tests.pricing.figures import Figures, figures_of_answer
from tests.pricing.laws import laws
from tests.pricing.oracle import DIGITS
from tests.pricing.rulebooks import AT, WORLDS, World


def answer_of(setup: Any, request: Any) -> str:
    return answer_text(priced(book_of(setup), request, AT), AT)


@laws(400)
@given(WORLDS)
def test_the_parts_add_up(world: World) -> None:
    data = read_answer(answer_of(world.setup(), world.request()))
    digits = DIGITS[data["currency"]]

    def of(holder: Any, *path: str) -> int:
        for name in path:
            holder = holder[name]
        return minor(holder, digits)

    def total_of(rows: list[Any], name: str) -> int:
        return sum(of(row, name) for row in rows)

    items, payouts = data["items"], data["payouts"]
    breakdown, commission = data["pricing_breakdown"], data["commission_breakdown"]
    added = [each for each in breakdown["calculations"] if not each.get("included")]
    assert total_of(added, "amount") == of(data, "total_amount")
    assert total_of(items, "line_total") == of(breakdown, "item_total")
    assert total_of(items, "discount_amount") == of(data, "discount_amount") <= of(breakdown, "item_total")
    assert of(breakdown, "item_total") - of(data, "discount_amount") == of(data, "subtotal")
    for line in items:
        assert 0 <= of(line, "discount_amount") <= of(line, "line_total")
        assert of(line, "tax_amount") >= 0
    assert of(data, "delivery_fee") >= 0
    assert of(data, "small_basket_fee") >= 0
    by_step = Counter[str]()
    for each in breakdown["calculations"]:
        by_step[each["step"]] += of(each, "amount")
    assert by_step["tax"] == of(data, "tax_amount")
    delivery_steps = ("delivery", "express_delivery", "free_delivery", "delivery_discount")
    assert sum(by_step[step] for step in delivery_steps) == of(data, "delivery_fee")
    assert by_step["promotion"] + by_step["coupon"] == -of(data, "discount_amount")
    included = [each for each in breakdown["calculations"] if each.get("included")]
    on_items = sum(of(each, "amount") for each in included if each["description"].endswith(" items"))
    assert on_items == sum(of(line, "tax_amount") for line in items if "tax_included" in line)
    assert all(line.get("tax_included", True) is True for line in items)

    dimensions = ("seller_commission", "category_commission", "logistics_commission")
    for detail in commission["details"]:
        assert sum(of(detail, name) for name in dimensions) == of(detail, "amount")
    for name in dimensions:
        assert total_of(commission["details"], name) == of(commission, name)
    assert sum(of(commission, name) for name in dimensions) == of(commission, "total_commission")

    taxes = {each["seller_id"]: each for each in commission.get("commission_tax", ())}
    assert taxes or "commission_tax" not in commission
    assert total_of(payouts, "commission") == of(commission, "total_commission")
    assert total_of(payouts, "item_total") == of(breakdown, "item_total")
    for payout in payouts:
        expected = of(payout, "item_total") - of(payout, "seller_discount") - of(payout, "commission")
        taxed = taxes.get(payout["seller_id"])
        assert ("commission_tax" in payout) == (taxed is not None)
        if taxed is not None:
            assert of(taxed, "base") == of(payout, "commission") > 0
            assert 0 <= of(taxed, "amount") == of(payout, "commission_tax") <= of(taxed, "base")
            expected -= 0 if taxed["inclusive"] else of(taxed, "amount")
        assert of(payout, "payout") == expected
    added_tax = sum(of(each, "amount") for each in added if each["step"] == "tax")
    fees = of(data, "delivery_fee") + of(data, "small_basket_fee")
    assert (
        total_of(payouts, "payout")
        + total_of(payouts, "commission")
        + sum(of(each, "amount") for each in taxes.values() if not each["inclusive"])
        + added_tax
        + fees
        - of(data, "platform_funded_discount")
    ) == of(data, "total_amount")


@laws(400)
@given(WORLDS)
def test_the_details_of_discounts_add_up(world: World) -> None:
    data = read_answer(answer_of(world.setup(), world.request()))
    digits = DIGITS[data["currency"]]
    details = data.get("discount_details", [])
    assert bool(details) == ("discount_details" in data) == (minor(data["discount_amount"], digits) > 0)
    by_line, by_rule, by_platform = Counter[int](), Counter[str](), Counter[str]()
    for each in details:
        amount, by_seller, platform = (
            minor(each[name], digits) for name in ("amount", "seller_funded", "platform_funded")
        )
        assert amount > 0 <= min(by_seller, platform)
        assert by_seller + platform == amount
        by_line[int(each["line"])] += amount
        by_rule[each["rule_id"]] += amount
        by_platform[each["rule_id"]] += platform
        assert each["product_id"] == data["items"][int(each["line"]) - 1]["product_id"]
    assert len({(each["rule_id"], each["line"]) for each in details}) == len(details)
    lines = range(1, len(data["items"]) + 1)
    assert [by_line[number] for number in lines] == [minor(line["discount_amount"], digits) for line in data["items"]]
    assert sum(by_platform.values()) == minor(data["platform_funded_discount"], digits)
    steps = [each for each in data["pricing_breakdown"]["calculations"] if each["step"] in ("promotion", "coupon")]
    assert by_rule == {each["rule_id"]: -minor(each["amount"], digits) for each in steps}
    funded = {each["rule_id"]: minor(each["inputs"]["platform_funded"], digits) for each in steps}
    assert {rule_id: by_platform[rule_id] for rule_id in funded} == funded


@laws(300)
@given(WORLDS)
def test_the_same_arguments_give_the_same_bytes(world: World) -> None:
    setup, request = world.setup(), world.request()
    book = book_of(setup)
    first = answer_text(priced(book, request, AT), AT)
    assert answer_text(priced(book, request, AT), AT) == first
    assert answer_of(setup, request) == first


@laws(300)
@given(WORLDS)
def test_the_order_in_which_rows_were_loaded_changes_nothing(world: World) -> None:
    setup, request = world.setup(), world.request()
    shuffled = copy.deepcopy(setup)
    for rows in shuffled.values():
        world.random.shuffle(rows)
    assert answer_of(shuffled, request) == answer_of(setup, request)


@pytest.mark.long("hundreds of drawn worlds, each priced in two orders")
@laws(500)
@given(WORLDS)
def test_the_order_of_the_lines_changes_no_figure(world: World) -> None:
    """Except where a unit is left over between equal shares: that one goes to the line that comes first.

    Which line has it can decide a rounding of that line's tax or commission, so then only what is worked out before
    anything is shared out is bound to stay: the lines' own totals and their sum.
    """
    setup, request = world.setup(), world.request()
    turned = copy.deepcopy(request)
    order = list(range(len(request["items"])))
    Random(world.seed).shuffle(order)
    turned["items"] = [request["items"][place] for place in order]
    before = figures_of_answer(read_answer(answer_of(setup, request)))
    after = figures_of_answer(read_answer(answer_of(setup, turned)))
    assert after["sums"]["item_total"] == before["sums"]["item_total"]
    if not (oracle.price(setup, request, AT).has_tie or oracle.price(setup, turned, AT).has_tie):
        assert after["items"] == [before["items"][place] for place in order]
        assert unordered(after) == unordered(before)


def unordered(figures: Figures) -> Figures:
    """Figures whose lists say no more than what is in them."""
    return {
        name: Counter(map(str, part)) if isinstance(part, (list, tuple)) and name != "coupons" else part
        for name, part in figures.items()
    }


def test_a_unit_left_over_between_equal_lines_goes_to_the_first() -> None:
    """The limit of the law above, at its smallest: one cent between two equal lines with different taxes."""
    tax = {"rate": 0, "category_rates": {CHEAP: 0, DEAR: 100}}
    setup = {
        "pricing_rules": [
            rule("p", "PROMOTION", {"kind": "amount", "value": 1}, currency="JPY"),
            rule("t", "TAX", tax),
        ]
    }
    lines = [
        {
            "product_id": f"b0000000-0000-4000-8000-00000000000{n}",
            "quantity": 1,
            "unit_price": 10,
            "category_id": category,
        }
        for n, category in enumerate((CHEAP, DEAR))
    ]
    taxes = []
    for items in (lines, lines[::-1]):
        data = read_answer(answer_of(setup, {**BASKET, "items": items}))
        assert [line["discount_amount"] for line in data["items"]] == ["1", "0"]
        taxes.append(data["tax_amount"])
    assert taxes == ["10", "9"]


CHEAP, DEAR = "c0000000-0000-4000-8000-000000000000", "c0000000-0000-4000-8000-000000000001"
BASKET = {
    "customer_id": "d0000000-0000-4000-8000-000000000000",
    "seller_id": "a0000000-0000-4000-8000-000000000000",
    "delivery_address": {"city": "京都", "country": "JP"},
    "currency": "JPY",
}


def rule(name: str, kind: str, configuration: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": f"{name}-id", "name": name, "type": kind, "configuration": configuration, **fields}


# The shape of an answer, by the specification's example: names in order, whatever the figures.
@laws(300)
@given(WORLDS)
def test_an_answer_has_the_shape_of_the_original(world: World) -> None:
    text = answer_of(world.setup(), world.request())
    data = read_answer(text)
    assert (
        list(data)
        == (
            "quote_id external_ref subtotal discount_amount tax_amount delivery_fee small_basket_fee total_amount currency "
            "items coupons commission_breakdown payouts platform_funded_discount "
            f"{'discount_details ' * ('discount_details' in data)}pricing_breakdown applied_rules feature_flags valid_from valid_until cache warnings signature"
        ).split()
    )
    for line in data["items"]:
        assert (
            list(line)
            == (
                "product_id variant_id seller_id quantity list_price unit_price line_total discount_amount tax_amount "
                f"{'tax_included ' * ('tax_included' in line)}price_source price_adjustments"
            ).split()
        )
    for detail in data.get("discount_details", ()):
        assert list(detail) == ["line", "product_id", "rule_id", "amount", "seller_funded", "platform_funded"]
    for coupon in data["coupons"]:
        excluded = ["excluded_by"] if coupon["reason"] == "excluded" else []
        assert list(coupon) == ["code", "status", "reason", "amount", *excluded]
        assert coupon["status"] == ("applied" if coupon["reason"] is None else "rejected")
    commission = data["commission_breakdown"]
    assert (
        list(commission)
        == (
            "total_commission seller_commission category_commission logistics_commission currency details"
            f"{' commission_tax' * ('commission_tax' in commission)}"
        ).split()
    )
    for tax in commission.get("commission_tax", ()):
        assert list(tax) == ["seller_id", "rule_id", "rate", "inclusive", "base", "amount"]
    for detail in commission["details"]:
        assert (
            list(detail)
            == (
                "product_id rate_id dimensions commission_type scope region base_amount rate amount clamped "
                "seller_commission category_commission logistics_commission"
            ).split()
        )
    for payout in data["payouts"]:
        taxed = ["commission_tax"] * ("commission_tax" in payout)
        assert list(payout) == ["seller_id", "item_total", "seller_discount", "commission", *taxed, "payout"]
    breakdown = data["pricing_breakdown"]
    assert (
        list(breakdown)
        == ("item_total subtotal tax_amount delivery_fee small_basket_fee total_amount currency calculations").split()
    )
    for calculation in breakdown["calculations"]:
        names = [name for name in calculation if name not in ("rule_id", "inputs", "included")]
        assert names == ["step", "description", "amount"]
        assert all(isinstance(literal, (Written, str, bool)) for literal in calculation.get("inputs", {}).values())
    for each in data["applied_rules"]:
        assert list(each) == ["id", "name", "type", "version", "region"]
    for warning in data["warnings"]:
        assert [name for name in warning if name != "pointer"] == ["code", "detail"]
    # Nothing between the pieces: what was written is what any reader of JSON writes back.
    assert json.loads(text)["quote_id"] == data["quote_id"]
    assert "NaN" not in text


@laws(300)
@given(
    WORLDS,
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20),
        min_size=5,
        max_size=5,
    ),
)
def test_names_and_codes_of_every_script_pass_through(world: World, texts: list[str]) -> None:
    setup, request = world.setup(), world.request()
    rule_name, code, reference, region_city, provider = texts
    assume(rule_name.strip() and code.strip())  # which nobody can write
    setup["pricing_rules"] = [
        {**rule(rule_name, "PROMOTION", {"kind": "percent", "value": 10}), "id": "the-rule"},
        {
            **rule(rule_name + "2", "DELIVERY_FEE", {"base_fee": 1, "provider": provider}, currency=world.currency),
            "id": "the-fee",
        },
        {
            **rule(rule_name + "3", "COUPON", {"kind": "percent", "value": 10, "code": code, "applies_to": "delivery"}),
            "id": "the-coupon",
        },
    ]
    setup["coupon_uses"] = []
    setup["commission_rates"] = [
        {"id": "the-rate", "logistics_provider": provider, "commission_type": "PERCENTAGE", "rate": 1}
    ]
    request.pop("logistics_provider", None)
    request.pop("is_express_delivery", None)
    request["coupon_codes"] = [f"  {code.swapcase().swapcase()}\t"]
    request["external_ref"] = reference
    request["delivery_address"]["city"] = region_city
    data = read_answer(answer_of(setup, request))
    assert data["external_ref"] == reference
    assert data["coupons"][0]["code"] == request["coupon_codes"][0]
    assert rule_name + "2" in [each["name"] for each in data["applied_rules"]]
    assert {each["rate_id"] for each in data["commission_breakdown"]["details"]} == {"the-rate"}
    if code.swapcase().swapcase().strip().casefold() == code.strip().casefold():
        assert data["coupons"][0]["reason"] in (None, "nothing_to_discount")
