"""The routers of orders and of their refunds.

Source: docs/spec/orders.md; docs/spec/refunds.md.
"""

from litestar import Router

from quote_service.selling.orders.routes import refund_examples
from quote_service.selling.orders.routes.examples import EXAMPLES
from quote_service.selling.orders.routes.orders import (
    cancel_placed_order,
    fulfil_placed_order,
    list_placed_orders,
    show_order,
    show_order_events,
)
from quote_service.selling.orders.routes.place import place_order
from quote_service.selling.orders.routes.refunds import create_order_refund, list_order_refunds, show_order_refund

orders = Router(
    "/api/v1/orders",
    route_handlers=[
        place_order,
        list_placed_orders,
        show_order,
        show_order_events,
        fulfil_placed_order,
        cancel_placed_order,
    ],
    opt={"examples": EXAMPLES},
)
refunds = Router(
    "/api/v1/orders/{order_id:uuid}/refunds",
    route_handlers=[create_order_refund, list_order_refunds, show_order_refund],
    opt={"examples": refund_examples.EXAMPLES},
)
ORDERS: tuple[Router, ...] = (orders, refunds)
