"""Refunds that are written down, in `golden/*.json` and in the page of refunds: the plan and the oracle both come to them.

Source: docs/spec/refunds.md#what-a-refund-comes-to; docs/spec/refunds.md#examples.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from quote_service.selling.orders.model.refunds.plan import Refunded
from quote_service.selling.orders.model.refunds.plan_refund import plan_refund
from tests.orders.refunds.fractions_oracle import FractionsOracle, figures_of
from tests.orders.refunds.golden_cases import NAMES, in_words, names_in, read_case

PAGE = Path(__file__).parents[3] / "docs" / "spec" / "refunds.md"
TABLE = re.compile(r"<!-- (\w+) -->\n((?:\|.*\n)+)")


@pytest.mark.parametrize("name", NAMES)
def test_a_refund_comes_to_what_is_written_down(name: str) -> None:
    case, names = read_case(name), names_in(name)
    order, oracle, refunded = case.order, FractionsOracle(case.order), Refunded({})
    for draft, expected in zip(case.drafts, case.expected, strict=True):
        exact = oracle.refund(draft)
        plan = plan_refund(order, refunded, draft)
        refunded = plan.refunded
        planned = figures_of(plan, order)
        assert in_words({**exact, **oracle.sums(exact)}, names, order.exponent) == expected
        assert in_words({**planned, **oracle.sums(planned)}, names, order.exponent) == expected
        # The sums are the plan's own, too.
        exact_sums = oracle.sums(planned)
        scale = 10**order.exponent
        assert plan.figures.total_minor == exact_sums.get(("customer",), 0) * scale
        for seller in plan.figures.sellers:
            assert seller.payout_minor == exact_sums.get(("payout", seller.seller_id), 0) * scale
    assert plan.is_last


def test_the_figures_of_the_page_are_those_of_the_cases() -> None:
    tables = TABLE.findall(PAGE.read_text())
    assert len(tables) == 2
    for name, table in tables:
        case, rows = read_case(name), [line.strip("|\n").split("|") for line in table.splitlines()[2:]]
        assert len(rows) >= 10
        exponent = case.order.exponent
        for figure, whole, *refunds in ([cell.strip(" `") for cell in row] for row in rows):
            reported = [expected.get(figure, f"{0:.{exponent}f}") for expected in case.expected]
            assert refunds == reported, (name, figure)
            assert whole == f"{sum(map(Decimal, refunds)):.{exponent}f}", (name, figure)
        stated_figures = {row[0].strip(" `") for row in rows}
        customer = next(row[1].strip() for row in rows if row[0].strip(" `") == "customer")
        assert int(Decimal(customer) * 10**exponent) == case.order.total_minor
        assert {figure for figure in case.expected[0] if figure.startswith(("customer", "payout"))} <= stated_figures
