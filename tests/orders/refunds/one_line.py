"""An order of one line, and units of it to give back."""

from __future__ import annotations

from uuid import UUID, uuid4

from quote_service.selling.orders.model.order import CommissionTax, OrderFigures
from tests.orders.refunds.any_order import RATES, RULES, a_commission, a_discount, a_line, an_order


def figures(quantity: int = 3, *, seller: UUID | None = None, delivery_fee_minor: int = 1499) -> OrderFigures:
    """One line of `quantity` units at 90.11, with discounts, commission and a tax on it."""
    seller = seller or uuid4()
    line = a_line(
        1,
        goods_minor=9011,
        seller_id=seller,
        quantity=quantity,
        tax_minor=1802,
        discounts=(a_discount(RULES[0], 400, 600),),
        commissions=(a_commission(RATES[0], 1442), a_commission(RATES[1], 0, 0, 99, "keep")),
    )
    tax = CommissionTax(UUID(int=3), 20_000_000, is_inclusive=False, amount_minor=308)
    return an_order((line,), {seller: tax}, delivery_fee_minor=delivery_fee_minor, fee_exclusive_tax_minor=300)


def units(quantity: int, line_id: int = 1) -> list[dict[str, int]]:
    return [{"line_id": line_id, "quantity": quantity}]
