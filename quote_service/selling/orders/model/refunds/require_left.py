"""What is asked for has to be the order's, and left of it.

Source: docs/spec/refunds.md#request.
"""

from collections.abc import Mapping

from quote_service.platform.system.errors import Conflict, Fault, Invalid
from quote_service.selling.orders.model.order import OrderLine
from quote_service.selling.orders.model.refunds.draft import RefundDraft
from quote_service.selling.orders.model.refunds.plan import FeesRefund, Refunded


class RefundExceedsOrder(Conflict):
    """`errors` point to what is more than is left, and say what is left."""

    code = "refund-exceeds-order"
    title = "Refund exceeds the order"


def require_lines(by_id: Mapping[int, OrderLine], draft: RefundDraft) -> None:
    """Do nothing if the draft names lines of the order, each once.

    Raises:
        Invalid: It does not, or asks for nothing at all.
    """
    if not draft.lines and draft.delivery == "none":
        raise Invalid.at("/lines", "must not be empty if no fees are refunded")
    faults: list[Fault] = []
    seen: set[int] = set()
    for place, asked in enumerate(draft.lines):
        if asked.line_id not in by_id:
            faults.append(Fault(f"/lines/{place}/line_id", "is not a line of this order"))
        elif asked.line_id in seen:
            faults.append(Fault(f"/lines/{place}/line_id", "is given twice"))
        seen.add(asked.line_id)
    if faults:
        raise Invalid.because(tuple(faults))


def require_units(by_id: Mapping[int, OrderLine], refunded: Refunded, draft: RefundDraft) -> None:
    """Do nothing if as many units are left of each line.

    Raises:
        RefundExceedsOrder: Fewer are.
    """
    faults: list[Fault] = []
    for place, asked in enumerate(draft.lines):
        bought = by_id[asked.line_id].quantity
        left = bought - refunded.units.get(asked.line_id, 0)
        if asked.quantity > left:
            detail = f"must be at most {left}: of {bought} units {left} {'is' if left == 1 else 'are'} not refunded"
            faults.append(Fault(f"/lines/{place}/quantity", detail))
    if faults:
        raise RefundExceedsOrder("More units are requested than are left to refund", faults=tuple(faults))


def require_fees(fees: FeesRefund) -> None:
    """Do nothing if there is something of the fees to refund.

    Raises:
        RefundExceedsOrder: There is nothing.
    """
    if fees == FeesRefund():
        raise RefundExceedsOrder("Nothing is left to refund", faults=(Fault("/delivery", "leaves no fee to refund"),))
