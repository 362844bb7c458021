"""Campaigns as they are planned, followed and called off: `/api/v1/campaigns`.

Source: docs/spec/campaigns.md#campaigns-in-the-api; docs/spec/wire.md#concurrent-changes-and-repeats.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.platform.callers.access import CAMPAIGN_READERS, CAMPAIGN_WRITERS
from quote_service.platform.http.cursors import NoFilters, Page
from quote_service.platform.http.endpoints.connections import (
    CreatingChange,
    Reading,
    Snapshot,
    WritingChange,
)
from quote_service.platform.http.endpoints.endpoint import get, post, put
from quote_service.platform.http.endpoints.results import Cursor, Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.system.errors import CampaignOverlaps, NameTaken
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.campaigns.model.campaigns import (
    CampaignDetail,
    CampaignDraft,
    CampaignRecord,
    PricePoint,
    campaign_faults,
)
from quote_service.shop.campaigns.model.errors import CampaignStateForbids
from quote_service.shop.campaigns.model.terms import CampaignStatus
from quote_service.shop.campaigns.operations.cancel_campaign import cancel_campaign
from quote_service.shop.campaigns.operations.create_campaign import create_campaign
from quote_service.shop.campaigns.operations.read_campaign import read_detail
from quote_service.shop.campaigns.operations.replace_campaign import replace_campaign
from quote_service.shop.campaigns.routes import examples
from quote_service.shop.campaigns.tables.campaigns import CAMPAIGN_ROWS, read_campaign
from quote_service.shop.campaigns.tables.hours import page_of_hours

_Hour = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class CampaignFilters(msgspec.Struct, frozen=True):
    """Which campaigns to list."""

    status: CampaignStatus | None = None
    """Only campaigns of this status, such as `active`."""
    product_id: UUID | None = None
    """Only campaigns of this product and its variants."""


@post(
    access=CAMPAIGN_WRITERS,
    message="Campaign created",
    location=Location("/api/v1/campaigns/{id}", "The campaign."),
    problems=(CampaignOverlaps, NameTaken),
    faults=campaign_faults,
)
async def create_product_campaign(change: CreatingChange, data: CampaignDraft) -> Tagged[CampaignRecord]:
    """Create a campaign.

    It starts at `starts_at`, or now. At each full hour it moves the product's price with demand, and at its end the price is
    the starting price again. A product can be in only one campaign in a currency at a time: otherwise the request fails with a
    conflict.
    """
    return await create_campaign(change, data)


@get(access=CAMPAIGN_READERS, listing=Listing("campaigns", CAMPAIGN_ROWS, CampaignFilters))
async def list_product_campaigns(rows: ListRequest[CampaignRecord]) -> ListAnswer:
    """List campaigns.

    Newest first.
    """
    return await rows.answer()


@get("/{campaign_id:uuid}", access=CAMPAIGN_READERS, message="Campaign")
async def show_product_campaign(connection: Snapshot, campaign_id: FromPath[UUID]) -> Tagged[CampaignDetail]:
    """Get a campaign.

    With its sales, turnover, average price and the prices of its hours.
    """
    return await read_detail(connection, campaign_id)


@get("/{campaign_id:uuid}/price-path", access=CAMPAIGN_READERS, cursor=Cursor("campaign-price-path", ("hour",)))
async def list_campaign_prices(
    connection: Reading, campaign_id: FromPath[UUID], page: Page[NoFilters, tuple[_Hour]]
) -> list[PricePoint]:
    """List prices of a campaign.

    What it made of the price at each of its hours, oldest first. An hour that no worker was up for is left out.
    """
    after = -1 if page.after is None else page.after[0]
    campaign = await read_campaign(connection, campaign_id)
    return await page_of_hours(connection, campaign, after=after, limit=page.limit + 1)


@put(
    "/{campaign_id:uuid}",
    access=CAMPAIGN_WRITERS,
    example={**examples.RECORD, "version": 2},
    message="Campaign replaced",
    problems=(CampaignOverlaps, CampaignStateForbids, NameTaken),
    faults=campaign_faults,
)
async def replace_product_campaign(
    change: WritingChange, campaign_id: FromPath[UUID], data: CampaignDraft, precondition: Precondition
) -> Tagged[CampaignRecord]:
    """Replace a campaign.

    Only while it is scheduled.
    """
    return await replace_campaign(change, campaign_id, data, precondition)


@post(
    "/{campaign_id:uuid}/cancel",
    status_code=200,
    access=CAMPAIGN_WRITERS,
    example={**examples.RECORD, "status": "cancelled", "version": 2},
    message="Campaign cancelled",
    problems=(CampaignStateForbids,),
)
async def cancel_product_campaign(
    change: WritingChange, campaign_id: FromPath[UUID], precondition: Precondition
) -> Tagged[CampaignRecord]:
    """Cancel a campaign that has not ended.

    The price of an active one goes back to the starting price at once.
    """
    return await cancel_campaign(change, campaign_id, precondition)
