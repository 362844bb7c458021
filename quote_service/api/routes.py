"""Every router of the application; each resource adds its own line here."""

from litestar import Router

from quote_service.api.api_keys import api_keys
from quote_service.api.audit import audit
from quote_service.api.auth import auth
from quote_service.api.commission_rates import commission_rates
from quote_service.api.docs import docs
from quote_service.api.feature_flags.router import feature_flags
from quote_service.api.flash_sales import flash_sales, purchases
from quote_service.api.health import health
from quote_service.api.metrics import metrics
from quote_service.api.pricing_rules.router import pricing_rules
from quote_service.api.problem_pages import problem_pages
from quote_service.api.quotes import quotes
from quote_service.api.quotes_after.router import quotes_after
from quote_service.api.rulebook_check import rulebook_check
from quote_service.api.users import users
from quote_service.api.well_known import well_known

ROUTERS: tuple[Router, ...] = (
    health,
    metrics,
    docs,
    problem_pages,
    quotes,
    quotes_after,
    well_known,
    auth,
    users,
    api_keys,
    audit,
    commission_rates,
    feature_flags,
    flash_sales,
    purchases,
    pricing_rules,
    rulebook_check,
)
