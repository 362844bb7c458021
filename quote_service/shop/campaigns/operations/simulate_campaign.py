"""Try a campaign out, stored or not.

Source: docs/spec/campaigns.md#simulation.
"""

from decimal import Decimal
from uuid import UUID

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.money.quantities import FACTOR_PLACES, quantity_faults
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.shop.campaigns.model.catalog_prices import PRICE_PLACES, bounds_of
from quote_service.shop.campaigns.model.errors import CampaignStateForbids
from quote_service.shop.campaigns.model.simulations import CampaignSimulation, CampaignSimulationDraft, simulation_of
from quote_service.shop.campaigns.model.terms import CampaignTerms
from quote_service.shop.campaigns.tables.campaigns import read_campaign
from quote_service.shop.catalog.operations.steer_price import SteeredPrice, read_steered_price


async def simulate_stored(connection: Connection, campaign_id: UUID, hourly_sales: list[int]) -> CampaignSimulation:
    """Play a campaign through from its starting price, or from the price as it is where it has none yet.

    Args:
        connection: Inside a snapshot.
        campaign_id: Which.
        hourly_sales: Units sold in each hour.

    Raises:
        NotFound: There is no such campaign.
        Invalid: There are more figures than hours.
        CampaignStateForbids: It has not begun, and there is no price that it could begin from.
    """
    campaign = await read_campaign(connection, campaign_id)
    price = await read_steered_price(connection, campaign.item_id, campaign.currency)
    if price is None:
        if campaign.starting_price is None:
            raise CampaignStateForbids("The product is no longer sold in the currency of this campaign")
        price = SteeredPrice(campaign.starting_price, Decimal(0), None)
    starting = price.current if campaign.starting_price is None else campaign.starting_price
    _require_hours(campaign.duration, hourly_sales)
    bounds = bounds_of(starting, price.lowest, price.highest, campaign.currency)
    return simulation_of(campaign.terms, bounds, hourly_sales, campaign.currency)


def simulate_draft(draft: CampaignSimulationDraft) -> CampaignSimulation:
    """Play a campaign through that is not stored.

    Raises:
        Invalid: With everything about it that cannot be.
    """
    if draft.currency not in EXPONENTS:
        raise Invalid.at("/currency", "is not an ISO 4217 currency code")
    if faults := tuple(quantity_faults(draft, "", FACTOR_PLACES)):
        raise Invalid.because(faults)
    faults = _bound_faults(draft)
    if faults:
        raise Invalid.because(faults)
    _require_hours(draft.duration, draft.hourly_sales)
    limit = scale_decimal(draft.price_manipulation_limit, PRICE_PLACES)
    return simulation_of(
        CampaignTerms(draft.duration, limit, draft.target_sales_count),
        bounds_of(draft.starting_price, draft.min_price, draft.max_price, draft.currency),
        draft.hourly_sales,
        draft.currency,
    )


def _bound_faults(draft: CampaignSimulationDraft) -> tuple[Fault, ...]:
    if draft.max_price is not None and draft.max_price < draft.min_price:
        return (Fault("/max_price", "must not be less than min_price"),)
    if draft.starting_price < draft.min_price or (
        draft.max_price is not None and draft.starting_price > draft.max_price
    ):
        return (Fault("/starting_price", "must be from min_price to max_price"),)
    return ()


def _require_hours(duration: int, hourly_sales: list[int]) -> None:
    if len(hourly_sales) > duration:
        raise Invalid.at("/hourly_sales", f"has more figures than the campaign has hours, which are {duration}")
