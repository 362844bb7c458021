"""Campaigns in PostgreSQL, hour by hour, by instants that are given.

Source: docs/spec/campaigns.md#how-a-campaign-runs; docs/spec/campaigns.md#end-and-cancellation.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import CampaignOverlaps
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.shop.campaigns.model.campaigns import CampaignDraft
from quote_service.shop.campaigns.model.errors import CampaignStateForbids
from quote_service.shop.campaigns.operations.replace_campaign import replace_campaign
from quote_service.shop.campaigns.operations.run_campaigns import Step, do_due_steps, seconds_until_due
from quote_service.shop.catalog.model.prices import PriceDraft
from quote_service.shop.catalog.tables.products import read_product
from tests.campaigns.running import Campaigns, an_author, audit_of, hours, past, prices_at


@pytest.fixture
def campaigns(database: Database) -> Campaigns:
    return Campaigns(database)


def a_price(currency: str = "TRY", base: Any = 100, **bounds: Any) -> PriceDraft:
    return PriceDraft(
        currency=currency,
        base_price=ExactNumber(base),
        **{name: ExactNumber(value) for name, value in bounds.items()},
    )


async def test_the_price_follows_demand_and_comes_back(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product())
    assert campaign.status == "active"
    assert campaign.starting_price == 100
    await campaigns.sell(campaign, 0.5, 50, 5000_00)
    assert await campaigns.tick(campaign, 0.99) == []
    assert await campaigns.tick(campaign, 1) == [Step(campaign.id, 1)]
    assert await campaigns.price(campaign) == 102
    await campaigns.sell(campaign, 1.5, 5, 510_00)
    for hour in range(2, 11):
        await campaigns.tick(campaign, hour + 0.25)
    # Always from the starting price: no move is a percentage of a price that was moved.
    moved = [102, 104, 106, 108, 110, 88, 86, 84, 82]
    expected = dict(enumerate(map(Decimal, [100, *moved, 100])))
    detail = await campaigns.detail(campaign)
    assert prices_at(detail) == expected
    assert await campaigns.moves(campaign) == [
        (old, new, "campaign") for old, new in zip([100, *moved], [*moved, 100], strict=True)
    ]
    assert (detail.status, detail.total_sales, detail.turnover, detail.average_item_price) == (
        "ended",
        55,
        Decimal(5510),
        Decimal("100.18"),
    )
    assert detail.current_price == detail.starting_price == detail.target_sales == 100
    point = detail.price_path[6]
    assert (point.total_sales, point.demand_coefficient) == (55, Decimal("0.916667"))
    assert point.at == campaign.starts_at + hours(6)
    statement, which = audit_of(campaign.id)
    actions = [row["action"] for row in await campaigns.sql(statement, which)]
    assert actions == ["campaign.create", "campaign.begin", "campaign.end"]
    sources = await campaigns.sql(
        "SELECT DISTINCT source_id, actor FROM price_history WHERE item_id = $1 AND reason = 'campaign'",
        campaign.product_id,
    )
    assert sources == [{"source_id": str(campaign.id), "actor": "test"}]
    assert await campaigns.tick(campaign, 20) == []


async def test_missed_hours_are_made_up_by_the_last_one_alone(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product())
    await campaigns.sell(campaign, 0.5, 99)
    await campaigns.sell(campaign, 7.2, 1000)
    assert await campaigns.tick(campaign, 7.5) == [Step(campaign.id, 7)]
    assert await campaigns.moves(campaign) == [(100, 114, "campaign")]
    point = (await campaigns.detail(campaign)).price_path[-1]
    # What is sold after the full hour counts for the next one, however late the worker is.
    assert (point.hour, point.total_sales) == (7, 99)
    assert await campaigns.tick(campaign, 9.5) == [Step(campaign.id, 9)]
    assert [point.total_sales for point in (await campaigns.detail(campaign)).price_path] == [0, 99, 1099]


async def test_a_campaign_that_was_slept_through_ends_without_a_move(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product(), starts_at=past(-1))
    assert (campaign.status, campaign.starting_price) == ("scheduled", None)
    assert await campaigns.tick(campaign, 11) == [Step(campaign.id, 10)]
    assert await campaigns.moves(campaign) == []
    assert (await campaigns.detail(campaign)).status == "ended"


async def test_a_campaign_that_ended_while_nobody_looked_gives_the_price_back(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product())
    await campaigns.tick(campaign, 5)
    assert await campaigns.price(campaign) == 90
    assert await campaigns.tick(campaign, 1000) == [Step(campaign.id, 10)]
    assert await campaigns.moves(campaign) == [(100, 90, "campaign"), (90, 100, "campaign")]


async def test_a_start_in_the_past_counts_what_was_sold_since(campaigns: Campaigns) -> None:
    product = await campaigns.product()
    start = past(3.5)
    await campaigns.sql(
        """INSERT INTO accepted_quote_lines VALUES (gen_random_uuid(), 1, $1, $2, 'TRY', 80, 800000, 'catalog')""",
        product.id,
        start + hours(1),
    )
    campaign = await campaigns.campaign(product, starts_at=start)
    assert campaign.status == "active"
    assert await campaigns.moves(campaign) == [(100, 106, "campaign")]
    assert list(prices_at(await campaigns.detail(campaign))) == [3]


@pytest.mark.parametrize(
    ("bounds", "sold", "path", "held_by"),
    [
        ({"min_price": 97}, 0, [98, 97, 97], "min_price"),
        ({"max_price": "101.99"}, 90, ["101.99", "101.99", "101.99"], "max_price"),
        ({"min_price": "98.123456"}, 0, ["98.123456"] * 3, "min_price"),
    ],
)
async def test_never_past_a_bound(
    campaigns: Campaigns, bounds: dict[str, Any], sold: int, path: list[Any], held_by: str
) -> None:
    campaign = await campaigns.campaign(await campaigns.product(a_price(**bounds)))
    await campaigns.sell(campaign, 0.1, sold or 1)
    for hour in (1, 2, 3):
        await campaigns.tick(campaign, hour)
    detail = await campaigns.detail(campaign)
    assert list(prices_at(detail).values())[1:] == [Decimal(price) for price in path]
    assert detail.price_path[-1].held_by == held_by
    await campaigns.tick(campaign, 10)
    assert await campaigns.price(campaign) == 100


async def test_a_bound_that_pushes_the_price_is_no_decision_about_it(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product())
    await campaigns.sell(campaign, 0.1, 99)
    await campaigns.tick(campaign, 5)
    assert await campaigns.price(campaign) == 110
    await campaigns.sql(
        "UPDATE product_prices SET current_price = 105, max_price = 105 WHERE item_id = $1", campaign.product_id
    )
    await campaigns.tick(campaign, 6)
    assert await campaigns.price(campaign) == 105
    await campaigns.tick(campaign, 10)
    assert await campaigns.price(campaign) == 100
    assert (await campaigns.detail(campaign)).starting_price == 100


async def test_a_price_set_by_hand_is_the_starting_price_from_then_on(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product())
    await campaigns.sell(campaign, 0.1, 99)
    await campaigns.tick(campaign, 1)
    await campaigns.set_price(campaign, 200)
    await campaigns.tick(campaign, 2)
    await campaigns.tick(campaign, 3)
    await campaigns.tick(campaign, 10)
    assert await campaigns.moves(campaign) == [
        (100, 102, "campaign"),
        (102, 200, "manual"),
        (200, 208, "campaign"),
        (208, 212, "campaign"),
        (212, 200, "campaign"),
    ]
    detail = await campaigns.detail(campaign)
    assert detail.starting_price == 200
    assert [point.starting_price for point in detail.price_path] == [100, 100, 200, 200, 200]


async def test_a_price_set_by_hand_before_the_end_stays(campaigns: Campaigns) -> None:
    ending, cancelled = [await campaigns.campaign(await campaigns.product()) for _ in range(2)]
    for campaign in (ending, cancelled):
        await campaigns.tick(campaign, 1)
        await campaigns.set_price(campaign, 150)
    await campaigns.tick(ending, 10)
    await campaigns.cancel(cancelled)
    assert [await campaigns.price(campaign) for campaign in (ending, cancelled)] == [150, 150]


async def test_a_cancelled_campaign_gives_the_price_back_at_once(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product())
    await campaigns.sell(campaign, 0, 7, 700_00)
    await campaigns.tick(campaign, 4)
    record = await campaigns.cancel(campaign)
    assert record.status == "cancelled"
    assert record.starting_price == 100
    assert await campaigns.moves(campaign) == [(100, 92, "campaign"), (92, 100, "campaign")]
    assert await campaigns.tick(campaign, 5) == []
    with pytest.raises(CampaignStateForbids):
        await campaigns.cancel(campaign)
    detail = await campaigns.detail(campaign)
    assert detail.total_sales == 7
    assert detail.turnover == 700
    # The product is free again.
    assert (await campaigns.campaign(await _product_of(campaigns, campaign.product_id))).status == "active"


async def test_a_campaign_cancelled_before_its_start_moves_nothing(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product(), starts_at=past(-5))
    record = await campaigns.cancel(campaign)
    assert (record.status, record.starting_price) == ("cancelled", None)
    assert await campaigns.tick(campaign, 1) == []
    assert await campaigns.moves(campaign) == []
    assert (await campaigns.detail(campaign)).total_sales == 0


async def test_many_workers_do_each_step_once(campaigns: Campaigns) -> None:
    planned = [await campaigns.campaign(await campaigns.product()) for _ in range(4)]
    for hour in (1, 2, 5):
        at = max(campaign.starts_at for campaign in planned) + hours(hour)
        done = await asyncio.gather(*(do_due_steps(campaigns.database, at) for _ in range(5)))
        steps = [step for steps in done for step in steps]
        for campaign in planned:
            assert [step for step in steps if step.campaign_id == campaign.id] == [Step(campaign.id, hour)]
    for campaign in planned:
        assert [new for _, new, _ in await campaigns.moves(campaign)] == [98, 96, 90]


async def test_one_campaign_that_has_to_wait_keeps_no_other_from_its_turn(campaigns: Campaigns) -> None:
    held, free = [await campaigns.campaign(await campaigns.product()) for _ in range(2)]
    holder = await campaigns.database._pool.acquire()
    try:
        async with holder.transaction():
            await holder.execute("SELECT id FROM products WHERE id = $1 FOR UPDATE", held.product_id)
            steps = await do_due_steps(campaigns.database, free.starts_at + hours(1))
    finally:
        await campaigns.database._pool.release(holder)
    found = {step.campaign_id: step for step in steps}
    assert (found[free.id].hour, found[free.id].failure) == (1, None)
    assert found[held.id].failure is not None
    assert await campaigns.tick(held, 1) == [Step(held.id, 1)]


async def test_of_two_that_overlap_only_one_is_written(campaigns: Campaigns) -> None:
    for wait in (0, -3):
        product = await campaigns.product()
        outcomes = await asyncio.gather(
            *(campaigns.campaign(product, starts_at=past(wait)) for _ in range(4)), return_exceptions=True
        )
        assert sum(isinstance(each, CampaignOverlaps) for each in outcomes) == 3, outcomes


async def test_the_database_itself_refuses_an_overlap(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product())
    copied = """INSERT INTO campaigns (
            id, name, product_id, currency, duration_hours, limit_percent, target_sales_count, starts_at, ends_at, status,
            next_step_at, created_by, created_at, changed_by, changed_at
        ) SELECT gen_random_uuid(), gen_random_uuid()::text, product_id, currency, duration_hours, limit_percent,
            target_sales_count, starts_at + $2, ends_at + $2, 'scheduled', starts_at + $2, created_by, created_at,
            changed_by, changed_at
        FROM campaigns WHERE id = $1"""
    for shift in (0, 9.99, -9.99):
        with pytest.raises(CampaignOverlaps):
            await campaigns.sql(copied, campaign.id, hours(shift))
    await campaigns.sql(copied, campaign.id, hours(10))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE campaigns SET duration_hours = 11, ends_at = starts_at + interval '11 hours' WHERE id = $1",
        "UPDATE campaigns SET status = 'scheduled' WHERE id = $1",
        "UPDATE campaigns SET ends_at = ends_at + interval '1 second' WHERE id = $1",
        "UPDATE campaigns SET next_step_at = NULL WHERE id = $1",
        "DELETE FROM campaigns WHERE id = $1",
        "UPDATE campaign_hours SET price = 1 WHERE campaign_id = $1",
        "DELETE FROM campaign_hours WHERE campaign_id = $1",
    ],
)
async def test_the_database_refuses_what_is_not_allowed(
    database_url: str, campaigns: Campaigns, statement: str
) -> None:
    campaign = await campaigns.campaign(await campaigns.product())
    connection = await asyncpg.connect(database_url)
    with pytest.raises((asyncpg.IntegrityConstraintViolationError, asyncpg.RestrictViolationError)):
        await connection.execute(statement, campaign.id)
    await connection.close()


async def test_the_next_campaign_waits_until_the_one_before_has_given_the_price_back(campaigns: Campaigns) -> None:
    product = await campaigns.product()
    first = await campaigns.campaign(product, duration=2)
    second = await campaigns.campaign(product, duration=2, starts_at=first.ends_at)
    await campaigns.tick(first, 1)
    assert await campaigns.price(first) == 90
    at = first.ends_at + timedelta(minutes=1)
    done = await asyncio.gather(*(do_due_steps(campaigns.database, at) for _ in range(4)))
    steps = [step for steps in done for step in steps if step.campaign_id in (first.id, second.id)]
    if len(steps) == 1:  # each saw the first still under way
        steps += [step for step in await do_due_steps(campaigns.database, at) if step.campaign_id == second.id]
    # Of several workers, which is asked first says nothing about who came first.
    assert {step.campaign_id: step for step in steps} == {first.id: Step(first.id, 2), second.id: Step(second.id, 0)}
    assert len(steps) == 2
    assert (await campaigns.detail(second)).starting_price == 100


async def test_a_campaign_that_is_created_behind_an_unfinished_one_waits_for_it(campaigns: Campaigns) -> None:
    product = await campaigns.product()
    first = await campaigns.campaign(product, duration=2, starts_at=past(1.5))
    assert await campaigns.price(first) == 90
    # As if its end had come meanwhile, and no worker.
    await campaigns.sql("ALTER TABLE campaigns DISABLE TRIGGER guard_campaign")
    await campaigns.sql(
        """UPDATE campaigns SET starts_at = starts_at - interval '1 hour', ends_at = ends_at - interval '1 hour',
            next_step_at = next_step_at - interval '1 hour' WHERE id = $1""",
        first.id,
    )
    await campaigns.sql("ALTER TABLE campaigns ENABLE TRIGGER guard_campaign")
    second = await campaigns.campaign(product, duration=2)
    assert second.status == "scheduled"
    await do_due_steps(campaigns.database)
    detail = await campaigns.detail(second)
    assert detail.status == "active"
    assert detail.starting_price == 100


async def test_currencies_are_apart(campaigns: Campaigns) -> None:
    product = await campaigns.product(a_price(), a_price("JPY", 1003), a_price("KWD", "7.125"))
    planned = [await campaigns.campaign(product, currency=currency, duration=3) for currency in ("TRY", "JPY", "KWD")]
    await campaigns.sell(planned[1], 0.5, 99, 99_297)
    await campaigns.sell(planned[2], 0.5, 2, 14_250)
    for campaign in planned:
        await campaigns.tick(campaign, 1.5)
    assert [await campaigns.price(campaign) for campaign in planned] == [
        Decimal("93.33"),
        1070,
        Decimal("6.650"),
    ]
    details = [await campaigns.detail(campaign) for campaign in planned]
    assert [str(each.turnover) for each in details] == ["0.00", "99297", "14.250"]
    assert [each.average_item_price and str(each.average_item_price) for each in details] == [None, "1003", "7.125"]


async def test_a_price_finer_than_its_currency_moves_by_its_own_digits_and_comes_back(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product(a_price(base="19.995")), duration=3)
    await campaigns.tick(campaign, 1)
    assert await campaigns.price(campaign) == Decimal("18.662")
    await campaigns.tick(campaign, 3)
    assert await campaigns.price(campaign) == Decimal("19.995")


async def test_a_price_never_becomes_too_large_to_be_one(campaigns: Campaigns) -> None:
    product = await campaigns.product(a_price(base="9999999999000"))
    campaign = await campaigns.campaign(product, price_manipulation_limit=100, duration=2)
    await campaigns.sell(campaign, 0.5, 100)
    await campaigns.tick(campaign, 1)
    assert await campaigns.price(campaign) == 9999999999999


async def test_a_price_that_is_gone_ends_the_campaign(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product())
    await campaigns.sql("DELETE FROM product_prices WHERE item_id = $1", campaign.product_id)
    assert await campaigns.tick(campaign, 1) == [Step(campaign.id, None)]
    detail = await campaigns.detail(campaign)
    assert (detail.status, detail.current_price) == ("cancelled", None)
    statement, which = audit_of(campaign.id)
    assert (await campaigns.sql(statement, which))[-1]["action"] == "campaign.fail"


async def test_sales_of_others_do_not_count(campaigns: Campaigns) -> None:
    product = await campaigns.product(a_price(), a_price("EUR"))
    campaign = await campaigns.campaign(product, currency="TRY")
    await campaigns.sell(campaign, -0.01, 1000)
    await campaigns.sell(campaign, 0.5, 1000, currency="EUR")
    await campaigns.sell(campaign, 0.5, 1000, product_id=(await campaigns.product()).id)
    await campaigns.sell(campaign, 0.5, 3)
    await campaigns.tick(campaign, 1)
    await campaigns.sell(campaign, 10, 1000)
    detail = await campaigns.detail(campaign)
    assert (detail.price_path[-1].total_sales, detail.total_sales) == (3, 3)


async def test_a_limit_of_nothing_leaves_the_price_alone(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product(), price_manipulation_limit=0)
    await campaigns.sell(campaign, 0.5, 1000)
    for hour in (1, 5, 10):
        await campaigns.tick(campaign, hour)
    assert await campaigns.moves(campaign) == []
    assert (await campaigns.detail(campaign)).total_sales == 1000


async def test_hours_make_no_new_version(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product())
    versions = [campaign.version]
    for hour in (1, 2, 10):
        await campaigns.tick(campaign, hour)
        versions.append((await campaigns.detail(campaign)).version)
    assert versions == [2, 2, 2, 3]


async def test_a_campaign_that_runs_is_not_replaced(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product())
    draft = CampaignDraft(
        name="x", product_id=campaign.product_id, duration=1, price_manipulation_limit=ExactNumber(1),
        target_sales_count=1,
    )  # fmt: skip
    with pytest.raises(CampaignStateForbids):
        async with campaigns.database.transaction() as connection:
            await replace_campaign(Change.within(connection, an_author()), campaign.id, draft, UNCONDITIONAL)


async def test_the_next_turn_is_known(campaigns: Campaigns) -> None:
    campaign = await campaigns.campaign(await campaigns.product())
    await do_due_steps(campaigns.database)
    seconds = await seconds_until_due(campaigns.database)
    assert seconds is not None
    assert seconds <= 3600
    await campaigns.cancel(campaign)


async def _product_of(campaigns: Campaigns, product_id: Any) -> Any:
    async with campaigns.database.read() as connection:
        return await read_product(connection, product_id)
