"""Campaigns that are tried out: `/api/v1/campaigns/simulate`, `/api/v1/campaigns/{id}/simulate`.

Source: docs/spec/campaigns.md#simulation.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from quote_service.platform.callers.access import CAMPAIGN_READERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import one_answer
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.shop.campaigns.model.errors import CampaignStateForbids
from quote_service.shop.campaigns.model.simulations import CampaignSimulation, CampaignSimulationDraft, SalesPath
from quote_service.shop.campaigns.operations.simulate_campaign import simulate_draft, simulate_stored
from quote_service.shop.campaigns.routes import examples


@post(
    "/simulate",
    status_code=200,
    opt={
        "access": CAMPAIGN_READERS,
        "described": Described(
            body=CampaignSimulationDraft,
            body_example=examples.SIMULATION_DRAFT,
            answer=CampaignSimulation,
            answer_example=examples.SIMULATION,
            message="Simulation",
        ),
    },
)
async def simulate_new_campaign(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Simulate a campaign that is not stored.

    Sales of each hour in, the price of each hour out. Nothing changes.
    """
    return one_answer(simulate_draft(read_document(await request.body(), CampaignSimulationDraft)), "Simulation")


@post(
    "/{campaign_id:uuid}/simulate",
    status_code=200,
    opt={
        "access": CAMPAIGN_READERS,
        "described": Described(
            body=SalesPath,
            body_example=examples.SALES_PATH,
            answer=CampaignSimulation,
            answer_example=examples.SIMULATION,
            message="Simulation",
            problems=(CampaignStateForbids,),
        ),
    },
)
async def simulate_product_campaign(request: Request[Any, Any, Any], campaign_id: FromPath[UUID]) -> Response[bytes]:
    """Simulate a campaign.

    As it would go with these sales from its first hour on: from its starting price, or from the current price before it has
    started, within the bounds that the product has now. Nothing changes.
    """
    wanted = read_document(await request.body(), SalesPath)
    async with parts_of(request)[Database].snapshot() as connection:
        simulation = await simulate_stored(connection, campaign_id, wanted.hourly_sales)
    return one_answer(simulation, "Simulation")
