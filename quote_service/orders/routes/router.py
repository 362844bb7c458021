"""The router of orders.

Source: docs/spec/orders.md.
"""

from litestar import Router

from quote_service.orders.routes.orders import (
    cancel_placed_order,
    fulfil_placed_order,
    list_placed_orders,
    show_order,
    show_order_events,
)
from quote_service.orders.routes.place import place_order

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
)
