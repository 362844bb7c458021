"""What was taken is given back once. Source: docs/spec/reservations.md#giving-back."""

from __future__ import annotations

from uuid import uuid4

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.shop.reservations.model.claim import ClaimedDiscount, PartBack
from quote_service.shop.reservations.model.refusals import BudgetExhausted, CouponExhausted
from quote_service.shop.reservations.operations.give_back import give_back, give_back_part
from tests.reservations.things import (
    CHANGE,
    claim,
    make_coupon,
    make_rule,
    make_stock,
    recorded_of,
    spent_of,
    stock_of,
    taken,
    uses_of,
)


async def test_a_cancelled_quote_gives_all_back_and_only_once(database: Database) -> None:
    async with database.transaction() as connection:
        product = await make_stock(connection, 5)
        coupon = await make_coupon(connection, usage_limit=1)
        promotion = await make_rule(connection, budget=10)
    customer = uuid4()
    asked = claim((product, 2), (product, 1), coupons=(coupon,), discounts={promotion: 1000}, customer=customer)
    other = claim((product, 1))
    assert await taken(database, asked, other) == [None, None]
    async with database.read() as connection:
        assert await recorded_of(connection, coupon) == (1, None)
        assert await recorded_of(connection, promotion) == (None, 1000)
    for _ in range(2):
        async with database.transaction() as connection:
            await give_back(Change.within(connection, CHANGE), [asked.quote_id, uuid4()])
            assert await stock_of(connection, product) == (4, 0)
            for whose in (None, customer):
                assert await uses_of(connection, coupon, whose) == 0
                assert await spent_of(connection, promotion, whose) == 0
            assert await recorded_of(connection, coupon) == (0, None)
            assert await recorded_of(connection, promotion) == (None, 0)
    again = claim((product, 4), coupons=(coupon,), discounts={promotion: 1000}, customer=customer)
    assert await taken(database, again) == [None]
    async with database.read() as connection:
        reasons = await connection.fetch("SELECT reason, sum(delta) FROM inventory_movements GROUP BY 1 ORDER BY 1")
        assert [tuple(row) for row in reasons if row[0]] == [("cancelled", 3), ("sold", -8)]


async def test_what_was_reported_is_put_right_and_nothing_else_is_reported(database: Database) -> None:
    async with database.transaction() as connection:
        coupon = await make_coupon(connection, usage_limit=9, budget=90)
    asked = claim(coupons=(coupon,), discounts={coupon: 100})
    assert await taken(database, asked) == [None]
    async with database.transaction() as connection:
        versions = await connection.fetchval("SELECT count(*) FROM rulebook_versions")
        await give_back(Change.within(connection, CHANGE), [asked.quote_id])
        assert await recorded_of(connection, coupon) == (None, None)
        assert await connection.fetchval("SELECT count(*) FROM rulebook_versions") == versions


async def test_parts_go_back_as_far_as_there_is_anything(database: Database) -> None:
    async with database.transaction() as connection:
        product = await make_stock(connection, 5)
        coupon = await make_coupon(connection, usage_limit=1)
        promotion, plain = await make_rule(connection, budget=10), await make_rule(connection)
    asked = claim((product, 2), (uuid4(), 7), (product, 3), coupons=(coupon,), discounts={promotion: 1000, plain: 1000})
    assert await taken(database, asked) == [None]

    async def back(units: dict[int, int], amount: int) -> tuple[int, int | None]:
        discounts = (ClaimedDiscount(promotion, amount), ClaimedDiscount(plain, amount))
        part = PartBack(quote_id=asked.quote_id, units=units, discounts=discounts)
        async with database.transaction() as connection:
            await give_back_part(Change.within(connection, CHANGE), [part])
            return (await stock_of(connection, product))[0], await spent_of(connection, promotion)

    assert await back({}, 0) == (0, 1000)
    assert await back({0: 1, 1: 7}, 300) == (1, 700)
    assert await back({0: 5, 2: 1}, 100) == (3, 600)
    async with database.read() as connection:
        assert await recorded_of(connection, promotion) == (None, 600)
        assert await uses_of(connection, coupon) == 1
    async with database.transaction() as connection:
        await give_back(Change.within(connection, CHANGE), [asked.quote_id])
        assert await stock_of(connection, product) == (5, 0)
        assert await spent_of(connection, promotion) == 0
    assert await back({0: 1, 2: 1}, 1000) == (5, 0)


async def test_what_is_back_can_be_taken_by_the_next(database: Database) -> None:
    async with database.transaction() as connection:
        coupon = await make_coupon(connection, usage_limit_per_customer=1, budget_per_customer=5)
    customer = uuid4()
    first, second = (claim(coupons=(coupon,), discounts={coupon: 500}, customer=customer) for _ in range(2))
    assert await taken(database, first) == [None]
    (refusal,) = await taken(database, second)
    assert isinstance(refusal, CouponExhausted)
    async with database.transaction() as connection:
        await give_back(Change.within(connection, CHANGE), [first.quote_id])
    third = claim(discounts={coupon: 501}, customer=customer)
    outcomes = await taken(database, third, second)
    assert isinstance(outcomes[0], BudgetExhausted)
    assert outcomes[1] is None
