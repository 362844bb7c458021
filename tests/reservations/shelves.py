"""A few items, coupons and promotions that many want, and what must hold of them whatever was done.

Source: docs/spec/reservations.md.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.shop.reservations.model.claim import Claim, ClaimedDiscount, ClaimedUnits, PartBack
from quote_service.shop.reservations.model.refusals import (
    BudgetExhausted,
    CouponExhausted,
    OutOfStock,
    ReservationLimit,
)
from quote_service.shop.reservations.model.reservation import Hold, HoldLimits
from quote_service.shop.reservations.operations.give_back import give_back, give_back_part
from quote_service.shop.reservations.operations.hold_quotes import hold_quotes
from quote_service.shop.reservations.operations.release import release
from quote_service.shop.reservations.operations.reserve import reserve
from quote_service.shop.reservations.operations.take import take
from tests.reservations.things import CHANGE, make_coupon, make_rule, make_stock

LIMITS = HoldLimits(100, 1_000_000)
REFUSALS = (OutOfStock, CouponExhausted, BudgetExhausted, ReservationLimit)
# Prices follow each of these, so that units which come and go lock products as well.
DYNAMIC: dict[str, Any] = {
    "low_threshold": 12,
    "high_threshold": 25,
    "low_adjust_percent": Decimal(10),
    "high_adjust_percent": Decimal(5),
    "is_dynamic": True,
}


@dataclass(frozen=True)
class Item:
    """A product or variant with stock."""

    product_id: UUID
    variant_id: UUID | None

    @property
    def id(self) -> UUID:
        return self.variant_id or self.product_id


@dataclass
class Shelves:
    """What there is, and `supplied`: the units that sellers have put in so far."""

    items: list[Item]
    coupons: dict[UUID, tuple[int, int]]
    promotions: dict[UUID, tuple[int, int]]
    customers: list[UUID]
    supplied: Counter[UUID] = field(default_factory=Counter)

    def claim(self, chance: random.Random) -> Claim:
        """A quote of some items, coupons and discounts, by one of the customers."""
        lines = chance.choices(self.items, k=chance.randrange(1, 5))
        coupons = chance.sample(list(self.coupons), chance.choice((0, 0, 1, 2)))
        discounts = chance.sample(list(self.promotions), chance.choice((0, 1, 1, 2)))
        return Claim(
            quote_id=uuid4(),
            customer_id=chance.choice(self.customers),
            currency="TRY",
            units=tuple(
                ClaimedUnits(place, item.product_id, item.variant_id, chance.randrange(1, 5))
                for place, item in enumerate(lines)
            ),
            coupon_ids=tuple(coupons),
            discounts=tuple(ClaimedDiscount(rule, chance.randrange(1, 400)) for rule in (*coupons, *discounts)),
        )


async def make_shelves(connection: Connection, *, products: int, variants: int, units: int) -> Shelves:
    """Products, each with variants that have stock of their own."""
    items = []
    for _ in range(products):
        product = await make_stock(connection, units, **DYNAMIC)
        items.append(Item(product, None))
        items += [Item(product, await make_stock(connection, units, of=product, **DYNAMIC)) for _ in range(variants)]
    for item in items:
        await connection.execute(
            "INSERT INTO product_prices (product_id, variant_id, currency, base_price, current_price, min_price, own)"
            " VALUES ($1, $2, 'TRY', 100, 100, 0, $3)",
            item.product_id,
            item.variant_id,
            [] if item.variant_id is None else ["current_price"],
        )
    coupons = {}
    for limits in ((40, 9), (25, 100)):
        coupon = await make_coupon(connection, usage_limit=limits[0], usage_limit_per_customer=limits[1])
        coupons[coupon] = limits
    promotions = {}
    for budgets in ((5000, 1500), (9000, 9000)):
        promotion = await make_rule(connection, budget=budgets[0] / 100, budget_per_customer=budgets[1] / 100)
        promotions[promotion] = budgets
    shelves = Shelves(items, coupons, promotions, [uuid4() for _ in range(5)])
    shelves.supplied.update({item.id: units for item in items})
    return shelves


@dataclass
class Quotes:
    """What one program knows of its quotes: those that are accepted with what they have given back, and those reserved."""

    database: Database
    accepted: dict[UUID, Claim] = field(default_factory=dict)
    reserved: dict[UUID, Claim] = field(default_factory=dict)
    refused: Counter[type[QuoteServiceError]] = field(default_factory=Counter)
    units_back: Counter[tuple[UUID, int]] = field(default_factory=Counter)
    amounts_back: Counter[tuple[UUID, UUID]] = field(default_factory=Counter)
    cancelled: set[UUID] = field(default_factory=set)

    async def take(self, claims: list[Claim]) -> None:
        async with self.database.transaction() as connection:
            outcomes = await take(Change.within(connection, CHANGE), claims)
        for claim, outcome in zip(claims, outcomes, strict=True):
            if outcome is None:
                self.accepted[claim.quote_id] = claim
                self.reserved.pop(claim.quote_id, None)
            else:
                assert isinstance(outcome, REFUSALS)
                assert claim.quote_id not in self.reserved
                self.refused[type(outcome)] += 1

    async def reserve(self, claim: Claim, ends_at: datetime | None = None) -> None:
        hold = Hold(3600, ends_at or datetime.now(UTC) + timedelta(days=1))
        try:
            async with self.database.transaction() as connection:
                held = (await hold_quotes(connection, [claim.quote_id])).get(claim.quote_id)
                await reserve(Change.within(connection, CHANGE), claim, hold, LIMITS, held)
        except REFUSALS as refusal:
            self.refused[type(refusal)] += 1
            return
        if ends_at is None:
            self.reserved[claim.quote_id] = claim

    async def release(self, quote_id: UUID) -> None:
        async with self.database.transaction() as connection:
            held = (await hold_quotes(connection, [quote_id])).get(quote_id)
            assert held is not None
            assert await release(Change.within(connection, CHANGE), held)
        del self.reserved[quote_id]

    async def cancel(self, quote_ids: list[UUID]) -> None:
        async with self.database.transaction() as connection:
            await give_back(Change.within(connection, CHANGE), quote_ids)
        self.cancelled |= set(quote_ids)

    async def refund(self, part: PartBack) -> None:
        async with self.database.transaction() as connection:
            await give_back_part(Change.within(connection, CHANGE), [part])
        for line, quantity in part.units.items():
            self.units_back[part.quote_id, line] += quantity
        for discount in part.discounts:
            self.amounts_back[part.quote_id, discount.rule_id] += discount.amount_minor


async def assert_all_adds_up(connection: Connection, shelves: Shelves, programs: list[Quotes]) -> None:
    """Stock, counters and what is told are what the accepted and reserved quotes make of them, less what went back."""
    sold, held = Counter[UUID](), Counter[UUID]()
    uses: Counter[tuple[UUID, UUID | None]] = Counter()
    spent: Counter[tuple[UUID, UUID | None]] = Counter()
    for program in programs:
        for claims, is_accepted in ((program.accepted, True), (program.reserved, False)):
            for claim in claims.values():
                is_back = claim.quote_id in program.cancelled
                for units in claim.units:
                    unit_of = units.variant_id or units.product_id
                    back = units.quantity if is_back else program.units_back[claim.quote_id, units.line]
                    (sold if is_accepted else held)[unit_of] += units.quantity - min(back, units.quantity)
                for whose in (None, claim.customer_id):
                    for coupon in claim.coupon_ids:
                        uses[coupon, whose] += not is_back
                    for rule, amount in ((each.rule_id, each.amount_minor) for each in claim.discounts):
                        back = amount if is_back else program.amounts_back[claim.quote_id, rule]
                        spent[rule, whose] += amount - min(back, amount)
    for item in shelves.items:
        row = await connection.fetchrow("SELECT quantity, reserved FROM inventory WHERE item_id = $1", item.id)
        assert row is not None
        assert tuple(row) == (shelves.supplied[item.id] - sold[item.id], held[item.id])
    for rule, limits in shelves.coupons.items():
        await _assert_counted(connection, "coupon_usage", "coupon_exhaustions", "uses", rule, limits, uses, shelves)
    for rule, limits in shelves.promotions.items():
        await _assert_counted(
            connection, "budget_counters", "budget_exhaustions", "spent_minor", rule, limits, spent, shelves
        )


async def _assert_counted(
    connection: Connection,
    table: str,
    recorded_table: str,
    column: str,
    rule: UUID,
    limits: tuple[int, int],
    expected: Counter[tuple[UUID, UUID | None]],
    shelves: Shelves,
) -> None:
    for whose in (None, *shelves.customers):
        count, reported = [
            await connection.fetchval(
                f"SELECT {column} FROM {each} JOIN pricing_rules ON name = rule_name"
                " WHERE id = $1 AND customer_id IS NOT DISTINCT FROM $2",
                rule,
                whose,
            )
            for each in (table, recorded_table)
        ]
        limit = limits[whose is not None]
        assert (count or 0) == expected[rule, whose] <= limit
        # Told when it is reached; afterwards never more than there is.
        assert reported == count if count == limit else reported is None or reported <= count
