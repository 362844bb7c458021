"""Every route of webhooks, under its path."""

from litestar import Router

from quote_service.platform.webhooks.routes.deliveries import (
    list_deliveries,
    send_deliveries_again,
    send_delivery_again,
    show_delivery,
    test_endpoint,
)
from quote_service.platform.webhooks.routes.endpoints import (
    add_endpoint,
    edit_endpoint,
    list_endpoints,
    remove_endpoint,
    rotate_endpoint_secret,
    show_endpoint,
)
from quote_service.platform.webhooks.routes.examples import EXAMPLES

webhooks = Router(
    "/api/v1/webhooks",
    route_handlers=[
        add_endpoint,
        list_endpoints,
        show_endpoint,
        edit_endpoint,
        remove_endpoint,
        rotate_endpoint_secret,
        test_endpoint,
        list_deliveries,
        show_delivery,
        send_delivery_again,
        send_deliveries_again,
    ],
    opt={"examples": EXAMPLES},
)
