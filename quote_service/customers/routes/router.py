"""The router of customers.

Source: docs/spec/customers.md.
"""

from litestar import Router

from quote_service.customers.routes.customers import (
    create_known_customer,
    list_customers,
    replace_known_customer,
    show_customer,
)

customers = Router(
    "/api/v1/customers",
    route_handlers=[create_known_customer, list_customers, show_customer, replace_known_customer],
)
