"""Whatever is ordered, and however it is refunded.

Source: docs/spec/refunds.md#what-a-refund-comes-to; docs/spec/refunds.md#ledger.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from quote_service.selling.ledger.model.transactions import NEVER_CREDIT, NEVER_DEBIT, Account, Transaction, sums_left
from quote_service.selling.orders.model.ledger_entries import entries_of_order
from quote_service.selling.orders.model.order import OrderFigures
from quote_service.selling.orders.model.refunds.plan import Refunded, RefundPlan
from quote_service.selling.orders.model.refunds.plan_refund import plan_refund
from quote_service.selling.orders.model.refunds.refund_entries import entries_of_refund
from tests.orders.refunds.any_order import CUSTOMER, a_draft, drafts_of, kept_commission, orders
from tests.orders.refunds.fractions_oracle import Figure, FractionsOracle, figures_of, wholes_of_fees, wholes_of_line
from tests.pricing.laws import laws

NOTHING = Refunded({})
Made = tuple[OrderFigures, list[RefundPlan]]


@st.composite
def refunded_orders(draw: st.DrawFn) -> Made:
    """An order and its refunds, to the last. One of fees alone is left out where there is nothing of them to refund."""
    order = draw(orders())
    oracle, refunded = FractionsOracle(order), NOTHING
    plans = []
    for draft in draw(drafts_of(order)):
        expected = oracle.refund(draft)
        if draft.lines or any(name[0] in ("fee", "fee tax") for name in expected):
            plans.append(plan_refund(order, refunded, draft))
            refunded = plans[-1].refunded
    return order, plans


@laws(100)
@given(st.data())
def test_every_figure_of_every_refund_is_that_of_exact_fractions(data: st.DataObject) -> None:
    order = data.draw(orders())
    oracle, refunded = FractionsOracle(order), NOTHING
    for draft in data.draw(drafts_of(order)):
        expected = oracle.refund(draft)
        if not draft.lines and not expected:
            continue
        plan = plan_refund(order, refunded, draft)
        assert figures_of(plan, order) == expected
        refunded = plan.refunded


@laws(100)
@given(refunded_orders())
def test_refunds_of_all_units_add_up_to_the_whole_of_every_figure(made: Made) -> None:
    order, plans = made
    sums: Counter[Figure] = Counter()
    for plan in plans:
        sums.update(figures_of(plan, order))
    wholes = wholes_of_fees(order)
    for line in order.lines:
        wholes |= wholes_of_line(order, line.line_id)
    assert {name: figure for name, figure in sums.items() if name[0] != "commission tax"} == {
        name: whole for name, whole in wholes.items() if whole
    }
    for seller in order.sellers:
        if not any(kept_commission(line) for line in order.lines if line.seller_id == seller.seller_id):
            tax = Fraction(seller.commission_tax_minor, 10**order.exponent)
            assert sums["commission tax", seller.seller_id] == tax
    assert sum(plan.figures.total_minor for plan in plans) == order.total_minor


@laws(100)
@given(refunded_orders())
def test_the_last_refund_is_the_one_after_which_nothing_is_left(made: Made) -> None:
    order, plans = made
    assert plans[-1].is_last
    for before, after in pairwise(plans):
        # Units of nothing are left, or fees.
        assert not before.is_last
        assert after.figures.lines or figures_of(after, order)


@laws(100)
@given(refunded_orders())
def test_no_figure_changes_its_sign(made: Made) -> None:
    order, plans = made
    for plan in plans:
        assert all(figure > 0 for figure in figures_of(plan, order).values())
        assert plan.figures.total_minor >= 0
        assert all(seller.earned_commission_minor >= 0 for seller in plan.figures.sellers)


@laws(100)
@given(refunded_orders())
def test_entries_add_up_to_zero_at_each_step_and_no_account_comes_to_the_wrong_side(made: Made) -> None:
    order, plans = made
    balances = balances_after(order, [])
    for plan in plans:
        entries = entries_of_refund(plan.figures, CUSTOMER, order.currency)
        assert sums_left(entries) == {}
        if entries:
            Transaction("refund", CUSTOMER, entries)
        for entry in entries:
            balances[entry.account] += entry.amount_minor
        for account, balance in balances.items():
            assert not (account.account in NEVER_DEBIT and balance < 0), account
            assert not (account.account in NEVER_CREDIT and balance > 0), account


@laws(100)
@given(refunded_orders())
def test_in_the_end_only_what_rates_keep_is_left(made: Made) -> None:
    order, plans = made
    left = {account: balance for account, balance in balances_after(order, plans).items() if balance}
    expected: Counter[Account] = Counter()
    for seller in order.sellers:
        kept = sum(kept_commission(line) for line in order.lines if line.seller_id == seller.seller_id)
        tax = seller.commission_tax
        # The tax on what is reversed was rounded, and what is left of it is the rest.
        reversed_tax = 0
        if tax is not None and seller.commission_minor:
            share = Fraction(seller.commission_minor - kept, seller.commission_minor)
            reversed_tax = int(share * tax.amount_minor + Fraction(1, 2))
        kept_tax = seller.commission_tax_minor - reversed_tax
        is_inclusive = tax is not None and tax.is_inclusive
        expected[Account("commission", seller.seller_id, order.currency)] = kept - (kept_tax if is_inclusive else 0)
        expected[Account("commission_tax", seller.seller_id, order.currency)] = kept_tax
        expected[Account("seller", seller.seller_id, order.currency)] = -kept - (0 if is_inclusive else kept_tax)
    assert left == {account: balance for account, balance in expected.items() if balance}


@laws(100)
@given(refunded_orders())
def test_a_payout_changes_by_what_is_in_the_plan_and_nothing_else(made: Made) -> None:
    order, plans = made
    inclusive = {
        seller.seller_id: seller.commission_tax is not None and seller.commission_tax.is_inclusive
        for seller in order.sellers
    }
    for plan in plans:
        posted = {
            entry.account.party_id: entry.amount_minor
            for entry in entries_of_refund(plan.figures, CUSTOMER, order.currency)
            if entry.account.account == "seller"
        }
        expected = {}
        for seller in plan.figures.sellers:
            own = [line for line in plan.figures.lines if line.seller_id == seller.seller_id]
            goods = sum(line.goods_minor for line in own)
            platform = sum(discount.platform_minor for line in own for discount in line.discounts)
            commission = sum(
                rate.seller_minor + rate.category_minor + rate.logistics_minor
                for line in own
                for rate in line.commissions
            )
            taken_off = 0 if inclusive[seller.seller_id] else seller.commission_tax_minor
            expected[seller.seller_id] = commission + taken_off - goods - platform
            assert seller.payout_minor == expected[seller.seller_id]
        assert posted == {seller_id: change for seller_id, change in expected.items() if change}
        assert set(expected) == {line.seller_id for line in plan.figures.lines}


@laws(100)
@given(refunded_orders())
def test_what_becomes_of_a_payout_is_near_its_exact_share(made: Made) -> None:
    """Each figure of a line is at most half a minor unit off, however often it was refunded: so far off is what they leave."""
    order, plans = made
    changes: Counter[object] = Counter()
    for plan in plans:
        changes.update({seller.seller_id: seller.payout_minor for seller in plan.figures.sellers})
        for seller in order.sellers:
            exact, rounded = Fraction(0), 1
            tax = seller.commission_tax
            taxed = Fraction(0)
            if tax is not None and not tax.is_inclusive and seller.commission_minor:
                taxed = Fraction(tax.amount_minor, seller.commission_minor)
            for line in order.lines:
                if line.seller_id == seller.seller_id:
                    share = Fraction(plan.refunded.units.get(line.line_id, 0), line.quantity)
                    back = (line.commission_minor - kept_commission(line)) * (1 + taxed)
                    exact += share * (back - line.goods_minor - line.platform_discount_minor)
                    # Goods, discounts by rule, and commission by dimension, each with the tax that follows it.
                    rounded += 1 + len(line.discounts) + 2 * 3 * len(line.commissions)
            assert abs(changes[seller.seller_id] - exact) <= Fraction(rounded, 2)


@laws(100)
@given(st.data())
def test_one_refund_of_units_is_worth_what_it_is_in_two(data: st.DataObject) -> None:
    order = data.draw(orders())
    whole = {line.line_id: line.quantity for line in order.lines}
    first = {line_id: data.draw(st.integers(0, units)) for line_id, units in whole.items()}
    second = {line_id: units - first[line_id] for line_id, units in whole.items()}
    named = [{line_id: units for line_id, units in part.items() if units} for part in (first, second)]
    plans, refunded = [], NOTHING
    for units in filter(None, named):
        plans.append(plan_refund(order, refunded, a_draft(units)))
        refunded = plans[-1].refunded
    at_once = plan_refund(order, NOTHING, a_draft(whole))
    assert balances_after(order, plans) == balances_after(order, [at_once])
    assert refunded == at_once.refunded


def balances_after(order: OrderFigures, plans: list[RefundPlan]) -> Counter[Account]:
    """What the ledger holds of an order after its refunds."""
    balances: Counter[Account] = Counter()
    for entry in entries_of_order(order, CUSTOMER):
        balances[entry.account] += entry.amount_minor
    for plan in plans:
        for entry in entries_of_refund(plan.figures, CUSTOMER, order.currency):
            balances[entry.account] += entry.amount_minor
    return balances
