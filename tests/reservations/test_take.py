"""What quotes rest on is taken for good, whole or not at all. Source: docs/spec/reservations.md."""

from __future__ import annotations

from uuid import uuid4

import msgspec
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.shop.reservations.model.claim import ClaimedUnits
from quote_service.shop.reservations.model.refusals import BudgetExhausted, CouponExhausted, OutOfStock, StockFault
from tests.reservations.things import (
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


async def test_units_come_off_the_quantity(database: Database) -> None:
    async with database.transaction() as connection:
        product = await make_stock(connection, 10)
    assert await taken(database, claim((product, 3))) == [None]
    async with database.read() as connection:
        assert await stock_of(connection, product) == (7, 0)
        movement = await connection.fetchrow(
            "SELECT delta, reserved_delta, reason, actor FROM inventory_movements WHERE item_id = $1 AND delta < 0",
            product,
        )
    assert movement is not None
    assert tuple(movement) == (-3, 0, "sold", "ayşe")


async def test_lines_of_one_product_add_up(database: Database) -> None:
    async with database.transaction() as connection:
        product, other = await make_stock(connection, 5), await make_stock(connection, 1)
    (refusal,) = await taken(database, claim((product, 3), (other, 1), (product, 3)))
    assert isinstance(refusal, OutOfStock)
    assert refusal.faults == tuple(
        StockFault(f"/items/{line}", "6 requested, 5 available", product, None, 6, 5) for line in (0, 2)
    )
    async with database.read() as connection:
        assert await stock_of(connection, product) == (5, 0)
        assert await stock_of(connection, other) == (1, 0)
    assert await taken(database, claim((product, 2), (product, 3))) == [None]


async def test_a_variant_has_its_own_stock_or_its_products(database: Database) -> None:
    async with database.transaction() as connection:
        product = await make_stock(connection, 5)
        variant = await make_stock(connection, 2, of=product)
        without = uuid4()
    lines = tuple(
        ClaimedUnits(line, product, item, count) for line, (item, count) in enumerate([(variant, 2), (without, 4)])
    )
    assert await taken(database, msgspec.structs.replace(claim(), units=lines)) == [None]
    (refusal,) = await taken(database, msgspec.structs.replace(claim(), units=lines))
    assert isinstance(refusal, OutOfStock)
    assert [fault.pointer for fault in refusal.faults] == ["/items/0", "/items/1"]
    async with database.read() as connection:
        assert await stock_of(connection, product) == (1, 0)
        assert await stock_of(connection, variant) == (0, 0)


async def test_a_variant_of_another_product_has_no_stock_here(database: Database) -> None:
    async with database.transaction() as connection:
        variant = await make_stock(connection, 2, of=await make_stock(connection, 1))
    lines = (ClaimedUnits(0, uuid4(), variant, 9),)
    assert await taken(database, msgspec.structs.replace(claim(), units=lines)) == [None]
    async with database.read() as connection:
        assert await stock_of(connection, variant) == (2, 0)


@pytest.mark.parametrize("version", [None, 0])
async def test_what_is_not_kept_is_not_limited(database: Database, version: int | None) -> None:
    product = uuid4()
    if version is not None:
        async with database.transaction() as connection:
            product = await make_stock(connection, 0, version=0)
    assert await taken(database, claim((product, 1_000_000))) == [None]


async def test_reserved_units_are_not_free(database: Database) -> None:
    async with database.transaction() as connection:
        product = await make_stock(connection, 5, reserved=3)
    (refusal,) = await taken(database, claim((product, 3)))
    assert isinstance(refusal, OutOfStock)
    assert await taken(database, claim((product, 2))) == [None]
    async with database.read() as connection:
        assert await stock_of(connection, product) == (3, 3)


async def test_of_a_group_each_is_decided_in_turn(database: Database) -> None:
    async with database.transaction() as connection:
        product = await make_stock(connection, 5)
        coupon = await make_coupon(connection, usage_limit=2)
        promotion = await make_rule(connection, budget="10.00")
    outcomes = await taken(
        database,
        claim((product, 3), coupons=(coupon,), discounts={promotion: 600}),
        claim((product, 3), coupons=(coupon,)),
        claim((product, 1), discounts={promotion: 500}),
        claim((product, 2), coupons=(coupon,), discounts={promotion: 400}),
        claim(coupons=(coupon,)),
        claim(discounts={promotion: 1}),
        claim((product, 0 + 1)),
    )
    kinds = [type(outcome) for outcome in outcomes]
    nothing = type(None)
    assert kinds == [nothing, OutOfStock, BudgetExhausted, nothing, CouponExhausted, BudgetExhausted, OutOfStock]
    async with database.read() as connection:
        assert await stock_of(connection, product) == (0, 0)
        assert await uses_of(connection, coupon) == 2
        assert await spent_of(connection, promotion) == 1000
        assert await recorded_of(connection, coupon) == (2, None)
        assert await recorded_of(connection, promotion) == (None, 1000)


async def test_a_budget_that_does_not_cover_a_discount_says_what_is_left(database: Database) -> None:
    async with database.transaction() as connection:
        promotion = await make_rule(connection, budget=50, budget_per_customer="30.5")
    customer = uuid4()
    outcomes = await taken(
        database,
        claim(discounts={promotion: 3000}, customer=customer),
        claim(discounts={promotion: 51}, customer=customer),
        claim(discounts={promotion: 2001}),
        claim(discounts={promotion: 2000}),
    )
    assert [outcome if outcome is None else outcome.members for outcome in outcomes] == [
        None,
        {"rule_id": promotion, "requested": msgspec.Raw(b"0.51"), "available": msgspec.Raw(b"0.50")},
        {"rule_id": promotion, "requested": msgspec.Raw(b"20.01"), "available": msgspec.Raw(b"20.00")},
        None,
    ]
    async with database.read() as connection:
        assert await spent_of(connection, promotion, customer) == 3000
        assert await recorded_of(connection, promotion) == (None, 5000)
        assert await recorded_of(connection, promotion, customer) == (None, 3000)


async def test_without_a_budget_nothing_is_counted(database: Database) -> None:
    async with database.transaction() as connection:
        plain, coupon = await make_rule(connection), await make_coupon(connection)
    assert await taken(database, claim(coupons=(coupon,), discounts={plain: 10_000, coupon: 10_000})) == [None]
    async with database.read() as connection:
        assert await spent_of(connection, plain) is None
        assert await spent_of(connection, coupon) is None
        assert (
            await connection.fetchval("SELECT count(*) FROM budget_spends WHERE rule_id = ANY ($1)", [plain, coupon])
            == 0
        )


async def test_the_limits_are_those_of_the_version_that_priced(database: Database) -> None:
    async with database.transaction() as connection:
        name = f"promotion {uuid4()}"
        first = await make_rule(connection, name=name, budget=30)
        second = await make_rule(connection, name=name, version=2, budget=10)
    assert await taken(database, claim(discounts={first: 1500})) == [None]
    (refusal,) = await taken(database, claim(discounts={second: 1}))
    assert isinstance(refusal, BudgetExhausted)
    assert await taken(database, claim(discounts={first: 1500})) == [None]
    async with database.read() as connection:
        assert await recorded_of(connection, first) == (None, 3000)


async def test_who_uses_a_limit_of_each_customer_must_be_known(database: Database) -> None:
    async with database.transaction() as connection:
        coupon = await make_coupon(connection)
        each = await make_rule(connection, budget_per_customer=10)
        of_all = await make_rule(connection, budget=10)
    nobody = [
        msgspec.structs.replace(asked, customer_id=None)
        for asked in (claim(coupons=(coupon,)), claim(discounts={each: 1}), claim(discounts={of_all: 1}))
    ]
    first, second, third = await taken(database, *nobody)
    for refusal in (first, second):
        assert isinstance(refusal, Invalid)
        assert [type(fault) for fault in refusal.faults] == [Fault]
        assert refusal.faults[0].pointer == "/customer_id"
    assert third is None
    async with database.read() as connection:
        assert await uses_of(connection, coupon) is None
        assert await spent_of(connection, each) == 0
        assert await spent_of(connection, of_all) == 1
