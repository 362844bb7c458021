"""Every router of the application; each resource adds its own line here."""

from litestar import Router

from quote_service.api.docs import docs
from quote_service.api.health import health
from quote_service.api.problem_pages import problem_pages

ROUTERS: tuple[Router, ...] = (
    health,
    docs,
    problem_pages,
)
