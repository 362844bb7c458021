"""What orders are refused for.

Source: docs/spec/orders.md.
"""

from quote_service.platform.system.errors import Conflict
from quote_service.selling.orders.model.order import OrderStatus


class QuoteOrdered(Conflict):
    """The quote has been ordered before, under another key; `order_id` is that order."""

    code = "quote-ordered"
    title = "Quote already ordered"

    def __init__(self, detail: str = "This quote has been ordered already", *, order_id: str = "") -> None:
        super().__init__(detail)
        self.order_id = order_id

    def members(self) -> dict[str, object]:
        return {"order_id": self.order_id}


class OrderStateForbids(Conflict):
    """The order's status does not allow what was asked."""

    code = "order-state"
    title = "Order status does not allow this"

    def __init__(self, detail: str, *, status: OrderStatus = "placed") -> None:
        super().__init__(detail)
        self.status = status

    def members(self) -> dict[str, object]:
        # Not `status`: that member of a problem document is the HTTP status.
        return {"order_status": self.status}
