"""Somebody plans a campaign again, before it begins.

Source: docs/spec/campaigns.md#campaigns-in-the-api.
"""

from uuid import UUID

import msgspec

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.campaigns.model.campaigns import CampaignDraft, CampaignRecord
from quote_service.shop.campaigns.model.errors import CampaignStateForbids
from quote_service.shop.campaigns.operations.plan_campaign import plan_campaign
from quote_service.shop.campaigns.operations.run_campaigns import begin_if_due
from quote_service.shop.campaigns.tables.campaigns import database_now, hold_campaign, read_campaign, replace_terms


async def replace_campaign(
    change: Change, campaign_id: UUID, draft: CampaignDraft, precondition: Precondition
) -> CampaignRecord:
    """Write what a campaign is to be, and begin it where its time has come.

    Args:
        change: Its author.
        campaign_id: Which.
        draft: The whole of it, without faults of its own (`campaign_faults`); without a start, that stays.
        precondition: The version that the author has seen.

    Raises:
        NotFound: There is no such campaign.
        Stale: It has been changed since.
        CampaignStateForbids: It has begun, or has been cancelled.
        Invalid, CampaignOverlaps, NameTaken: As `create_campaign`.
    """
    before = (await hold_campaign(change.connection, campaign_id)).record
    precondition.require(str(campaign_id), before.version)
    if before.status != "scheduled":
        raise CampaignStateForbids(f"This campaign is {before.status}: it can be replaced only before it starts")
    now = await database_now(change.connection)
    plan = await plan_campaign(change.connection, draft, campaign_id, before.starts_at, now)
    wanted = msgspec.structs.replace(
        before,
        name=draft.name,
        product_id=draft.product_id,
        variant_id=draft.variant_id,
        currency=plan.currency,
        duration=draft.duration,
        price_manipulation_limit=draft.price_manipulation_limit,
        target_sales_count=draft.target_sales_count,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
    )
    if wanted != before:
        await replace_terms(change.connection, wanted, change.actor, now)
        after = await read_campaign(change.connection, campaign_id)
        await change.record("campaign.replace", before, after)
    await begin_if_due(change.connection, campaign_id)
    return await read_campaign(change.connection, campaign_id)
