"""Confirmed purchases are orders, from the transaction that confirms them on, and nothing else is.

Source: docs/spec/orders.md#flash-sale-purchases; docs/decisions/flash-sale-orders.md.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from quote_service.platform.money.numbers import read_number
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.keys import item_keys
from quote_service.platform.system.changes import Author, change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.new_ids import random_bits
from quote_service.selling.flash_sales.model.errors import PurchaseDecided
from quote_service.selling.flash_sales.model.reservation import purchase_id
from quote_service.selling.flash_sales.operations.buying.admit_directly import admit_directly
from quote_service.selling.flash_sales.operations.buying.decide_purchase import cancel_purchase, confirm_purchase
from quote_service.selling.flash_sales.operations.recording import record_purchases as recording
from quote_service.selling.flash_sales.operations.recording.record_purchases import record_purchases
from quote_service.selling.flash_sales.operations.upkeep.rebuild_item import rebuild_item
from quote_service.selling.flash_sales.tables.gate import GateAsk
from quote_service.selling.ledger.model.payouts import PayoutDraft
from quote_service.selling.ledger.model.transactions import UNKNOWN_SELLER
from quote_service.selling.ledger.operations.pay_out import pay_out
from quote_service.selling.orders.model.order import Order
from quote_service.selling.orders.model.records import record_of
from quote_service.selling.orders.model.refunds.draft import RefundDraft, RefundLineDraft
from quote_service.selling.orders.model.refusals import OrderStateForbids
from quote_service.selling.orders.operations.change_order import cancel_order, fulfil_order
from quote_service.selling.orders.operations.check_orders import check_orders
from quote_service.selling.orders.operations.refund_order import refund_order
from quote_service.selling.orders.tables.orders import read_order
from tests.flash_sales.quiet_shop import QuietShop, quiet_shop
from tests.flash_sales.test_recording import reservation


def by_nobody() -> Author:
    return change_by_system("test", now_us())


async def order_of(shop: QuietShop, purchase: UUID) -> Order:
    async with shop.database.read() as connection:
        order_id = await connection.fetchval("SELECT id FROM orders WHERE purchase_id = $1", purchase)
        assert order_id is not None, "it has no order"
        return await read_order(connection, order_id)


async def ordered(shop: QuietShop) -> set[UUID]:
    """The purchases of the sale that have orders."""
    async with shop.database.read() as connection:
        rows = await connection.fetch(
            "SELECT purchase_id FROM orders JOIN flash_sale_purchases AS bought ON bought.id = purchase_id"
            " WHERE bought.sale_id = $1",
            shop.sale.id,
        )
    return {row[0] for row in rows}


async def balance(database: Database, account: str, party_id: UUID) -> int:
    async with database.read() as connection:
        found = await connection.fetchval(
            "SELECT balance_minor FROM ledger_accounts WHERE account = $1 AND party_id = $2", account, party_id
        )
    return 0 if found is None else int(found)


async def sell_by(shop: QuietShop, seller_id: UUID) -> None:
    """Put the products of the sale into the catalog, as this seller's."""
    async with shop.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO sellers (id, name, created_by, created_at, changed_by, updated_at)"
            " VALUES ($1, 'seller', 'test', now(), 'test', now())",
            seller_id,
        )
        for item in shop.sale.items:
            await connection.execute(
                "INSERT INTO products (id, sku, name, seller_id, created_by, created_at, changed_by, updated_at)"
                " VALUES ($1, $2, 'shoe', $3, 'test', now(), 'test', now())",
                item.product_id,
                uuid4().hex,
                seller_id,
            )


