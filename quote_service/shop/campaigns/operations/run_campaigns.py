"""Move prices at the full hours of campaigns; any number of workers may try, one does each.

A step is one transaction: the price, its history, the hour's row and the campaign's state, or nothing. It depends on the
hours that are full and on what was sold until then, so that hours which nobody worked out are made up by the next one.

Source: docs/spec/campaigns.md#how-a-campaign-runs.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.instants import to_micros
from quote_service.platform.system.traces import traced_work
from quote_service.shop.campaigns.model.campaign_price import campaign_price
from quote_service.shop.campaigns.model.campaigns import CampaignRecord
from quote_service.shop.campaigns.model.catalog_prices import PRICE_PLACES, bounds_of
from quote_service.shop.campaigns.tables.campaigns import (
    CampaignState,
    Due,
    HeldCampaign,
    next_due,
    read_campaign,
    seconds_to_next_step,
    write_state,
)
from quote_service.shop.campaigns.tables.hours import insert_hour
from quote_service.shop.campaigns.tables.sales import read_sales
from quote_service.shop.catalog.model.prices import held_to
from quote_service.shop.catalog.operations.steer_price import SteeredPrice, hold_price, steer_price

_ACTOR = "campaign schedule"
_HOUR = timedelta(hours=1)


class Step(NamedTuple):
    """A campaign whose turn it was; `hour` is None where its price was gone, `failure` why it has to wait."""

    campaign_id: UUID
    hour: int | None = None
    failure: Unavailable | None = None


@traced_work("run campaigns")
async def do_due_steps(database: Database, at: datetime | None = None) -> list[Step]:
    """Take every campaign whose time has come a step on, each in a transaction of its own.

    A campaign that cannot be taken on, such as one whose product an import holds, keeps no other from its turn.

    Args:
        database: Of the service.
        at: The instant to judge by; None for PostgreSQL's clock.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    steps: list[Step] = []
    while True:
        waiting = [step.campaign_id for step in steps if step.failure is not None]
        step = await _do_next_step(database, at, waiting)
        if step is None:
            return steps
        steps.append(step)


async def begin_if_due(connection: Connection, campaign_id: UUID) -> None:
    """Begin one campaign where its time has come, and no earlier one has still to give the price back.

    Args:
        connection: Inside the transaction in which the campaign was written.
        campaign_id: Which.
    """
    due = await next_due(connection, None, only=campaign_id)
    if due is not None:
        await _take_step(connection, due)


async def seconds_until_due(database: Database) -> float | None:
    """How long until the next full hour of a campaign, or the next start; None where none waits for that."""
    async with database.read() as connection:
        return await seconds_to_next_step(connection)


def starting_price_of(held: HeldCampaign, price: SteeredPrice) -> Decimal:
    """What the campaign's moves are a percentage of from now on.

    A price that is no longer what the campaign made it has been decided by somebody, and counts from then on. One that
    only a bound has pushed has not.

    Source: docs/decisions/campaign-prices.md.
    """
    if held.last_price is None or held.record.starting_price is None:
        return price.current
    expected = held_to(held.last_price, price.lowest, price.highest)
    return held.record.starting_price if price.current == expected else price.current


async def _do_next_step(database: Database, at: datetime | None, passed_over: list[UUID]) -> Step | None:
    due = None
    try:
        async with database.transaction() as connection:
            due = await next_due(connection, at, passed_over=passed_over)
            if due is None:
                return None
            hour = await _take_step(connection, due)
            crash_point("before_campaign_commit")
    except Unavailable as failure:
        if due is None:
            raise
        return Step(due.campaign.record.id, failure=failure)
    crash_point("after_campaign_commit")
    return Step(due.campaign.record.id, hour)


async def _take_step(connection: Connection, due: Due) -> int | None:
    """Work out the price at the last full hour; the hour, or None where there is no price any more."""
    held, campaign, at = due.campaign, due.campaign.record, due.at
    # Behind the campaign, whose row nobody else waits for who holds the product.
    price = await hold_price(connection, campaign.product_id, campaign.variant_id, campaign.currency)
    if price is None:
        state = CampaignState("cancelled", campaign.starting_price, held.last_price, None, at)
        await _write(connection, campaign, state, at, "campaign.fail")
        return None
    starting = starting_price_of(held, price)
    hour = min((at - campaign.starts_at) // _HOUR, campaign.duration)
    until = campaign.starts_at + hour * _HOUR
    sales = await read_sales(
        connection, campaign.product_id, campaign.variant_id, campaign.currency, campaign.starts_at, until
    )
    bounds = bounds_of(starting, price.lowest, price.highest, campaign.currency)
    decided = campaign_price(campaign.terms, bounds, hour, sales.units)
    becomes = Decimal(decided.price_minor).scaleb(-PRICE_PLACES)
    await steer_price(
        connection,
        campaign.item_id,
        campaign.currency,
        price,
        becomes,
        reason="campaign",
        source_id=str(campaign.id),
        actor=campaign.created_by,
        note="ended" if decided.is_ended else f"hour {hour} of {campaign.duration}",
    )
    await insert_hour(connection, campaign.id, decided, starting, becomes, at)
    if decided.is_ended:
        state = CampaignState("ended", starting, becomes, None, at)
        await _write(connection, campaign, state, at, "campaign.end")
    else:
        state = CampaignState("active", starting, becomes, until + _HOUR, None)
        await _write(connection, campaign, state, at, "campaign.begin" if campaign.status == "scheduled" else None)
    return hour


async def _write(
    connection: Connection, before: CampaignRecord, state: CampaignState, at: datetime, action: str | None
) -> None:
    await write_state(connection, before.id, state, _ACTOR, at)
    if action is not None:
        change = change_by_system(_ACTOR, to_micros(at))
        await Change.within(connection, change).record(action, before, await read_campaign(connection, before.id))
