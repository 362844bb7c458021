"""Campaigns that are tried out: `/api/v1/campaigns/simulate`, `/api/v1/campaigns/{id}/simulate`.

Source: docs/spec/campaigns.md#simulation.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import CAMPAIGN_READERS
from quote_service.platform.http.endpoints.connections import Snapshot
from quote_service.platform.http.endpoints.endpoint import post
from quote_service.shop.campaigns.model.errors import CampaignStateForbids
from quote_service.shop.campaigns.model.simulations import CampaignSimulation, CampaignSimulationDraft, SalesPath
from quote_service.shop.campaigns.operations.simulate_campaign import simulate_draft, simulate_stored
from quote_service.shop.campaigns.routes import examples


@post(
    "/simulate",
    status_code=200,
    access=CAMPAIGN_READERS,
    body_example=examples.SIMULATION_DRAFT,
    message="Simulation",
)
async def simulate_new_campaign(data: CampaignSimulationDraft) -> CampaignSimulation:
    """Simulate a campaign that is not stored.

    Sales of each hour in, the price of each hour out. Nothing changes.
    """
    return simulate_draft(data)


@post(
    "/{campaign_id:uuid}/simulate",
    status_code=200,
    access=CAMPAIGN_READERS,
    message="Simulation",
    problems=(CampaignStateForbids,),
)
async def simulate_product_campaign(
    connection: Snapshot, campaign_id: FromPath[UUID], data: SalesPath
) -> CampaignSimulation:
    """Simulate a campaign.

    As it would go with these sales from its first hour on: from its starting price, or from the current price before it has
    started, within the bounds that the product has now. Nothing changes.
    """
    return await simulate_stored(connection, campaign_id, data.hourly_sales)
