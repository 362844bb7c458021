"""What orders are refused for.

Source: docs/spec/orders.md.
"""

from quote_service.platform.system.errors import Conflict
from quote_service.selling.orders.model.order import OrderStatus


class QuoteOrdered(Conflict):
    """The quote has been ordered before, under another key; `order_id` is that order."""

    code = "quote-ordered"
    title = "Quote already ordered"
    order_id: str


class OrderStateForbids(Conflict):
    """The order's status does not allow what was asked."""

    code = "order-state"
    title = "Order status does not allow this"
    #: Not `status`: that member of a problem document is the HTTP status.
    order_status: OrderStatus