async def test_what_is_recorded_as_confirmed_is_an_order_once(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url, allocated=20, limit=3) as shop:
        seller = uuid4()
        await sell_by(shop, seller)
        item = await shop.item()
        sold, refused = [reservation(item, quantity=2), reservation(item)], reservation(item, quantity=7)
        held = reservation(item, expires_ms=now_us() // 1000 + 60_000)
        for _ in range(2):
            async with shop.database.transaction() as connection:
                await record_purchases(connection, item.id, [*sold, refused, held])
            assert await ordered(shop) == {one.id for one in sold}
        order = await order_of(shop, sold[0].id)
        (line,) = order.figures.lines
        assert (order.quote_id, order.status, order.customer_id) == (None, "placed", sold[0].customer_id)
        assert (line.product_id, line.seller_id, line.quantity, line.unit_price_micro) == (
            item.product_id,
            seller,
            2,
            19_990_000,
        )
        assert (order.figures.total_minor, order.figures.sellers[0].payout_minor) == (3998, 3998)
        assert record_of(order).purchase_id == sold[0].id
        assert await balance(shop.database, "customer", sold[0].customer_id) == -3998
        assert await balance(shop.database, "seller", seller) == 3 * 1999


async def test_a_buyer_who_confirms_has_an_order_then_and_one_who_gives_up_has_none(
    database_url: str, redis_url: str
) -> None:
    async with quiet_shop(database_url, redis_url, allocated=20, hold_seconds=600) as shop:
        kept, given_up = [(await shop.buy(uuid4(), uuid4().hex)).purchase_id for _ in range(2)]
        await shop.record()
        assert await ordered(shop) == set()
        for _ in range(2):
            assert (await confirm_purchase(shop.runtime, kept)).status == "confirmed"
        await cancel_purchase(shop.runtime, given_up)
        with pytest.raises(PurchaseDecided):
            await confirm_purchase(shop.runtime, given_up)
        assert await ordered(shop) == {kept}
        await shop.follow()
        assert await shop.findings() == []


async def test_what_is_sold_directly_or_found_by_a_rebuild_is_an_order_too(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url, allocated=20) as shop:
        item = await shop.item()
        ask = GateAsk(
            id=purchase_id(item.id, now_us() // 1000, random_bits()),
            item_id=item.id,
            customer_id=uuid4(),
            quantity=2,
            price_minor=item.price_minor,
            epoch=item.epoch,
            idempotency_key=uuid4().hex,
            fingerprint="0" * 20,
        )
        assert [await admit_directly(shop.database, ask) for _ in range(2)] == [False, True]
        assert await ordered(shop) == {ask.id}
        await shop.follow()
        item = await shop.item()
        lost = await shop.buy(uuid4(), uuid4().hex)
        await shop.runtime.library.client.delete(item_keys(item.id)[-1])
        await rebuild_item(shop.database, shop.runtime.upkeep, shop.runtime.stream, item.id)
        await shop.record()
        assert await ordered(shop) == {ask.id, lost.purchase_id}
        await shop.follow()
        assert await shop.findings() == []


async def test_without_the_order_nothing_is_confirmed(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with quiet_shop(database_url, redis_url) as shop:
        item = await shop.item()

        async def fails(*_: Any) -> None:
            raise Invalid.at("", "no order today")

        sold = reservation(item)
        with monkeypatch.context() as patch:
            patch.setattr(recording, "place_flash_sale_orders", fails)
            with pytest.raises(Invalid):
                async with shop.database.transaction() as connection:
                    await record_purchases(connection, item.id, [sold])
        assert (await shop.item()).sold == 0
        async with shop.database.transaction() as connection:
            await record_purchases(connection, item.id, [sold])
        assert await ordered(shop) == {sold.id}


async def test_cancelling_an_order_takes_back_the_money_and_not_the_units(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url, allocated=4, limit=2) as shop:
        seller, customer = uuid4(), uuid4()
        await sell_by(shop, seller)
        bought = await shop.buy(customer, uuid4().hex, 2)
        await shop.record()
        order = await order_of(shop, bought.purchase_id)
        for _ in range(2):
            async with shop.database.transaction() as connection:
                order = await cancel_order(Change.within(connection, by_nobody()), order.id, reason="too small")
        assert order.status == "cancelled"
        assert [await balance(shop.database, *account) for account in (("customer", customer), ("seller", seller))] == [
            0,
            0,
        ]
        await shop.follow()
        assert ((await shop.item()).sold, await shop.findings()) == (2, [])
        async with shop.database.transaction() as connection:
            with pytest.raises(OrderStateForbids):
                await fulfil_order(Change.within(connection, by_nobody()), order.id)


async def test_a_purchase_is_refunded_as_any_order(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url, allocated=4, limit=3) as shop:
        seller, customer = uuid4(), uuid4()
        await sell_by(shop, seller)
        bought = await shop.buy(customer, uuid4().hex, 3)
        await shop.record()
        order = await order_of(shop, bought.purchase_id)
        for units, status, left in ((1, "partly_refunded", 2 * 1999), (2, "refunded", 0)):
            async with shop.database.transaction() as connection:
                refund = (await refund_order(Change.within(connection, by_nobody()), order.id, one_line(units))).refund
            assert refund.order_status == status
            assert await balance(shop.database, "customer", customer) == -left
            assert await balance(shop.database, "seller", seller) == left
        await shop.follow()
        assert ((await shop.item()).sold, await shop.findings()) == (3, [])
        assert (await check_orders(shop.database)).findings == []


def one_line(units: int) -> RefundDraft:
    return RefundDraft(lines=[RefundLineDraft(line_id=1, quantity=units)])


async def test_what_a_seller_whom_nobody_knows_is_owed_waits(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url) as shop:
        before = await balance(shop.database, "seller", UNKNOWN_SELLER)
        bought = await shop.buy(uuid4(), uuid4().hex)
        await shop.record()
        order = await order_of(shop, bought.purchase_id)
        assert [line.seller_id for line in order.figures.lines] == [UNKNOWN_SELLER]
        assert await balance(shop.database, "seller", UNKNOWN_SELLER) - before >= 1999
        async with shop.database.transaction() as connection:
            draft = PayoutDraft(amount=read_number("1"), currency="TRY", reference="r-1")
            with pytest.raises(Invalid):
                await pay_out(Change.within(connection, by_nobody()), UNKNOWN_SELLER, draft)


async def test_the_number_of_statements_does_not_grow_with_a_batch(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url, allocated=100) as shop:
        item = await shop.item()
        counted = []
        for size in (1, 1, 40):  # the first also asks for what types there are
            statements: list[str] = []

            def note(record: Any, statements: list[str] = statements) -> None:
                statements.append(record.query)

            async with shop.database.transaction() as connection:
                with connection.query_logger(note):
                    await record_purchases(connection, item.id, [reservation(item) for _ in range(size)])
            counted.append(len(statements))
        assert counted[1] == counted[2]
