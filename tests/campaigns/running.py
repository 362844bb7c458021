"""Campaigns in a database, moved on by instants of the test's choice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author, change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.shop.campaigns.model.campaigns import CampaignDetail, CampaignDraft, CampaignRecord
from quote_service.shop.campaigns.operations.cancel_campaign import cancel_campaign
from quote_service.shop.campaigns.operations.create_campaign import create_campaign
from quote_service.shop.campaigns.operations.read_campaign import read_detail
from quote_service.shop.campaigns.operations.run_campaigns import Step, do_due_steps
from quote_service.shop.catalog.model.price_changes import PriceChangeDraft
from quote_service.shop.catalog.model.prices import PriceDraft
from quote_service.shop.catalog.model.products import ProductDraft, ProductRecord
from quote_service.shop.catalog.operations.change_price import change_price
from quote_service.shop.catalog.operations.write_product import create_product


def an_author() -> Author:
    return change_by_system("test", now_us())


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@dataclass
class Campaigns:
    """What a test does with campaigns."""

    database: Database

    async def product(self, *prices: PriceDraft) -> ProductRecord:
        """A product, sold for 100 TRY without bounds unless said otherwise."""
        given = list(prices) or [PriceDraft(currency="TRY", base_price=ExactNumber(100))]
        async with self.database.transaction() as connection:
            return await create_product(
                Change.within(connection, an_author()), ProductDraft(sku=uuid4().hex, name="jacket", prices=given)
            )

    async def campaign(self, product: ProductRecord, **fields: Any) -> CampaignRecord:
        """A campaign of 10 hours that is to sell 100, and may move the price by 20 %; it begins now."""
        fields = {"duration": 10, "price_manipulation_limit": 20, "target_sales_count": 100, **fields}
        limit = ExactNumber(fields.pop("price_manipulation_limit"))
        draft = CampaignDraft(name=uuid4().hex, product_id=product.id, price_manipulation_limit=limit, **fields)
        async with self.database.transaction() as connection:
            return await create_campaign(Change.within(connection, an_author()), draft)

    async def tick(self, campaign: CampaignRecord, hour: float) -> list[Step]:
        """What a worker does so many hours after a campaign's start, as far as it is about this campaign."""
        return [
            step
            for step in await do_due_steps(self.database, campaign.starts_at + hours(hour))
            if step.campaign_id == campaign.id
        ]

    async def sell(
        self, campaign: CampaignRecord, hour: float, quantity: int, net_minor: int = 0, **fields: Any
    ) -> None:
        """Units sold so many hours after a campaign's start."""
        line = {"product_id": campaign.product_id, "currency": campaign.currency, "variant_id": None, **fields}
        async with self.database.transaction() as connection:
            await connection.execute(
                """INSERT INTO accepted_quote_lines (
                    quote_id, line, accepted_at, quantity, net_minor, price_source, product_id, currency, variant_id
                ) VALUES (gen_random_uuid(), 1, $1, $2, $3, 'catalog', $4, $5, $6)""",
                campaign.starts_at + hours(hour), quantity, net_minor, *line.values(),
            )  # fmt: skip

    async def price(self, campaign: CampaignRecord) -> Decimal:
        """The current price that the campaign is about."""
        async with self.database.read() as connection:
            found = await connection.fetchval(
                "SELECT current_price FROM product_prices WHERE item_id = $1 AND currency = $2",
                campaign.item_id,
                campaign.currency,
            )
        assert isinstance(found, Decimal)
        return found

    async def set_price(self, campaign: CampaignRecord, price: int) -> None:
        """Somebody moves the price by hand."""
        draft = PriceChangeDraft(price=ExactNumber(price), currency=campaign.currency)
        async with self.database.transaction() as connection:
            await change_price(Change.within(connection, an_author()), campaign.product_id, draft, UNCONDITIONAL)

    async def cancel(self, campaign: CampaignRecord) -> CampaignRecord:
        async with self.database.transaction() as connection:
            return await cancel_campaign(Change.within(connection, an_author()), campaign.id, UNCONDITIONAL)

    async def detail(self, campaign: CampaignRecord) -> CampaignDetail:
        async with self.database.snapshot() as connection:
            return await read_detail(connection, campaign.id)

    async def moves(self, campaign: CampaignRecord) -> list[tuple[int, int, str]]:
        """Old price, new price and reason of each move but the first, oldest first."""
        async with self.database.read() as connection:
            rows = await connection.fetch(
                """SELECT old_price, new_price, reason FROM price_history
                WHERE item_id = $1 AND currency = $2 AND old_price IS NOT NULL ORDER BY id""",
                campaign.item_id,
                campaign.currency,
            )
        return [(row["old_price"], row["new_price"], row["reason"]) for row in rows]

    async def sql(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        async with self.database.transaction() as connection:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]


def past(count: float) -> datetime:
    """An instant so many hours ago."""
    return datetime.now(UTC) - hours(count)


def prices_at(detail: CampaignDetail) -> dict[int, Decimal]:
    """The price of each hour that was worked out."""
    return {point.hour: Decimal(point.price) for point in detail.price_path}


def audit_of(campaign_id: UUID) -> tuple[str, str]:
    """The statement that finds the audit rows of a campaign, and its argument."""
    return "SELECT action FROM audit_log WHERE object_id = $1 ORDER BY id", str(campaign_id)
