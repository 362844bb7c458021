"""What one shopper decides.

Source: docs/spec/seeding.md#shoppers.
"""

from decimal import Decimal
from typing import Any

import pytest

from quote_service.shoppers.decisions import CHANCE_AT_BASE, Shopper, chance_to_buy
from quote_service.shoppers.tally import Tally

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


def test_the_summary_adds_up() -> None:
    tally = Tally()
    tally.buy("TRY", 2, Decimal("8.50"), Decimal(10))
    tally.buy("TRY", 1, Decimal(10), Decimal(10))
    tally.buy("EUR", 1, Decimal(3), Decimal(4))
    tally.errors["sold-out"] += 2
    summary = "\n".join(tally.summary())
    for line in (
        "  accepted        3",
        "Units             4",
        "Turnover          27.00 TRY",
        "Average price     9.00 TRY, 90.0 % of the base price",
        "Average price     3.00 EUR, 75.0 % of the base price",
        "Errors            2",
        "  sold-out        2",
    ):
        assert line in summary.splitlines(), summary
