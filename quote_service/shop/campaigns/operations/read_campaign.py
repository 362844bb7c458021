"""What has become of a campaign.

Source: docs/spec/campaigns.md#what-a-campaign-shows.
"""

from uuid import UUID

from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.postgres.pool import Connection
from quote_service.shop.campaigns.model.campaigns import CampaignDetail
from quote_service.shop.campaigns.model.catalog_prices import PRICE_PLACES, amount_of, average_of, price_of
from quote_service.shop.campaigns.tables.campaigns import read_campaign
from quote_service.shop.campaigns.tables.hours import last_hours
from quote_service.shop.campaigns.tables.sales import read_sales
from quote_service.shop.catalog.operations.steer_price import read_steered_price

PATH_HOURS = 200


async def read_detail(connection: Connection, campaign_id: UUID) -> CampaignDetail:
    """A campaign with its sales, its price and its last hours.

    Args:
        connection: Inside a snapshot, so that all figures are of one moment.
        campaign_id: Which.

    Raises:
        NotFound: There is no such campaign.
    """
    campaign = await read_campaign(connection, campaign_id)
    until = campaign.ends_at
    if campaign.status == "cancelled" and campaign.stopped_at is not None:
        until = min(until, campaign.stopped_at)
    sales = await read_sales(
        connection, campaign.product_id, campaign.variant_id, campaign.currency, campaign.starts_at, until
    )
    price = await read_steered_price(connection, campaign.item_id, campaign.currency)
    return CampaignDetail(
        **{name: getattr(campaign, name) for name in campaign.__struct_fields__},
        target_sales=campaign.target_sales_count,
        total_sales=sales.units,
        turnover=amount_of(sales.turnover_minor, campaign.currency),
        average_item_price=average_of(sales, campaign.currency),
        current_price=None
        if price is None
        else price_of(scale_decimal(price.current, PRICE_PLACES), campaign.currency),
        price_path=await last_hours(connection, campaign, PATH_HOURS),
    )
