"""Every route of campaigns, under its path."""

from litestar import Router

from quote_service.shop.campaigns.routes.campaigns import (
    cancel_product_campaign,
    create_product_campaign,
    list_campaign_prices,
    list_product_campaigns,
    replace_product_campaign,
    show_product_campaign,
)
from quote_service.shop.campaigns.routes.examples import EXAMPLES
from quote_service.shop.campaigns.routes.simulations import simulate_new_campaign, simulate_product_campaign

campaigns = Router(
    "/api/v1/campaigns",
    route_handlers=[
        create_product_campaign,
        list_product_campaigns,
        simulate_new_campaign,
        show_product_campaign,
        replace_product_campaign,
        cancel_product_campaign,
        list_campaign_prices,
        simulate_product_campaign,
    ],
    opt={"examples": EXAMPLES},
)
