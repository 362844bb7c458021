"""Somebody calls a campaign off; the price that it moved goes back.

Source: docs/spec/campaigns.md#end-and-cancellation.
"""

from decimal import Decimal
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.campaigns.model.campaigns import CampaignRecord
from quote_service.shop.campaigns.model.errors import CampaignStateForbids
from quote_service.shop.campaigns.operations.run_campaigns import starting_price_of
from quote_service.shop.campaigns.tables.campaigns import (
    CampaignState,
    HeldCampaign,
    database_now,
    hold_campaign,
    read_campaign,
    write_state,
)
from quote_service.shop.catalog.model.prices import held_to
from quote_service.shop.catalog.operations.steer_price import hold_price, steer_price


async def cancel_campaign(change: Change, campaign_id: UUID, precondition: Precondition) -> CampaignRecord:
    """Cancel a campaign that is scheduled or active.

    Args:
        change: Its author.
        campaign_id: Which.
        precondition: The version that the author has seen.

    Raises:
        NotFound: There is no such campaign.
        Stale: It has been changed since.
        CampaignStateForbids: It is over.
    """
    held = await hold_campaign(change.connection, campaign_id)
    before = held.record
    precondition.require(str(campaign_id), before.version)
    if before.status not in ("scheduled", "active"):
        raise CampaignStateForbids(f"This campaign is {before.status} already")
    starting, last = await _give_back(change.connection, held, change.actor)
    now = await database_now(change.connection)
    await write_state(
        change.connection, campaign_id, CampaignState("cancelled", starting, last, None, now), change.actor, now
    )
    after = await read_campaign(change.connection, campaign_id)
    await change.record("campaign.cancel", before, after)
    return after


async def _give_back(connection: Connection, held: HeldCampaign, actor: str) -> tuple[Decimal | None, Decimal | None]:
    """Move the price back to the starting price; both as the campaign leaves them."""
    campaign = held.record
    if held.last_price is None:
        return None, None
    price = await hold_price(connection, campaign.product_id, campaign.variant_id, campaign.currency)
    if price is None:
        return campaign.starting_price, held.last_price
    starting = starting_price_of(held, price)
    becomes = held_to(starting, price.lowest, price.highest)
    await steer_price(
        connection,
        campaign.item_id,
        campaign.currency,
        price,
        becomes,
        reason="campaign",
        source_id=str(campaign.id),
        actor=actor,
        note="cancelled",
    )
    return starting, becomes
