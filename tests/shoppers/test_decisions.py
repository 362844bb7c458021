"""What one shopper decides.

Source: docs/spec/seeding.md#shoppers.
"""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from quote_service.lab.shoppers.decisions import CHANCE_AT_BASE, Habits, Shopper, chance_to_buy
from quote_service.lab.shoppers.tally import Tally

BASE = Decimal(100)


def page(**fields: Any) -> dict[str, Any]:
    price = {"currency": "TRY", "base_price": BASE, "current_price": Decimal(90)}
    return {"id": "p", "seller_id": None, "name": "Tea", "variants": [], "prices": [price], **fields}


def bought(price: int, elasticity: float) -> int:
    return sum(Shopper(1, number, elasticity).buys(Decimal(price), BASE) for number in range(4000))


def test_demand_answers_to_price_by_the_elasticity() -> None:
    at_base = bought(100, 2.0)
    assert at_base == pytest.approx(4000 * CHANCE_AT_BASE, rel=0.1)
    assert bought(120, 2.0) / at_base == pytest.approx(1 / 1.44, rel=0.1)
    assert bought(80, 2.0) / at_base == pytest.approx(1 / 0.64, rel=0.1)
    assert bought(120, 0.0) == at_base


@pytest.mark.parametrize("price", [0, 1, 50])
def test_a_chance_is_at_most_one(price: int) -> None:
    assert chance_to_buy(Decimal(price), BASE, 1.6) == 1
    assert chance_to_buy(Decimal(price), Decimal(0), 1.6) == 1


def test_the_same_visit_decides_the_same() -> None:
    one, again = (Shopper(3, 8, 1.6) for _ in range(2))
    assert (one.searches(), one.wish(page())) == (again.searches(), again.wish(page()))
    assert Shopper(3, 9, 1.6).makes_up_id != one.makes_up_id


def test_a_variant_costs_what_is_its_own() -> None:
    own = {"currency": "TRY", "base_price": Decimal(110), "current_price": Decimal(110)}
    wish = Shopper(1, 1, 1.6).wish(page(variants=[{"id": "v", "prices": [own]}]))
    assert wish is not None
    assert wish.variant_id == "v"
    assert wish.base_price == Decimal(110)
    basket = Shopper(1, 1, 1.6).basket(wish, "c")
    assert basket["items"] == [{"product_id": "p", "quantity": wish.quantity, "unit_price": "110", "variant_id": "v"}]


def test_nothing_is_wanted_that_has_no_price() -> None:
    assert Shopper(1, 1, 1.6).wish(page(prices=[])) is None


def fates(cancel_percent: int, refund_percent: int) -> Counter[str]:
    habits = Habits(1.6, cancel_percent, refund_percent)
    return Counter(Shopper(1, number, 1.6).fate(habits) for number in range(2000))


def test_orders_are_cancelled_and_sent_back_as_often_as_is_said() -> None:
    seen = fates(30, 50)
    assert seen["cancelled"] == pytest.approx(600, rel=0.1)
    assert seen["sent back"] == pytest.approx(seen["fulfilled"], rel=0.15)
    assert seen.total() == 2000
    assert set(fates(0, 0)) == {"fulfilled", "waits"}
    assert set(fates(100, 50)) == {"cancelled"}


def test_there_are_three_ways_to_order() -> None:
    seen = Counter(Shopper(1, number, 1.6).way() for number in range(2000))
    assert set(seen) == {"quote", "reserved quote", "basket"}
    assert min(seen.values()) > 300


def test_no_more_is_sent_back_than_was_bought() -> None:
    whole, parts, seen = 0, 0, Counter[str]()
    for number in range(500):
        asked = Shopper(1, number, 1.6).refunds([(1, 3), (2, 1)])
        assert asked
        back: Counter[int] = Counter()
        for draft in asked:
            [line] = draft["lines"]
            assert line["quantity"] >= 1
            back[line["line_id"]] += line["quantity"]
            seen[draft["delivery"]] += 1
            seen[f"restock {draft['restock']}"] += 1
        assert back <= Counter({1: 3, 2: 1})
        whole += back.total() == 4
        parts += back.total() < 4
    assert whole
    assert parts
    assert set(seen) == {"none", "proportional", "full", "restock True", "restock False"}


def test_the_summary_adds_up() -> None:
    tally = Tally()
    tally.order("TRY", 2, Decimal("8.50"), Decimal(10))
    tally.order("TRY", 1, Decimal(10), Decimal(10))
    tally.order("EUR", 1, Decimal(3), Decimal(4))
    tally.cancel("TRY", Decimal(12))
    tally.refund("EUR", Decimal("1.50"))
    tally.refund("EUR", Decimal("1.50"))
    for code in ("sale-ended", "out-of-stock", "sale-ended"):
        tally.refuse(code)
    summary = "\n".join(tally.summary())
    for line in (
        "Orders            3",
        "  cancelled       1",
        "Refunds           2",
        "Units             4",
        "Turnover          27.00 TRY",
        "Average price     9.00 TRY, 90.0 % of the base price",
        "Average price     3.00 EUR, 75.0 % of the base price",
        "Cancelled         12.00 TRY",
        "Refunded          3.00 EUR",
        "Refusals          1",
        "  out-of-stock    1",
        "Errors            2",
        "  sale-ended      2",
    ):
        assert line in summary.splitlines(), summary
