"""What a campaign is to be: its terms held against the catalog, the clock and other campaigns.

Source: docs/spec/campaigns.md#campaigns-in-the-api.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import CampaignOverlaps, Invalid, NotFound
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.shop.campaigns.model.campaigns import CampaignDraft
from quote_service.shop.campaigns.model.terms import DURATION_HOURS_MAX
from quote_service.shop.campaigns.tables.campaigns import find_clash
from quote_service.shop.catalog.operations.write_product import hold_product

_AHEAD = timedelta(hours=DURATION_HOURS_MAX)


class Plan(NamedTuple):
    """What a draft leaves open."""

    currency: str
    starts_at: datetime
    ends_at: datetime


async def plan_campaign(
    connection: Connection, draft: CampaignDraft, campaign_id: UUID, starts_at: datetime, now: datetime
) -> Plan:
    """Hold a draft against what there is, and keep its product from others until the transaction ends.

    Args:
        draft: Without faults of its own (`campaign_faults`).
        campaign_id: Which campaign it is to be.
        starts_at: When it begins if the draft does not say.
        now: The instant by PostgreSQL's clock.

    Raises:
        Invalid: There is no such price to move, or the period cannot be.
        CampaignOverlaps: Another campaign of the product and currency is not over in this period.
    """
    currency = await _find_currency(connection, draft)
    starts_at = draft.starts_at or starts_at
    if starts_at > now + _AHEAD:
        raise Invalid.at("/starts_at", "must be at most ten years ahead")
    ends_at = starts_at + timedelta(hours=draft.duration)
    if ends_at <= now:
        raise Invalid.at("/starts_at", "the campaign would be over already")
    clash = await find_clash(connection, campaign_id, draft.product_id, currency, starts_at, ends_at)
    if clash is not None:
        detail = f'The campaign "{clash[1]}" has the product in this currency in this period'
        raise CampaignOverlaps(detail, campaign_id=str(clash[0]))
    return Plan(currency, starts_at, ends_at)


async def _find_currency(connection: Connection, draft: CampaignDraft) -> str:
    """The currency of the price that is to be moved."""
    try:
        product = await hold_product(connection, draft.product_id, UNCONDITIONAL)
    except NotFound:
        raise Invalid.at("/product_id", "is not in the catalog") from None
    if not product.is_active:
        raise Invalid.at("/product_id", "is a product that is not active")
    if not product.prices:
        raise Invalid.at("/product_id", "is a product without prices")
    prices = product.prices
    if draft.variant_id is not None:
        variants = {variant.id: variant for variant in product.variants}
        if draft.variant_id not in variants:
            raise Invalid.at("/variant_id", "the product has no such variant")
        prices = variants[draft.variant_id].prices
    if draft.currency is None and len(prices) > 1:
        raise Invalid.at("/currency", "is required for a product that is sold in several currencies")
    price = next((each for each in prices if draft.currency in (None, each.currency)), None)
    if price is None:
        raise Invalid.at("/currency", "the product has no prices in this currency")
    if draft.variant_id is not None and "current_price" not in price.own:
        raise Invalid.at("/variant_id", "has the current_price of its product, which a campaign of the product moves")
    return price.currency
