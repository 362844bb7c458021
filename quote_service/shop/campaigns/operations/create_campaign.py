"""Somebody plans a campaign.

Source: docs/spec/campaigns.md#campaigns-in-the-api.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.new_ids import new_id
from quote_service.shop.campaigns.model.campaigns import CampaignDraft, CampaignRecord
from quote_service.shop.campaigns.operations.plan_campaign import plan_campaign
from quote_service.shop.campaigns.operations.run_campaigns import begin_if_due
from quote_service.shop.campaigns.tables.campaigns import database_now, insert_campaign, read_campaign


async def create_campaign(change: Change, draft: CampaignDraft) -> CampaignRecord:
    """Write a campaign, and begin it where its time has come.

    Args:
        change: Its author.
        draft: Without faults of its own (`campaign_faults`).

    Raises:
        Invalid, CampaignOverlaps: As `plan_campaign`.
        NameTaken: Another campaign has its name.
    """
    now = await database_now(change.connection)
    campaign_id = UUID(new_id(change.at_us // 1000))
    plan = await plan_campaign(change.connection, draft, campaign_id, now, now)
    record = CampaignRecord(
        id=campaign_id,
        name=draft.name,
        product_id=draft.product_id,
        variant_id=draft.variant_id,
        currency=plan.currency,
        duration=draft.duration,
        price_manipulation_limit=draft.price_manipulation_limit,
        target_sales_count=draft.target_sales_count,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        status="scheduled",
        starting_price=None,
        stopped_at=None,
        version=1,
        created_by=change.actor,
        created_at=now,
        changed_by=change.actor,
        changed_at=now,
    )
    await insert_campaign(change.connection, record)
    await change.record("campaign.create", None, record)
    await begin_if_due(change.connection, campaign_id)
    return await read_campaign(change.connection, campaign_id)
