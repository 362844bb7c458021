"""Every subject by its area in the address.

Source: docs/spec/web.md#areas.
"""

from quote_service.web.model.subjects.access import AUDIT, DEAD_LETTERS, KEYS, PEOPLE, WEBHOOKS
from quote_service.web.model.subjects.catalog import CAMPAIGNS, FLASH_SALES, INVENTORY, PRODUCTS
from quote_service.web.model.subjects.competition import COMPETITORS, LISTINGS, SOURCES
from quote_service.web.model.subjects.intelligence import (
    DECISIONS,
    MODELS,
    POLICIES,
    PRICE_EXPERIMENTS,
    SIGNALS,
    THRESHOLDS,
)
from quote_service.web.model.subjects.pricing import CHANGE_SETS, FLAGS, RATES, REPLAYS, RULES
from quote_service.web.model.subjects.selling import CUSTOMERS, LEDGER, ORDERS, SELLERS

SUBJECTS = {
    subject.area: subject
    for subject in (
        RULES,
        RATES,
        CHANGE_SETS,
        REPLAYS,
        PRODUCTS,
        INVENTORY,
        CAMPAIGNS,
        FLAGS,
        FLASH_SALES,
        COMPETITORS,
        SOURCES,
        LISTINGS,
        SIGNALS,
        THRESHOLDS,
        DECISIONS,
        POLICIES,
        MODELS,
        PRICE_EXPERIMENTS,
        CUSTOMERS,
        ORDERS,
        SELLERS,
        LEDGER,
        WEBHOOKS,
        PEOPLE,
        KEYS,
        AUDIT,
        DEAD_LETTERS,
    )
}
