"""Campaigns as they are planned, followed and called off: `/api/v1/campaigns`.

Source: docs/spec/campaigns.md#campaigns-in-the-api; docs/spec/wire.md#concurrent-changes-and-repeats.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath

from quote_service.platform.callers.access import CAMPAIGN_READERS, CAMPAIGN_WRITERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import page_answer, tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.cursors import NoFilters, read_page
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import CampaignOverlaps, Invalid, NameTaken
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
from quote_service.shop.campaigns.tables.campaigns import page_of_campaigns, read_campaign
from quote_service.shop.campaigns.tables.hours import page_of_hours

_CAMPAIGNS = "campaigns"
_PATH = "campaign-price-path"
_Hour = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class CampaignFilters(msgspec.Struct, frozen=True):
    """Which campaigns to list."""

    status: CampaignStatus | None = None
    """Only campaigns of this status, such as `active`."""
    product_id: UUID | None = None
    """Only campaigns of this product and its variants."""


@post(
    "/",
    opt={
        "access": CAMPAIGN_WRITERS,
        "described": Described(
            body=CampaignDraft,
            body_example=examples.CAMPAIGN,
            answer=CampaignRecord,
            answer_example=examples.RECORD,
            message="Campaign created",
            repeatable=True,
            problems=(CampaignOverlaps, NameTaken),
            headers=created("The campaign."),
        ),
    },
)
async def create_product_campaign(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a campaign.

    It starts at `starts_at`, or now. At each full hour it moves the product's price with demand, and at its end the price is
    the starting price again. A product can be in only one campaign in a currency at a time: otherwise the request fails with a
    conflict.
    """
    draft = _read_draft(await request.body())
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await create_campaign(creation.connection, change_of(request), draft)
        return creation.created("/api/v1/campaigns", record, "Campaign created")


@get(
    "/",
    opt={
        "access": CAMPAIGN_READERS,
        "described": Described(
            answer=CampaignRecord, answer_example=examples.RECORD, form="list", query=CampaignFilters
        ),
    },
)
async def list_product_campaigns(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List campaigns.

    Newest first.
    """
    page = read_page(request.scope["query_string"], _CAMPAIGNS, CampaignFilters, tuple[UUID])
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_campaigns(
            connection,
            status=page.filters.status,
            product_id=page.filters.product_id,
            before=before,
            limit=page.limit + 1,
        )
    return page_answer(page, _CAMPAIGNS, rows, lambda row: (row.id,))


@get(
    "/{campaign_id:uuid}",
    opt={
        "access": CAMPAIGN_READERS,
        "described": Described(
            answer=CampaignDetail, answer_example=examples.DETAIL, message="Campaign", headers=VERSIONED
        ),
    },
)
async def show_product_campaign(request: Request[Any, Any, Any], campaign_id: FromPath[UUID]) -> Response[bytes]:
    """Get a campaign.

    With its sales, turnover, average price and the prices of its hours.
    """
    async with parts_of(request)[Database].snapshot() as connection:
        detail = await read_detail(connection, campaign_id)
    return tagged_answer(detail, "Campaign", detail.id, detail.version)


@get(
    "/{campaign_id:uuid}/price-path",
    opt={
        "access": CAMPAIGN_READERS,
        "described": Described(answer=PricePoint, answer_example=examples.POINT, form="list"),
    },
)
async def list_campaign_prices(request: Request[Any, Any, Any], campaign_id: FromPath[UUID]) -> Response[bytes]:
    """List prices of a campaign.

    What it made of the price at each of its hours, oldest first. An hour that no worker was up for is left out.
    """
    page = read_page(request.scope["query_string"], _PATH, NoFilters, tuple[_Hour])
    after = -1 if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        campaign = await read_campaign(connection, campaign_id)
        rows = await page_of_hours(connection, campaign, after=after, limit=page.limit + 1)
    return page_answer(page, _PATH, rows, lambda row: (row.hour,))


@put(
    "/{campaign_id:uuid}",
    opt={
        "access": CAMPAIGN_WRITERS,
        "described": Described(
            body=CampaignDraft,
            body_example=examples.CAMPAIGN,
            answer=CampaignRecord,
            answer_example={**examples.RECORD, "version": 2},
            message="Campaign replaced",
            conditional=True,
            problems=(CampaignOverlaps, CampaignStateForbids, NameTaken),
            headers=VERSIONED,
        ),
    },
)
async def replace_product_campaign(request: Request[Any, Any, Any], campaign_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a campaign.

    Only while it is scheduled.
    """
    draft = _read_draft(await request.body())
    async with parts_of(request)[Database].transaction() as connection:
        record = await replace_campaign(connection, change_of(request), campaign_id, draft, precondition_of(request))
    return tagged_answer(record, "Campaign replaced", record.id, record.version)


@post(
    "/{campaign_id:uuid}/cancel",
    status_code=200,
    opt={
        "access": CAMPAIGN_WRITERS,
        "described": Described(
            answer=CampaignRecord,
            answer_example={**examples.RECORD, "status": "cancelled", "version": 2},
            message="Campaign cancelled",
            conditional=True,
            problems=(CampaignStateForbids,),
            headers=VERSIONED,
        ),
    },
)
async def cancel_product_campaign(request: Request[Any, Any, Any], campaign_id: FromPath[UUID]) -> Response[bytes]:
    """Cancel a campaign that has not ended.

    The price of an active one goes back to the starting price at once.
    """
    async with parts_of(request)[Database].transaction() as connection:
        record = await cancel_campaign(connection, change_of(request), campaign_id, precondition_of(request))
    return tagged_answer(record, "Campaign cancelled", record.id, record.version)


def _read_draft(body: bytes) -> CampaignDraft:
    draft = read_document(body, CampaignDraft)
    if faults := campaign_faults(draft):
        raise Invalid.because(faults)
    return draft
