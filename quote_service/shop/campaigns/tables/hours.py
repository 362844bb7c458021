"""The hours of campaigns as rows: what was sold until then, and what the price became.

Source: docs/spec/campaigns.md#the-price-path.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.shop.campaigns.model.campaign_price import CampaignPrice
from quote_service.shop.campaigns.model.campaigns import CampaignRecord, PricePoint
from quote_service.shop.campaigns.model.catalog_prices import PRICE_PLACES, price_point

_QUERIES = load_queries(__file__, "campaigns")
_INSERT = _QUERIES["insert_hour"]
_PAGE = _QUERIES["page_of_hours"]
_LAST = _QUERIES["last_hours"]


async def insert_hour(
    connection: Connection, campaign_id: UUID, price: CampaignPrice, starting: Decimal, becomes: Decimal, at: datetime
) -> None:
    """Write down what the price became at an hour."""
    await connection.execute(
        _INSERT, campaign_id, price.elapsed_hours, price.sold, starting, becomes, price.held_by, at
    )


async def page_of_hours(
    connection: Connection, campaign: CampaignRecord, *, after: int, limit: int
) -> list[PricePoint]:
    """Up to `limit` hours of a campaign behind the hour `after`, oldest first."""
    return [_point(campaign, row) for row in await connection.fetch(_PAGE, campaign.id, after, limit)]


async def last_hours(connection: Connection, campaign: CampaignRecord, limit: int) -> list[PricePoint]:
    """The last `limit` hours of a campaign, oldest first."""
    return [_point(campaign, row) for row in await connection.fetch(_LAST, campaign.id, limit)]


def _point(campaign: CampaignRecord, row: Record) -> PricePoint:
    price_micro, starting_micro = (
        scale_decimal(Decimal(row[name]), PRICE_PLACES) for name in ("price", "starting_price")
    )
    price = CampaignPrice(campaign.terms, row["hour"], row["sold"], price_micro, row["held_by"])
    point = price_point(price, starting_micro, campaign.currency)
    return msgspec.structs.replace(point, at=campaign.starts_at + timedelta(hours=row["hour"]))
