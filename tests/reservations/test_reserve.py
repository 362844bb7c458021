"""A quote keeps what its price rests on, and gives it back once. Source: docs/spec/reservations.md#reserving."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.shop.reservations.model.claim import Claim
from quote_service.shop.reservations.model.refusals import (
    BudgetExhausted,
    CouponExhausted,
    OutOfStock,
    QuoteAccepted,
    ReservationLimit,
)
from quote_service.shop.reservations.model.reservation import Hold, HoldLimits, Reservation
from quote_service.shop.reservations.operations.customer_reservations import (
    forget_customer_of_reservations,
    has_reservations,
    reservations_of_customer,
)
from quote_service.shop.reservations.operations.find_reservation import find_reservation
from quote_service.shop.reservations.operations.give_back import give_back
from quote_service.shop.reservations.operations.hold_quotes import hold_quotes
from quote_service.shop.reservations.operations.release import forget_ended_reservations, release, release_due
from quote_service.shop.reservations.operations.reserve import reserve
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

FAR = datetime.now(UTC) + timedelta(days=30)
LIMITS = HoldLimits(3, 10)


async def reserved(
    database: Database, asked: Claim, seconds: int = 3600, ends_at: datetime = FAR, limits: HoldLimits = LIMITS
) -> Reservation:
    async with database.transaction() as connection:
        held = (await hold_quotes(connection, [asked.quote_id])).get(asked.quote_id)
        return await reserve(Change.within(connection, CHANGE), asked, Hold(seconds, ends_at), limits, held)


async def released(database: Database, quote_id: UUID) -> bool:
    async with database.transaction() as connection:
        held = (await hold_quotes(connection, [quote_id])).get(quote_id)
        assert held is not None
        return await release(Change.within(connection, CHANGE), held)


async def found(database: Database, quote_id: UUID) -> Reservation | None:
    async with database.read() as connection:
        return await find_reservation(connection, quote_id)


async def end(database: Database, quote_id: UUID) -> None:
    """Let its time be over."""
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE reservations SET held_until = clock_timestamp() - interval '1 second' WHERE quote_id = $1", quote_id
        )


async def sweep(database: Database) -> None:
    """Give back all that is over."""
    while await release_due(database):
        pass


async def status_of(database: Database, asked: Claim) -> str:
    kept = await found(database, asked.quote_id)
    assert kept is not None
    return kept.status


async def test_what_is_reserved_counts_and_is_given_back_by_its_release(database: Database) -> None:
    async with database.transaction() as connection:
        product = await make_stock(connection, 5)
        coupon = await make_coupon(connection, usage_limit=1)
        promotion = await make_rule(connection, budget=10)
    customer = uuid4()
    asked = claim((product, 2), (product, 1), coupons=(coupon,), discounts={promotion: 1000}, customer=customer)
    made = await reserved(database, asked)
    assert (made.status, made.is_over, made.customer_id) == ("held", False, customer)
    outcomes = await taken(database, claim((product, 3)), claim(coupons=(coupon,)), claim(discounts={promotion: 1}))
    assert [type(outcome) for outcome in outcomes] == [OutOfStock, CouponExhausted, BudgetExhausted]
    async with database.read() as connection:
        assert await stock_of(connection, product) == (5, 3)
        assert await recorded_of(connection, coupon) == (1, None)
        assert await recorded_of(connection, promotion) == (None, 1000)
        assert await connection.fetchval("SELECT count(*) FROM coupon_uses WHERE quote_id = $1", asked.quote_id) == 0
    assert [await released(database, asked.quote_id) for _ in range(2)] == [True, False]
    async with database.read() as connection:
        assert await stock_of(connection, product) == (5, 0)
        for whose in (None, customer):
            assert await uses_of(connection, coupon, whose) == 0
            assert await spent_of(connection, promotion, whose) == 0
        assert await recorded_of(connection, coupon) == (0, None)
        assert await recorded_of(connection, promotion) == (None, 0)
        reasons = await connection.fetch(
            "SELECT reason, delta, reserved_delta FROM inventory_movements WHERE item_id = $1 ORDER BY id OFFSET 1",
            product,
        )
    assert [tuple(row) for row in reasons] == [("reserved", 0, 3), ("released", 0, -3)]
    assert await taken(database, claim((product, 5), coupons=(coupon,), discounts={promotion: 1000})) == [None]


async def test_taking_turns_what_is_held_into_use(database: Database) -> None:
    async with database.transaction() as connection:
        product, scarce = await make_stock(connection, 5), await make_stock(connection, 1)
        coupon = await make_coupon(connection, usage_limit=1, budget=10)
    asked = claim((product, 4), (scarce, 1), coupons=(coupon,), discounts={coupon: 1000})
    await reserved(database, asked)
    assert await taken(database, claim((product, 1)), asked) == [None, None]
    async with database.read() as connection:
        assert await stock_of(connection, product) == (0, 0)
        assert await stock_of(connection, scarce) == (0, 0)
        assert (await uses_of(connection, coupon), await spent_of(connection, coupon)) == (1, 1000)
        use = await connection.fetchrow("SELECT customer_id FROM coupon_uses WHERE quote_id = $1", asked.quote_id)
        assert use is not None
        assert use["customer_id"] == asked.customer_id
    kept = await found(database, asked.quote_id)
    assert kept is not None
    assert kept.status == "taken"
    with pytest.raises(QuoteAccepted):
        await released(database, asked.quote_id)
    async with database.transaction() as connection:
        await give_back(Change.within(connection, CHANGE), [asked.quote_id])
        assert await stock_of(connection, product) == (4, 0)
        assert (await uses_of(connection, coupon), await spent_of(connection, coupon)) == (0, 0)


async def test_what_is_held_is_taken_after_its_time_too_until_it_is_given_back(database: Database) -> None:
    async with database.transaction() as connection:
        product = await make_stock(connection, 1)
    first, second = claim((product, 1)), claim((product, 1))
    await reserved(database, first)
    await end(database, first.quote_id)
    assert await taken(database, first) == [None]
    await sweep(database)
    assert await status_of(database, first) == "taken"
    async with database.transaction() as connection:
        assert await stock_of(connection, product) == (0, 0)
        await connection.execute("UPDATE inventory SET quantity = 1 WHERE item_id = $1", product)
    await reserved(database, second)
    await end(database, second.quote_id)
    await sweep(database)
    assert await status_of(database, second) == "expired"
    assert await taken(database, claim((product, 1))) == [None]
    (refusal,) = await taken(database, second)
    assert isinstance(refusal, OutOfStock)


async def test_what_is_over_is_given_back_once_by_any_number_of_sweeps(database: Database) -> None:
    async with database.transaction() as connection:
        products = [await make_stock(connection, 300) for _ in range(3)]
        coupon = await make_coupon(connection, usage_limit=120)
        promotion = await make_rule(connection, budget_per_customer=1)
    await sweep(database)
    claims = [claim((products[place % 3], 2), coupons=(coupon,), discounts={promotion: 100}) for place in range(120)]
    for asked in claims:
        await reserved(database, asked)
    stays = claims[7]
    for asked in claims:
        if asked is not stays:
            await end(database, asked.quote_id)
    counts = []
    while (ended := sum(await asyncio.gather(*(release_due(database) for _ in range(4))))) > 0:
        counts.append(ended)
    assert sum(counts) == 119
    async with database.read() as connection:
        assert [await stock_of(connection, product) for product in products] == [(300, 0), (300, 2), (300, 0)]
        assert await uses_of(connection, coupon) == 1
        assert await recorded_of(connection, coupon) == (1, None)
        assert await spent_of(connection, promotion) == 100
        assert await spent_of(connection, promotion, stays.customer_id) == 100
        left = await connection.fetch(
            "SELECT status, count(*) FROM reservations WHERE quote_id = ANY ($1) GROUP BY 1 ORDER BY 1",
            [each.quote_id for each in claims],
        )
    assert [tuple(row) for row in left] == [("expired", 119), ("held", 1)]


async def test_reserving_again_holds_on_and_takes_nothing_more(database: Database) -> None:
    async with database.transaction() as connection:
        product = await make_stock(connection, 3)
    asked = claim((product, 2))
    first = await reserved(database, asked, 60)
    shorter = await reserved(database, asked, 1)
    assert shorter == first
    longer = await reserved(database, asked, 120)
    assert first.held_until < longer.held_until
    assert longer.reserved_at == first.reserved_at
    async with database.read() as connection:
        assert await stock_of(connection, product) == (3, 2)
    await end(database, asked.quote_id)
    again = await reserved(database, asked, 60)
    assert (again.is_over, again.reserved_at) == (False, first.reserved_at)
    await sweep(database)
    assert await status_of(database, asked) == "held"
    await released(database, asked.quote_id)
    repeated = await reserved(database, asked, 60)
    assert repeated.reserved_at > first.reserved_at
    async with database.read() as connection:
        assert await stock_of(connection, product) == (3, 2)


async def test_a_hold_ends_with_the_quote(database: Database) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=30)
    made = await reserved(database, claim(), 3600, soon)
    assert made.held_until == soon
    past = datetime.now(UTC) - timedelta(seconds=30)
    assert (await reserved(database, claim(), 3600, past)).is_over


async def test_a_customer_has_so_many_reservations_and_units(database: Database) -> None:
    async with database.transaction() as connection:
        product, other = await make_stock(connection, 100), await make_stock(connection, 100)
    customer = uuid4()
    claims = [claim((product, 4), (uuid4(), 500), customer=customer) for _ in range(2)]
    for asked in claims:
        await reserved(database, asked)
    with pytest.raises(ReservationLimit) as too_many_units:
        await reserved(database, claim((other, 10), (product, 3), customer=customer))
    assert too_many_units.value.members == {"limit": 10}
    assert [fault.pointer for fault in too_many_units.value.faults] == ["/items/1"]
    third = claim((other, 10), (product, 2), customer=customer)
    await reserved(database, third)
    with pytest.raises(ReservationLimit) as too_many:
        await reserved(database, claim(customer=customer))
    assert too_many.value.members == {"limit": 3}
    await reserved(database, third)
    await end(database, claims[0].quote_id)
    await reserved(database, claim(customer=customer))
    async with database.read() as connection:
        assert await stock_of(connection, product) == (100, 10)


async def test_a_customer_who_reserves_everywhere_at_once_has_no_more(database: Database) -> None:
    customer = uuid4()
    outcomes = await asyncio.gather(
        *(reserved(database, claim(customer=customer)) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Reservation) for outcome in outcomes) == 3
    assert sum(isinstance(outcome, ReservationLimit) for outcome in outcomes) == 5


async def test_a_refused_reservation_holds_nothing(database: Database) -> None:
    async with database.transaction() as connection:
        product, scarce = await make_stock(connection, 5), await make_stock(connection, 1)
        coupon = await make_coupon(connection, usage_limit=5)
    asked = claim((product, 1), (scarce, 2), coupons=(coupon,))
    with pytest.raises(OutOfStock):
        await reserved(database, asked)
    assert await found(database, asked.quote_id) is None
    async with database.read() as connection:
        assert await stock_of(connection, product) == (5, 0)
        assert await uses_of(connection, coupon) is None


async def test_an_erased_customer_is_in_no_reservation(database: Database) -> None:
    async with database.transaction() as connection:
        promotion = await make_rule(connection, budget=100, budget_per_customer=50)
    asked = claim(discounts={promotion: 300})
    assert asked.customer_id is not None
    await reserved(database, asked)
    pages = [page async for page in reservations_of_customer(database, asked.customer_id)]
    assert [[each.quote_id for each in page] for page in pages] == [[asked.quote_id]]
    async with database.transaction() as connection:
        assert await has_reservations(connection, asked.customer_id)
        await forget_customer_of_reservations(connection, asked.customer_id)
        assert not await has_reservations(connection, asked.customer_id)
    kept = await found(database, asked.quote_id)
    assert kept is not None
    assert kept.customer_id is None
    assert await released(database, asked.quote_id)
    async with database.read() as connection:
        assert await spent_of(connection, promotion) == 0


async def test_what_ended_a_day_ago_is_removed(database: Database) -> None:
    kept, gone = claim(), claim()
    for asked in (kept, gone):
        await reserved(database, asked)
        await released(database, asked.quote_id)
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE reservations SET ended_at = ended_at - interval '25 hours' WHERE quote_id = $1", gone.quote_id
        )
    assert await forget_ended_reservations(database) == 1
    assert await found(database, kept.quote_id) is not None
    assert await found(database, gone.quote_id) is None


async def test_units_that_another_program_has_freed_are_not_freed_again(database: Database) -> None:
    async with database.transaction() as connection:
        product, other = await make_stock(connection, 5), await make_stock(connection, 5)
    asked = claim((product, 3), (other, 2))
    await reserved(database, asked)
    async with database.transaction() as connection:
        await connection.execute("UPDATE inventory SET reserved = 1 WHERE item_id = $1", product)
    await end(database, asked.quote_id)
    await sweep(database)
    assert await status_of(database, asked) == "expired"
    async with database.read() as connection:
        assert await stock_of(connection, product) == (5, 0)
        assert await stock_of(connection, other) == (5, 0)
