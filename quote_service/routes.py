"""Every router of the application; each resource adds its own line here."""

from litestar import Router

from quote_service.identity.health.health import health
from quote_service.identity.health.metrics import metrics
from quote_service.identity.routes.api_keys import api_keys
from quote_service.identity.routes.audit import audit
from quote_service.identity.routes.auth import auth
from quote_service.identity.routes.users import users
from quote_service.intelligence.behaviour.routes.behaviour import behaviour
from quote_service.intelligence.competitors.routes.router import COMPETITORS
from quote_service.intelligence.market_analysis.routes.market import market
from quote_service.intelligence.price_decisions.routes.router import PRICE_DECISIONS
from quote_service.intelligence.price_experiments.routes.router import PRICE_EXPERIMENTS
from quote_service.intelligence.signals.routes.router import SIGNALS
from quote_service.platform.event_bus.routes.event_bus import event_bus
from quote_service.platform.http.openapi.docs import docs, home
from quote_service.platform.http.openapi.problem_pages import problem_pages
from quote_service.platform.webhooks.routes.router import webhooks
from quote_service.quotes.routes.quotes import quotes
from quote_service.quotes.routes.router import quote_lifecycle
from quote_service.quotes.routes.well_known import well_known
from quote_service.rulebook.commission_rates.routes import commission_rates
from quote_service.rulebook.experiments.routes.router import experiments
from quote_service.rulebook.feature_flags.routes.router import feature_flags
from quote_service.rulebook.ofrep.routes.router import ofrep
from quote_service.rulebook.pricing_rules.routes.router import pricing_rules
from quote_service.rulebook.pricing_rules.routes.rulebook_check import rulebook_check
from quote_service.selling.flash_sales.routes import flash_sales, open_flash_sales, purchases
from quote_service.selling.ledger.routes.router import LEDGER
from quote_service.selling.orders.routes.router import ORDERS
from quote_service.selling.personal_data.routes.customers import OF_ONE_CUSTOMER
from quote_service.shop.campaigns.routes.router import campaigns
from quote_service.shop.catalog.routes.router import CATALOG
from quote_service.shop.customers.routes.router import customers_with
from quote_service.shop.inventory.routes.inventory import inventory
from quote_service.steering.analytics.routes.router import analytics
from quote_service.steering.change_sets.routes.router import change_sets
from quote_service.steering.replay.routes.replays import replays

#: What needs the packages of the extra `intelligence` to become more than empty.
PRICE_INTELLIGENCE: tuple[Router, ...] = (*COMPETITORS, market, *PRICE_DECISIONS, *PRICE_EXPERIMENTS, *SIGNALS)

ROUTERS: tuple[Router, ...] = (
    health,
    metrics,
    docs,
    home,
    problem_pages,
    quotes,
    quote_lifecycle,
    well_known,
    auth,
    users,
    api_keys,
    audit,
    *CATALOG,
    inventory,
    *LEDGER,
    *ORDERS,
    customers_with(*OF_ONE_CUSTOMER),
    analytics,
    behaviour,
    campaigns,
    change_sets,
    commission_rates,
    *PRICE_INTELLIGENCE,
    event_bus,
    feature_flags,
    experiments,
    ofrep,
    flash_sales,
    open_flash_sales,
    purchases,
    pricing_rules,
    rulebook_check,
    replays,
    webhooks,
)
