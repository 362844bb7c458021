"""Products in a database of a test, and everything that may bear on their prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from quote_service.intelligence.competitors.model.competitors import CompetitorDraft, SkuMap, SkuMapping
from quote_service.intelligence.competitors.model.listings import PushedObservation
from quote_service.intelligence.competitors.model.sources import SourceDraft
from quote_service.intelligence.competitors.operations.competitors import COMPETITORS
from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.competitors.operations.map_skus import map_skus
from quote_service.intelligence.competitors.operations.receive_observations import receive_observations
from quote_service.intelligence.competitors.operations.write_source import create_source
from quote_service.intelligence.price_decisions.model.policies import PolicyDraft, PolicyImport
from quote_service.intelligence.price_decisions.operations.write_policy import create_policy, import_policies
from quote_service.intelligence.signals.operations.looking.look_at_news import look_at_news
from quote_service.platform.documents.documents import Row, read_value
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.resource.operations import create
from quote_service.platform.settings.keys import Key
from quote_service.platform.system.changes import Author, change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.shop.catalog.model.products import ProductDraft
from quote_service.shop.catalog.operations.write_product import create_product
from tests.price_decisions.shop import keep_model

EUR = "EUR"
_SEAL = CredentialsSeal((Key("a", bytes(32)),))


def somebody() -> Author:
    return change_by_system("a person", now_us())


class Shelves:
    """Makes products of a price of 100 with a cost of 70, and what happens to them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def clear(self) -> None:
        """No policy is left, no model and no run."""
        async with self.database.transaction() as connection:
            await connection.execute("DELETE FROM price_policies")
            await connection.execute("DELETE FROM price_models")
            await connection.execute("DELETE FROM price_decision_runs")

    async def product(self, *, mode: str, price: str = "100", cost: str = "70", **policy: Any) -> UUID:
        prices = [{"currency": EUR, "base_price": Decimal(price), "cost_price": Decimal(cost)}]
        draft = read_value({"sku": uuid4().hex, "name": "a jacket", "prices": prices}, ProductDraft)
        async with self.database.transaction() as connection:
            made = await create_product(Change.within(connection, somebody()), draft)
            await create_policy(Change.within(connection, somebody()), self._draft(made.id, mode=mode, **policy))
        return made.id

    async def policy(self, product_id: UUID, **fields: Any) -> None:
        """Write its policy again."""
        async with self.database.transaction() as connection:
            await import_policies(
                Change.within(connection, somebody()), PolicyImport(policies=[self._draft(product_id, **fields)])
            )

    async def learn(
        self, known: Mapping[UUID, float], *, doubtful: Mapping[UUID, float] | None = None, at: datetime | None = None
    ) -> UUID:
        """Keep a model of products by their elasticity; `doubtful` ones are not identified."""
        async with self.database.transaction() as connection:
            sure = [(str(product_id), mean, 100_00) for product_id, mean in known.items()]
            model_id = await keep_model(connection, sure, at=at)
            for product_id, mean in (doubtful or {}).items():
                other = await keep_model(
                    connection, [(str(product_id), mean, 100_00)], doubts=("too_few_prices",), at=at
                )
                await connection.execute(
                    "UPDATE price_model_products SET model_id = $1 WHERE model_id = $2", model_id, other
                )
                await connection.execute("DELETE FROM price_models WHERE id = $1", other)
        return model_id

    async def price(self, product_id: UUID) -> Decimal:
        async with self.database.read() as connection:
            found = await connection.fetchval(
                "SELECT current_price FROM product_prices WHERE item_id = $1 AND currency = $2", product_id, EUR
            )
        assert isinstance(found, Decimal)
        return found

    async def look(self) -> None:
        """Somebody looks at all prices that are new."""
        while await look_at_news(self.database):
            pass

    async def rival(self, product_id: UUID, price: float, *, seen: timedelta = timedelta()) -> Callable[..., Any]:
        """A competitor of its own is seen to sell it at a price, some time ago; what reports its next ones."""
        change = somebody()
        async with self.database.transaction() as connection:
            competitor = await create(COMPETITORS, Change.within(connection, change), CompetitorDraft(name=uuid4().hex))
            draft = {"competitor_id": str(competitor.id), "name": "pushed", "kind": "push", "stale_after_seconds": 3600}
            source = await create_source(Change.within(connection, change), read_value(draft, SourceDraft), _SEAL)
            sku = uuid4().hex
            mapping = SkuMap(skus=[SkuMapping(their_sku=sku, product_id=product_id)])
            await map_skus(Change.within(connection, change), competitor.id, mapping)

        async def asks(price: float, seen: timedelta = timedelta()) -> None:
            offer = PushedObservation(
                sku=sku,
                currency=EUR,
                price=ExactNumber(str(price)),
                observed_at=datetime.now(UTC) - seen,
                availability="in_stock",
            )
            async with self.database.transaction() as connection:
                answer = await receive_observations(
                    Change.within(connection, change), source.id, [Row(0, offer, ())], 100
                )
            assert (answer.accepted, answer.refused) == (1, [])

        await asks(price, seen)
        return asks

    async def campaign(self, product_id: UUID) -> None:
        """One is active."""
        await self._execute(
            "INSERT INTO campaigns (id, name, product_id, currency, duration_hours, limit_percent, target_sales_count,"
            " starts_at, ends_at, status, starting_price, last_price, next_step_at, created_by, created_at, changed_by,"
            " changed_at) VALUES ($1, $2, $3, 'EUR', 10, 5, 100, $4::timestamptz, $4::timestamptz + interval '10 hours', 'active', 100, 100,"
            " $4::timestamptz + interval '10 hours', 'a', $4, 'a', $4)",
            uuid4(), uuid4().hex, product_id, datetime.now(UTC),
        )  # fmt: skip

    async def change_set(self, product_id: UUID) -> None:
        """One that is scheduled has its price."""
        content = (
            f'{{"prices": [{{"product_id": "{product_id}", "variant_id": null, "currency": "EUR", "price": 90}}]}}'
        )
        await self._execute(
            "INSERT INTO change_sets (id, name, status, content, authors, publish_at, published_by, created_by,"
            " created_at, changed_by, changed_at) VALUES ($1, $2, 'scheduled', $3, '{a}', $4::timestamptz + interval '9 days', 'a', 'a',"
            " $4, 'a', $4)",
            uuid4(), uuid4().hex, content, datetime.now(UTC),
        )  # fmt: skip

    async def moved_by_stock(self, product_id: UUID) -> None:
        """Stock is low, and has put a tenth on its price."""
        await self._execute(
            "INSERT INTO inventory (product_id, quantity, low_threshold, low_adjust_percent, is_dynamic)"
            " VALUES ($1, 3, 5, 10, true)",
            product_id,
        )

    async def price_war(self, product_id: UUID) -> None:
        """A signal of one is open."""
        await self._execute(
            "INSERT INTO signals (id, kind, subject, product_id, currency, measured, threshold, evidence, raised_at,"
            " last_at, expires_at, updated_at) VALUES ($1, 'price_war', $2, $3, 'EUR', 4, 4, '[]', $4::timestamptz, $4,"
            " $4::timestamptz + interval '1 day', $4)",
            uuid4(), f"{product_id}/EUR", product_id, datetime.now(UTC),
        )  # fmt: skip

    @staticmethod
    def _draft(product_id: UUID, **fields: Any) -> PolicyDraft:
        reported = {
            "product_id": str(product_id),
            "currency": EUR,
            "floor_price": 75,
            "highest_margin_percent": 60,
            **fields,
        }
        return read_value(reported, PolicyDraft)

    async def _execute(self, statement: str, *values: Any) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(statement, *values)
