"""The checks of the flash-sale crowd find what is wrong, and nothing else.

Source: docs/spec/flash-sales.md#purchase.
"""

from decimal import Decimal
from typing import Any

import pytest

from loadtests.purchases import Kept, Order, audit_faults, figures_faults, purchase_faults

ORDER = Order("a customer", "a product", 2, Decimal("19.99"))
RIGHT: dict[str, Any] = {
    "customer_id": "a customer",
    "product_id": "a product",
    "quantity": 2,
    "unit_price": Decimal("19.99"),
    "total": Decimal("39.98"),
    "status": "reserved",
}
FIGURES = {"stock": 5, "confirmed": 3, "reserved": 2, "rejected": 0}
BUYERS = [Kept("a", 2), Kept("b", 1), Kept("c", 0)]


def test_a_right_purchase_has_no_fault() -> None:
    assert purchase_faults(RIGHT, ORDER, ("reserved", "confirmed")) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit_price": Decimal("19.98")},
        {"total": Decimal("39.97")},
        {"quantity": 1},
        {"customer_id": "another"},
        {"product_id": "another"},
        {"status": "rejected"},
    ],
    ids=str,
)
def test_a_wrong_purchase_has_one(wrong: dict[str, Any]) -> None:
    assert len(purchase_faults({**RIGHT, **wrong}, ORDER, ("reserved", "confirmed"))) == 1


@pytest.mark.parametrize("wrong", [{"confirmed": 9}, {"stock": -1}, {"stock": 11}, {"rejected": 1}], ids=str)
def test_figures_that_cannot_be(wrong: dict[str, int]) -> None:
    assert figures_faults(FIGURES, 10) == []
    assert len(figures_faults({**FIGURES, **wrong}, 10)) == 1


def test_stories_that_agree() -> None:
    assert list(audit_faults(FIGURES, BUYERS, 10, 2)) == []
    # Who got no answer may have bought.
    assert list(audit_faults(FIGURES, [*BUYERS[:1], Kept("b", 0, is_known=False)], 10, 2)) == []


@pytest.mark.parametrize(
    "buyers",
    [[*BUYERS[:2], Kept("c", 1)], BUYERS[:1], [Kept("a", 2), Kept("a", 1)]],
    ids=["one told and not recorded", "one recorded and not told", "one customer past the limit"],
)
def test_stories_that_do_not(buyers: list[Kept]) -> None:
    assert len(list(audit_faults(FIGURES, buyers, 10, 2))) == 1


def test_units_that_are_nowhere() -> None:
    assert len(list(audit_faults({**FIGURES, "stock": 4}, BUYERS, 10, 2))) == 1
