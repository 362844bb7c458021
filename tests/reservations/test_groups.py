"""A group is decided as its claims would be one after the other. Source: docs/spec/reservations.md."""

from __future__ import annotations

from uuid import UUID, uuid4

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.shop.reservations.model.claim import Claim
from quote_service.shop.reservations.model.refusals import BudgetExhausted, OutOfStock
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

ITEMS, CUSTOMERS = 2, 2
# Units by line (item and count), whether coupon and promotion act, by how much, and which customer asks.
ASKED = st.tuples(
    st.lists(st.tuples(st.integers(0, ITEMS - 1), st.integers(1, 4)), max_size=3),
    st.booleans(),
    st.one_of(st.none(), st.integers(1, 400)),
    st.integers(0, CUSTOMERS - 1),
)


class Goods:
    """Two items, a coupon and a promotion, with limits that a few claims reach."""

    def __init__(self, items: list[UUID], coupon: UUID, promotion: UUID, customers: list[UUID]) -> None:
        self.items = items
        self.coupon = coupon
        self.promotion = promotion
        self.customers = customers

    def claims(self, asked: list[tuple[list[tuple[int, int]], bool, int | None, int]]) -> list[Claim]:
        return [
            claim(
                *((self.items[item], count) for item, count in units),
                coupons=(self.coupon,) if has_coupon else (),
                discounts={} if amount is None else {self.promotion: amount},
                customer=self.customers[whose],
            )
            for units, has_coupon, amount, whose in asked
        ]

    async def state(self, connection: Connection) -> list[object]:
        """All that is counted, without what is not there or 0."""
        counted = [await stock_of(connection, item) for item in self.items]
        limits = [
            value or 0
            for whose in (None, *self.customers)
            for value in (
                await uses_of(connection, self.coupon, whose),
                await spent_of(connection, self.promotion, whose),
            )
        ]
        return [*counted, limits]

    async def recorded(self, connection: Connection) -> tuple[int | None, int | None]:
        """What the rulebook was told: uses of the coupon, and what was spent of the budget."""
        uses, _ = await recorded_of(connection, self.coupon)
        _, spent = await recorded_of(connection, self.promotion)
        return uses, spent


async def make_goods(connection: Connection, customers: list[UUID]) -> Goods:
    items = [await make_stock(connection, 6) for _ in range(ITEMS)]
    coupon = await make_coupon(connection, usage_limit=3, usage_limit_per_customer=2)
    return Goods(items, coupon, await make_rule(connection, budget=8, budget_per_customer=5), customers)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(asked=st.lists(ASKED, min_size=2, max_size=6))
@example(asked=[([], False, 133, 0), ([], False, 141, 0), ([], False, 253, 1), ([], False, 274, 0), ([], False, 1, 0)])
async def test_a_group_is_decided_as_its_claims_one_by_one(
    database: Database, asked: list[tuple[list[tuple[int, int]], bool, int | None, int]]
) -> None:
    customers = [uuid4() for _ in range(CUSTOMERS)]
    async with database.transaction() as connection:
        together, apart = [await make_goods(connection, customers) for _ in range(2)]
    outcomes = await taken(database, *together.claims(asked))
    one_by_one = [(await taken(database, each))[0] for each in apart.claims(asked)]
    assert [type(outcome) for outcome in outcomes] == [type(outcome) for outcome in one_by_one]
    for of_group, alone in zip(outcomes, one_by_one, strict=True):
        if isinstance(of_group, OutOfStock) and isinstance(alone, OutOfStock):
            assert [fault.detail for fault in of_group.faults] == [fault.detail for fault in alone.faults]
        if isinstance(of_group, BudgetExhausted) and isinstance(alone, BudgetExhausted):
            assert of_group.available == alone.available
    async with database.read() as connection:
        assert await together.state(connection) == await apart.state(connection)
        uses, spent = await together.recorded(connection)
        uses_apart, spent_apart = await apart.recorded(connection)
        assert uses == uses_apart
        # What is spent is recorded at a refusal; what a smaller discount takes after that in the same group is counted in.
        assert (spent is None) == (spent_apart is None)
        if spent is not None and spent_apart is not None:
            assert spent_apart <= spent == await spent_of(connection, together.promotion, None)
