"""A month of a marketplace: quotes that the engine priced, accepted, ordered, cancelled and refunded by the service's operations."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID, uuid4

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.instants import SECOND_US
from quote_service.quotes.model.accepted_quote import AcceptedQuote, figures_of
from quote_service.quotes.model.kept_bytes import kept_request
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.quotes.tables.accepted_quotes import insert_accepted
from quote_service.selling.orders.model.flash_sale_purchase import ConfirmedPurchase
from quote_service.selling.orders.model.refunds.draft import RefundDraft, RefundLineDraft
from quote_service.selling.orders.model.refunds.require_left import RefundExceedsOrder
from quote_service.selling.orders.operations.change_order import cancel_order, fulfil_order
from quote_service.selling.orders.operations.place_flash_sale_orders import place_flash_sale_orders
from quote_service.selling.orders.operations.place_orders import place_orders
from quote_service.selling.orders.operations.refund_order import refund_order
from tests.orders.books import RECEIPTS, asked, issued, placed
from tests.orders.refunds.any_order import DELIVERIES
from tests.pricing.rulebooks import World

ZONE = "Europe/Istanbul"
FIRST_US = 1_767_214_800_000_000  # 2026-01-01 there
DAYS = 31
_DAY_US = 86_400 * SECOND_US
# Quotes are accepted so long after their issue: some in another quarter of an hour.
ISSUED_BEFORE_US = 600_000_000


class SoldMonth:
    """What happens in a month, drawn from one seed; every instant lies in it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def instant_us(self, after_us: int = FIRST_US) -> int:
        return self.random.randrange(after_us, FIRST_US + DAYS * _DAY_US)

    def change(self, at_us: int) -> Author:
        return Author(actor=str(uuid4()), actor_kind="key", request_id=uuid4().hex, at_us=at_us)

    async def play(self, database: Database, quotes: int) -> list[UUID]:
        """Accept so many quotes, order most of them, and see what becomes of the orders; their ids."""
        orders = []
        for _ in range(quotes):
            at_us = self.instant_us()
            async with database.transaction() as connection:
                quote_id = await self.accept(connection, at_us)
            if self.random.randrange(100) < 85:
                orders.append(await self.order(database, quote_id, at_us))
        return orders

    async def purchase(self, database: Database) -> None:
        """A confirmed purchase of a flash sale, of a product whose seller nobody knows."""
        purchase = ConfirmedPurchase(
            id=uuid4(),
            product_id=uuid4(),
            customer_id=uuid4(),
            quantity=self.random.randint(1, 3),
            unit_price_minor=self.random.randint(1, 99_999),
            currency=self.random.choice(("TRY", "JPY")),
        )
        async with database.transaction() as connection:
            await place_flash_sale_orders(connection, [purchase], self.instant_us())

    async def accept(self, connection: Connection, at_us: int) -> UUID:
        world = World(self.random.getrandbits(48))
        quote_id, data = issued(world)
        document: dict[str, Any] = parse_json(data)
        figures = figures_of(document, EXPONENTS[document["currency"]])
        row = AcceptedQuote(
            quote_id=str(quote_id),
            customer_id=str(uuid4()),
            data=data,
            request=None if self.random.randrange(100) < 10 else asked_for(world),
            rulebook_version=1,
            issued_at_us=at_us - ISSUED_BEFORE_US,
            valid_until_us=figures.valid_until_us,
            accepted_at_us=at_us,
            receipt="receipt",
        )
        assert await insert_accepted(connection, self.change(at_us), row, figures) is not None
        return quote_id

    async def order(self, database: Database, quote_id: UUID, at_us: int) -> UUID:
        at_us = self.instant_us(at_us)
        wanted = msgspec.structs.replace(asked(quote_id), change=self.change(at_us))
        async with database.transaction() as connection:
            (outcome,) = await place_orders(connection, [wanted], RECEIPTS)
        order = placed(outcome)
        order_id = UUID(order["id"])
        fate = self.random.randrange(100)
        if fate < 20:
            async with database.transaction() as connection:
                await cancel_order(Change.within(connection, self.change(self.instant_us(at_us))), order_id)
        elif fate < 60:
            await self.refund(database, order_id, order["lines"], at_us)
        elif fate < 80:
            async with database.transaction() as connection:
                await fulfil_order(Change.within(connection, self.change(self.instant_us(at_us))), order_id)
        return order_id

    async def refund(self, database: Database, order_id: UUID, lines: list[dict[str, Any]], at_us: int) -> None:
        left = {line["line_id"]: line["quantity"] for line in lines}
        for _ in range(self.random.randrange(1, 4)):
            named = {
                line_id: self.random.randint(1, units)
                for line_id, units in left.items()
                if units and self.random.randrange(100) < 70
            }
            draft = RefundDraft(
                lines=[RefundLineDraft(line_id=line_id, quantity=units) for line_id, units in named.items()],
                delivery=self.random.choice(DELIVERIES) if named else "full",
            )
            at_us = self.instant_us(at_us)
            try:
                async with database.transaction() as connection:
                    await refund_order(Change.within(connection, self.change(at_us)), order_id, draft)
            except RefundExceedsOrder:
                assert not named  # of the fees nothing was left
                continue
            for line_id, units in named.items():
                left[line_id] -= units


def asked_for(world: World) -> bytes:
    """What is kept of a request."""
    # Drawn again: a world gives its request after its setup.
    again = World(world.seed)
    again.setup()
    return kept_request(decode_basket(write_document(again.request())).basket)
