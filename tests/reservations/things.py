"""What claims are made of: stock, coupons and budgets as rows, and claims on them.

Source: docs/spec/reservations.md.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import asyncpg

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.shop.reservations.model.claim import Claim, ClaimedDiscount, ClaimedUnits
from quote_service.shop.reservations.operations.take import take
from tests.inventory.items import make_product, make_variant
from tests.postgres.rows import insert_rule

AT_US = 1_780_000_000_000_000
CHANGE = Author(actor="ayşe", actor_kind="user", request_id="r1", at_us=AT_US)


async def make_stock(connection: Connection, quantity: int, *, of: UUID | None = None, **columns: Any) -> UUID:
    """A product with stock, or a variant `of` one; its id."""
    assert isinstance(connection, asyncpg.Connection) or connection
    product_id = of or await make_product(connection)  # type: ignore[arg-type]
    variant_id = None if of is None else await make_variant(connection, of)  # type: ignore[arg-type]
    names = ", ".join(("product_id", "variant_id", "quantity", *columns))
    places = ", ".join(f"${place}" for place in range(1, 4 + len(columns)))
    await connection.execute(
        f"INSERT INTO inventory ({names}) VALUES ({places})", product_id, variant_id, quantity, *columns.values()
    )
    return variant_id or product_id


async def make_coupon(connection: Connection, **terms: Any) -> UUID:
    """A coupon of 10 % with limits or budgets; the id of its version."""
    return await make_rule(connection, "COUPON", code=f"c-{uuid4()}", **terms)


async def make_rule(
    connection: Connection, kind: str = "PROMOTION", *, name: str = "", version: int = 1, **terms: Any
) -> UUID:
    """A rule of 10 % in TRY; the id of its version."""
    configuration = {"kind": "percent", "value": 10, **terms}
    named = {"name": name} if name else {}
    rule_id = await insert_rule(
        connection, type=kind, configuration=configuration, currency="TRY", version=version, **named
    )
    return UUID(rule_id)


def claim(
    *units: tuple[UUID, int],
    coupons: tuple[UUID, ...] = (),
    discounts: dict[UUID, int] | None = None,
    customer: UUID | None = None,
    quote: UUID | None = None,
) -> Claim:
    """A claim of a new quote, by a customer of its own, on products."""
    return Claim(
        quote_id=quote or uuid4(),
        customer_id=customer or uuid4(),
        currency="TRY",
        units=tuple(ClaimedUnits(line, product, None, count) for line, (product, count) in enumerate(units)),
        coupon_ids=coupons,
        discounts=tuple(ClaimedDiscount(rule, amount) for rule, amount in (discounts or {}).items()),
    )


async def taken(database: Database, *claims: Claim) -> list[QuoteServiceError | None]:
    """Take claims in one transaction."""
    async with database.transaction() as connection:
        return await take(Change.within(connection, CHANGE), claims)


async def stock_of(connection: Connection, item: UUID) -> tuple[int, int]:
    """Quantity and reserved units."""
    row = await connection.fetchrow("SELECT quantity, reserved FROM inventory WHERE item_id = $1", item)
    assert row is not None
    return tuple(row)


async def uses_of(connection: Connection, rule: UUID, customer: UUID | None = None) -> int | None:
    """The count of a coupon, over all customers or of one; None where nothing was ever counted."""
    uses: int | None = await connection.fetchval(
        """SELECT uses FROM coupon_usage JOIN pricing_rules ON name = rule_name
        WHERE id = $1 AND customer_id IS NOT DISTINCT FROM $2""",
        rule,
        customer,
    )
    return uses


async def spent_of(connection: Connection, rule: UUID, customer: UUID | None = None) -> int | None:
    """The sum of a budget, over all customers or of one; None where nothing was ever counted."""
    spent: int | None = await connection.fetchval(
        """SELECT spent_minor FROM budget_counters JOIN pricing_rules ON name = rule_name
        WHERE id = $1 AND customer_id IS NOT DISTINCT FROM $2""",
        rule,
        customer,
    )
    return spent


async def recorded_of(
    connection: Connection, rule: UUID, customer: UUID | None = None
) -> tuple[int | None, int | None]:
    """What the rulebook has been told: uses, and spent."""
    values = [
        await connection.fetchval(
            f"""SELECT {column} FROM {table} JOIN pricing_rules ON name = rule_name
            WHERE id = $1 AND customer_id IS NOT DISTINCT FROM $2""",
            rule,
            customer,
        )
        for table, column in (("coupon_exhaustions", "uses"), ("budget_exhaustions", "spent_minor"))
    ]
    return values[0], values[1]
