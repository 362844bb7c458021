"""The routes of pricing rules."""

from litestar import Router

from quote_service.rulebook.pricing_rules.routes.read_rules import (
    compare_pricing_rules,
    list_pricing_rule_versions,
    list_pricing_rules,
    show_pricing_rule,
)
from quote_service.rulebook.pricing_rules.routes.write_rules import (
    add_pricing_rule,
    deactivate_pricing_rule,
    replace_pricing_rule,
    roll_back_pricing_rule,
)

pricing_rules = Router(
    "/api/v1/pricing-rules",
    route_handlers=[
        add_pricing_rule,
        list_pricing_rules,
        list_pricing_rule_versions,
        show_pricing_rule,
        replace_pricing_rule,
        deactivate_pricing_rule,
        roll_back_pricing_rule,
        compare_pricing_rules,
    ],
)
