"""Campaigns and stock that move the same price.

Source: docs/spec/campaigns.md#stock; docs/decisions/campaign-prices.md.
"""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal
from typing import Any

import pytest

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.pool import Database
from quote_service.shop.campaigns.model.campaigns import CampaignRecord
from quote_service.shop.catalog.model.prices import PriceDraft
from tests.campaigns.running import Campaigns, past


@pytest.fixture
def campaigns(database: Database) -> Campaigns:
    return Campaigns(database)


async def put_stock(campaigns: Campaigns, campaign_or_product: Any, quantity: int, percent: int = 20) -> None:
    """Stock that is low at 10 and below, and then makes the price higher."""
    product_id = getattr(campaign_or_product, "product_id", None) or campaign_or_product.id
    await campaigns.sql(
        """INSERT INTO inventory (product_id, quantity, low_threshold, high_threshold, low_adjust_percent,
            high_adjust_percent, is_dynamic) VALUES ($1, $2, 10, 100, $3, 25, true)
        ON CONFLICT (item_id) DO UPDATE SET quantity = excluded.quantity,
            low_adjust_percent = excluded.low_adjust_percent""",
        product_id,
        quantity,
        percent,
    )


async def test_stock_counts_once_the_campaign_is_over(campaigns: Campaigns) -> None:
    product = await campaigns.product()
    await put_stock(campaigns, product, 50)
    campaign = await campaigns.campaign(product)
    await campaigns.tick(campaign, 1)
    await put_stock(campaigns, product, 5)
    await campaigns.tick(campaign, 2)
    assert await campaigns.price(campaign) == 96
    await campaigns.tick(campaign, 10)
    await put_stock(campaigns, product, 50)
    assert await campaigns.moves(campaign) == [
        (100, 98, "campaign"),
        (98, 96, "campaign"),
        (96, 100, "campaign"),
        (100, 120, "inventory"),
        (120, 100, "inventory"),
    ]


async def test_stock_that_was_low_before_and_is_not_after(campaigns: Campaigns) -> None:
    product = await campaigns.product()
    await put_stock(campaigns, product, 5)
    campaign = await campaigns.campaign(product)
    assert campaign.starting_price == 120
    await campaigns.tick(campaign, 5)
    await put_stock(campaigns, product, 50)
    assert await campaigns.price(campaign) == 108
    await campaigns.cancel(campaign)
    assert await campaigns.moves(campaign) == [
        (100, 120, "inventory"),
        (120, 108, "campaign"),
        (108, 120, "campaign"),
        (120, 100, "inventory"),
    ]
    actors = await campaigns.sql(
        "SELECT actor FROM price_history WHERE item_id = $1 ORDER BY id DESC LIMIT 1", product.id
    )
    assert actors == [{"actor": "test"}]


async def test_stock_that_is_where_it_was_moves_nothing(campaigns: Campaigns) -> None:
    product = await campaigns.product()
    await put_stock(campaigns, product, 5)
    campaign = await campaigns.campaign(product)
    for quantity in (50, 500, 4):
        await put_stock(campaigns, product, quantity, percent=40)
    await campaigns.tick(campaign, 10)
    # Another percentage counts from the next change of level, here as without a campaign.
    assert await campaigns.moves(campaign) == [(100, 120, "inventory")]


async def test_a_price_set_by_hand_meanwhile_is_what_stock_moves_then(campaigns: Campaigns) -> None:
    product = await campaigns.product()
    await put_stock(campaigns, product, 50)
    campaign = await campaigns.campaign(product)
    await put_stock(campaigns, product, 5)
    await campaigns.set_price(campaign, 200)
    await campaigns.tick(campaign, 10)
    await put_stock(campaigns, product, 50)
    assert await campaigns.moves(campaign) == [
        (100, 200, "manual"),
        (200, 240, "inventory"),
        (240, 200, "inventory"),
    ]


async def test_only_the_price_of_the_campaign_waits(campaigns: Campaigns) -> None:
    prices = [PriceDraft(currency=currency, base_price=ExactNumber(100)) for currency in ("EUR", "TRY")]
    product = await campaigns.product(*prices)
    await put_stock(campaigns, product, 50)
    campaign = await campaigns.campaign(product, currency="TRY")
    await put_stock(campaigns, product, 5)
    assert await prices_of(campaigns, campaign) == {"EUR": 120, "TRY": 100}
    await campaigns.tick(campaign, 10)
    assert await prices_of(campaigns, campaign) == {"EUR": 120, "TRY": 120}
    await put_stock(campaigns, product, 50)
    assert await prices_of(campaigns, campaign) == {"EUR": 100, "TRY": 100}


async def test_a_campaign_to_come_keeps_stock_from_nothing(campaigns: Campaigns) -> None:
    product = await campaigns.product()
    await put_stock(campaigns, product, 50)
    campaign = await campaigns.campaign(product, starts_at=past(-5))
    await put_stock(campaigns, product, 5)
    assert await campaigns.price(campaign) == 120


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_the_price_is_the_one_before_at_the_end(campaigns: Campaigns, seed: int) -> None:
    """Stock as it was, and the campaign over: no move of either is left behind."""
    chance = random.Random(seed)
    product = await campaigns.product(
        PriceDraft(currency="TRY", base_price=ExactNumber("99.99"), max_price=ExactNumber(115))
    )
    await put_stock(campaigns, product, 50)
    for _ in range(3):
        campaign = await campaigns.campaign(product, duration=5)
        for hour in range(1, 5):
            await put_stock(campaigns, product, chance.choice([1, 50, 200]))
            await campaigns.sell(campaign, hour - 0.5, chance.randint(1, 40))
            await campaigns.tick(campaign, hour)
        if chance.random() < 0.5:
            await campaigns.cancel(campaign)
        else:
            await campaigns.tick(campaign, 5)
        await put_stock(campaigns, product, chance.choice([1, 50, 200]))
    await put_stock(campaigns, product, 50)
    assert await campaigns.price(campaign) == Decimal("99.99")


async def test_stock_and_campaigns_at_once_leave_no_move_behind(campaigns: Campaigns) -> None:
    product = await campaigns.product()
    await put_stock(campaigns, product, 50)
    campaign = await campaigns.campaign(product, duration=100)

    async def change_stock() -> None:
        for quantity in (5, 50, 200, 50, 5, 50, 3):
            await put_stock(campaigns, product, quantity)

    async def run_hours() -> None:
        for hour in range(1, 30):
            await campaigns.tick(campaign, hour)
        await campaigns.cancel(campaign)

    await asyncio.gather(change_stock(), run_hours())
    assert await campaigns.price(campaign) == 120
    await put_stock(campaigns, product, 50)
    assert await campaigns.price(campaign) == 100
    moves = await campaigns.moves(campaign)
    assert [old for old, _, _ in moves[1:]] == [new for _, new, _ in moves[:-1]]


async def prices_of(campaigns: Campaigns, campaign: CampaignRecord) -> dict[str, Decimal]:
    rows = await campaigns.sql(
        "SELECT currency, current_price FROM product_prices WHERE item_id = $1", campaign.product_id
    )
    return {row["currency"]: row["current_price"] for row in rows}
