"""What was sold of a product: the lines of accepted quotes.

Source: docs/spec/campaigns.md#what-counts-as-sold.
"""

from datetime import datetime
from uuid import UUID

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.shop.campaigns.model.catalog_prices import PRICE_PLACES
from quote_service.shop.campaigns.model.sales import CampaignSales

STATEMENTS = Statements(__file__, "sales")


async def read_sales(
    connection: Connection, product_id: UUID, variant_id: UUID | None, currency: str, begin: datetime, end: datetime
) -> CampaignSales:
    """Units sold from `begin` until before `end`, and what they cost after discounts, in millionths of a major unit."""
    if variant_id is None:
        row = await connection.fetchrow(STATEMENTS["sales_of_product"], product_id, currency, begin, end)
    else:
        row = await connection.fetchrow(STATEMENTS["sales_of_variant"], product_id, currency, begin, end, variant_id)
    assert row is not None
    return CampaignSales(row["units"], int(row["turnover_minor"]) * 10 ** (PRICE_PLACES - EXPONENTS.get(currency, 2)))
