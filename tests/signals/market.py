"""A product of ours and a competitor's listings of it, in a database that nobody else looks at."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from quote_service.intelligence.competitors.model.competitors import CompetitorDraft, SkuMap, SkuMapping
from quote_service.intelligence.competitors.model.found_offers import FoundOffer
from quote_service.intelligence.competitors.model.sources import SourceDraft
from quote_service.intelligence.competitors.operations.competitors import COMPETITORS
from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.competitors.operations.map_skus import map_skus
from quote_service.intelligence.competitors.operations.take_offers import SeenOffer, take_offers
from quote_service.intelligence.competitors.operations.write_source import create_source
from quote_service.intelligence.signals.model.signals import SignalDetail
from quote_service.intelligence.signals.operations.looking.look_at_news import look_at_news
from quote_service.intelligence.signals.tables.signals import SIGNAL_ROWS, read_signal
from quote_service.lab.seeding.operations.write_past import set_past
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.postgres.pool import Database
from quote_service.platform.resource.operations import create
from quote_service.platform.settings.keys import Key
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.new_ids import new_id

_SEAL = CredentialsSeal((Key("a", bytes(32)),))
EARLIER = datetime.now(UTC) - timedelta(hours=12)


class SignalMarket:
    """One product, and listings of it by name; instants are minutes after EARLIER."""

    def __init__(self, database: Database, product_id: UUID, competitor_id: UUID, source_id: UUID) -> None:
        self.database = database
        self.product_id = product_id
        self.competitor_id = competitor_id
        self.source_id = source_id

    async def see(self, listing: str, *prices: str | None, at: Iterable[float], is_matched: bool = True) -> None:
        """The listing is observed; None is sold out."""
        seen = [
            SeenOffer(
                FoundOffer(
                    external_id=listing,
                    sku=listing,
                    currency="EUR",
                    price=None if price is None else Decimal(price),
                    availability="out_of_stock" if price is None else "in_stock",
                ),
                EARLIER + timedelta(minutes=minutes),
            )
            for price, minutes in zip(prices, at, strict=False)
        ]
        async with self.database.transaction() as connection:
            now = datetime.now(UTC)
            await take_offers(connection, self.source_id, self.competitor_id, None, seen, fetch_id=uuid4(), at=now)
            if not is_matched:
                return
            skus = [SkuMapping(their_sku=listing, product_id=self.product_id)]
            change = change_by_system("test", now_us())
            await map_skus(Change.within(connection, change), self.competitor_id, SkuMap(skus=skus))

    async def ask(self, price: str) -> None:
        """Our own price is moved, by another program."""
        await self.run(
            "UPDATE product_prices SET current_price = $2::text::numeric WHERE item_id = $1", self.product_id, price
        )

    async def stock(self, quantity: int) -> None:
        """So many units are there."""
        await self.run(
            "INSERT INTO inventory (product_id, quantity, version) VALUES ($1, $2, 1) "
            "ON CONFLICT (item_id) DO UPDATE SET quantity = excluded.quantity",
            self.product_id,
            quantity,
        )

    async def run(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        async with self.database.transaction() as connection:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]

    async def look(self) -> None:
        """Look at all that is new."""
        for _ in itertools.count():
            if not await look_at_news(self.database):
                return

    async def signals(self) -> list[SignalDetail]:
        """All about the product, the oldest first."""
        async with self.database.read() as connection:
            rows = (await SIGNAL_ROWS.page(connection, Wanted({"product_id": self.product_id}, limit=200))).rows
            return [await read_signal(connection, row.id) for row in reversed(rows)]

    async def kinds(self) -> list[tuple[str, str, int]]:
        """Kind, status and occurrences of each signal, the oldest first."""
        return [(each.kind, each.status, each.occurrences) for each in await self.signals()]


async def a_market(database: Database, since: datetime | None = None) -> SignalMarket:
    """A product that we sell for 100 euros since an instant, and a competitor who has reported nothing yet."""
    product_id = UUID(new_id())
    async with database.transaction() as connection:
        if since is not None:
            await set_past(connection, since)
        await connection.execute(
            "INSERT INTO products (id, sku, name, attributes, created_by, created_at, changed_by, updated_at) "
            "VALUES ($1, $2, 'Thing', '{}', '', now(), '', now())",
            product_id,
            f"SKU-{product_id.hex}",
        )
        await connection.execute(
            "INSERT INTO product_prices (product_id, currency, base_price, current_price, min_price) "
            "VALUES ($1, 'EUR', 100, 100, 0)",
            product_id,
        )
        change = change_by_system("test", now_us())
        competitor = await create(
            COMPETITORS, Change.within(connection, change), CompetitorDraft(name=f"rival {uuid4().hex}")
        )
        draft = SourceDraft(competitor_id=competitor.id, name="pushed", kind="push", currency="EUR")
        source = await create_source(Change.within(connection, change), draft, _SEAL)
    return SignalMarket(database, product_id, competitor.id, source.id)


def shown_figures(*figures: object) -> tuple[Any, ...]:
    """Figures of a signal, to be compared by their value."""
    return figures
