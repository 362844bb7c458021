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
from quote_service.platform.postgres.statements import Statements
from quote_service.shop.campaigns.model.campaign_price import CampaignPrice
from quote_service.shop.campaigns.model.campaigns import CampaignRecord, PricePoint
from quote_service.shop.campaigns.model.catalog_prices import PRICE_PLACES, price_point

STATEMENTS = Statements(__file__, "campaigns")


@STATEMENTS.query()
async def insert_hour(
    connection: Connection, campaign_id: UUID, price: CampaignPrice, starting: Decimal, becomes: Decimal, at: datetime
) -> None:
    """Write down what the price became at an hour."""


async def page_of_hours(
    connection: Connection, campaign: CampaignRecord, *, after: int, limit: int
) -> list[PricePoint]:
    """Up to `limit` hours of a campaign behind the hour `after`, oldest first."""
    return [
        _point(campaign, row) for row in await connection.fetch(STATEMENTS["page_of_hours"], campaign.id, after, limit)
    ]


async def last_hours(connection: Connection, campaign: CampaignRecord, limit: int) -> list[PricePoint]:
    """The last `limit` hours of a campaign, oldest first."""
    return [_point(campaign, row) for row in await connection.fetch(STATEMENTS["last_hours"], campaign.id, limit)]


def _point(campaign: CampaignRecord, row: Record) -> PricePoint:
    price_micro, starting_micro = (
        scale_decimal(Decimal(row[name]), PRICE_PLACES) for name in ("price", "starting_price")
    )
    price = CampaignPrice(campaign.terms, row["hour"], row["sold"], price_micro, row["held_by"])
    point = price_point(price, starting_micro, campaign.currency)
    return msgspec.structs.replace(point, at=campaign.starts_at + timedelta(hours=row["hour"]))
