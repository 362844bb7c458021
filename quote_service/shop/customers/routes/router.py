"""The routes of customers.

Source: docs/spec/customers.md.
"""

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from quote_service.platform.http.declared.router import router_of
from quote_service.shop.customers.operations.customers import CUSTOMERS


def customers_with(*further: HTTPRouteHandler) -> Router:
    """The routes of customers, and those that other rooms have of one customer: a path has one router."""
    return router_of(CUSTOMERS, *further)
