"""What may be asked for, and cases that laws do not distinguish.

Source: docs/spec/refunds.md#request; docs/decisions/refunds.md.
"""

from __future__ import annotations

import pytest

from quote_service.platform.system.errors import Fault, Invalid
from quote_service.selling.orders.model.refunds.draft import Delivery, RefundDraft, RefundLineDraft
from quote_service.selling.orders.model.refunds.plan import FeesRefund, Refunded, RefundFigures
from quote_service.selling.orders.model.refunds.plan_refund import plan_refund
from quote_service.selling.orders.model.refunds.require_left import RefundExceedsOrder
from tests.orders.refunds.any_order import RATES, RULES, a_commission, a_discount, a_draft, a_line, an_order

ORDER = an_order(
    (a_line(1, goods_minor=300, quantity=3), a_line(2, goods_minor=200, quantity=2)),
    delivery_fee_minor=100,
    fee_exclusive_tax_minor=20,
)
NOTHING = Refunded({})


def draft_of(*lines: tuple[int, int], delivery: Delivery = "none") -> RefundDraft:
    return RefundDraft(
        lines=[RefundLineDraft(line_id=line_id, quantity=quantity) for line_id, quantity in lines], delivery=delivery
    )


@pytest.mark.parametrize(
    ("draft", "pointers"),
    [
        (draft_of(), ["/lines"]),
        (draft_of((3, 1)), ["/lines/0/line_id"]),
        (draft_of((1, 1), (1, 1)), ["/lines/1/line_id"]),
        (draft_of((1, 9), (3, 1), (1, 1), (3, 1), delivery="full"), [f"/lines/{at}/line_id" for at in (1, 2, 3)]),
    ],
)
def test_lines_are_those_of_the_order_each_once(draft: RefundDraft, pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        plan_refund(ORDER, NOTHING, draft)
    assert [fault.pointer for fault in refusal.value.faults] == pointers


def test_more_than_is_left_is_refused_with_what_is_left() -> None:
    first = plan_refund(ORDER, NOTHING, draft_of((1, 2), (2, 2)))
    with pytest.raises(RefundExceedsOrder) as refusal:
        plan_refund(ORDER, first.refunded, draft_of((2, 1), (1, 2)))
    assert refusal.value.faults == (
        Fault("/lines/0/quantity", "must be at most 0: of 2 units 0 are not refunded"),
        Fault("/lines/1/quantity", "must be at most 1: of 3 units 1 is not refunded"),
    )
    assert plan_refund(ORDER, first.refunded, draft_of((1, 1), delivery="full")).is_last


def test_fees_alone_are_refunded_while_there_are_any() -> None:
    fees = plan_refund(ORDER, NOTHING, draft_of(delivery="full"))
    assert (fees.figures, fees.is_last) == (RefundFigures(lines=(), fees=FeesRefund(100, 0, 20, 0), sellers=()), False)
    asked: list[tuple[Refunded, Delivery]] = [
        (fees.refunded, "full"),
        (fees.refunded, "proportional"),
        (NOTHING, "proportional"),
    ]
    for refunded, delivery in asked:
        with pytest.raises(RefundExceedsOrder) as refusal:
            plan_refund(ORDER, refunded, draft_of(delivery=delivery))
        assert [fault.pointer for fault in refusal.value.faults] == ["/delivery"]
    # Beside lines it is no fault that nothing is left.
    assert plan_refund(ORDER, fees.refunded, draft_of((1, 1), delivery="full")).figures.fees == FeesRefund()


def test_a_share_of_the_fees_makes_good_for_refunds_without_them() -> None:
    without = plan_refund(ORDER, NOTHING, draft_of((1, 2)))
    assert plan_refund(ORDER, without.refunded, draft_of(delivery="proportional")).figures.fees == FeesRefund(
        40, 0, 8, 0
    )
    assert (
        plan_refund(ORDER, without.refunded, draft_of((2, 1), delivery="proportional")).figures.fees.delivery_fee_minor
        == 60
    )


def test_an_order_without_fees_is_refunded_with_its_last_unit() -> None:
    order = an_order((a_line(1, goods_minor=0, quantity=2),))
    first = plan_refund(order, NOTHING, a_draft({1: 1}))
    assert not first.is_last
    last = plan_refund(order, first.refunded, a_draft({1: 1}))
    assert (last.is_last, last.figures.total_minor) == (True, 0)


def test_units_without_the_delivery_leave_the_delivery() -> None:
    units = plan_refund(ORDER, NOTHING, draft_of((1, 3), (2, 2)))
    assert not units.is_last
    assert plan_refund(ORDER, units.refunded, draft_of(delivery="proportional")).is_last


def test_what_becomes_of_a_payout_may_be_above_0_by_rounding_alone() -> None:
    line = a_line(
        1,
        goods_minor=1,
        quantity=4,
        discounts=(a_discount(RULES[0], 0, 1),),
        commissions=(a_commission(RATES[0], 2),),
    )
    refunded, changes = NOTHING, []
    for _ in range(4):
        plan = plan_refund(an_order((line,)), refunded, a_draft({1: 1}))
        changes.append(plan.figures.sellers[0].payout_minor)
        refunded = plan.refunded
    assert changes == [1, -2, 1, 0]
    assert sum(changes) == 2 - 1 - 1


def test_what_is_refunded_is_not_changed_by_a_plan() -> None:
    refunded = Refunded({1: 1})
    plan_refund(ORDER, refunded, draft_of((1, 2), delivery="full"))
    assert refunded == Refunded({1: 1})
