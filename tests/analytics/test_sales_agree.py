"""Analytics of a month agree with the orders and with the ledger, to the minor unit.

Source: docs/spec/analytics.md#orders.
"""

from __future__ import annotations

from typing import Any

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.selling.ledger.operations.check_ledger import check_ledger
from quote_service.selling.orders.operations.check_orders import check_orders
from quote_service.steering.analytics.operations.count_sales import count_sales
from tests.analytics.sold_month import ZONE, SoldMonth

QUOTES = 60
PURCHASES = 5

# By currency, party and account, as the ledger has it, and as the figures of the rollup say.
LEDGER = """
    SELECT line.currency, coalesce(line.party_id::text, '') AS party, line.account, sum(line.amount_minor)::bigint AS amount
    FROM ledger_transactions AS t CROSS JOIN LATERAL unnest(t.accounts, t.party_ids, t.currencies, t.amounts_minor)
        AS line (account, party_id, currency, amount_minor)
    WHERE t.kind = ANY ($1::text[]) AND line.account <> 'customer'
    GROUP BY line.currency, line.party_id, line.account HAVING sum(line.amount_minor) <> 0
"""


async def rows(database: Database, statement: str, *arguments: Any) -> list[dict[str, Any]]:
    async with database.read() as connection:
        return [dict(row) for row in await connection.fetch(statement, *arguments)]


async def count_all(database: Database, *, limit: int = 7) -> None:
    while await count_sales(database, ZONE, limit=limit):
        pass


@pytest.mark.long("a month of orders, added up three ways")
async def test_a_month_agrees_with_orders_and_ledger(database: Database) -> None:
    month = SoldMonth(11)
    for _ in range(PURCHASES):
        await month.purchase(database)
    await month.play(database, QUOTES)
    await count_all(database)
    await everything_is_counted(database)
    await the_rows_that_it_is_of_are_in_order(database)
    await sums_are_those_of_the_orders(database)
    await sums_by_seller_are_those_of_the_ledger(database, ("order",), "", 1)
    await sums_by_seller_are_those_of_the_ledger(database, ("refund", "cancellation"), "reversed_", -1)
    await customers_paid_what_the_ledger_says(database)


async def figures(database: Database, cube: str, grain: str = "month") -> list[dict[str, Any]]:
    return await rows(
        database, "SELECT * FROM analytics_orders WHERE cube = $1 AND grain = $2 ORDER BY currency, key_a", cube, grain
    )


def entries(row: dict[str, Any], prefix: str = "") -> dict[str, int]:
    """What the ledger has of these figures for a seller, by account."""

    def of(name: str) -> int:
        return int(row[prefix + name])

    commission = sum(of(f"{name}_commission_minor") for name in ("seller", "category", "logistics"))
    return {
        "seller": of("payout_minor"),
        "commission": commission - of("inclusive_commission_tax_minor"),
        "commission_tax": of("commission_tax_minor"),
        "sales_tax": of("exclusive_tax_minor"),
        "platform_discounts": -of("platform_discount_minor"),
    }


async def everything_is_counted(database: Database) -> None:
    assert await rows(database, "SELECT * FROM analytics_uncounted") == []
    found = await figures(database, "")
    assert sum(row["accepted"] for row in found) == QUOTES
    for name, table in (("orders", "orders"), ("refunds", "order_refunds")):
        (counted,) = await rows(database, f"SELECT count(*) FROM {table}")
        assert sum(row[name] for row in found) == counted["count"] > 3
    for name in ("cancellations", "clamped", "charges", "purchases"):
        assert sum(row[name] for row in found) > 2, name


async def the_rows_that_it_is_of_are_in_order(database: Database) -> None:
    assert (await check_ledger(database)).findings == []
    assert (await check_orders(database)).findings == []


async def sums_are_those_of_the_orders(database: Database) -> None:
    sold = await rows(
        database,
        """SELECT currency, count(*) AS orders, sum(quantity)::bigint AS units, sum(item_total_minor)::bigint AS gross_minor,
            sum(discount_minor)::bigint AS discount, sum(delivery_fee_minor)::bigint AS delivery_fee_minor,
            sum(small_basket_fee_minor)::bigint AS small_basket_fee_minor,
            sum(exclusive_tax_minor)::bigint AS exclusive_tax_minor,
            sum(inclusive_tax_minor)::bigint AS inclusive_tax_minor, sum(total_minor)::bigint AS total_minor
        FROM orders GROUP BY currency ORDER BY currency""",
    )
    found = await figures(database, "")
    assert len(sold) == 3
    for wanted, row in zip(sold, found, strict=True):
        discount = wanted.pop("discount")
        assert {name: row[name] for name in wanted} == wanted
        assert row["seller_discount_minor"] + row["platform_discount_minor"] == discount


async def sums_by_seller_are_those_of_the_ledger(
    database: Database, kinds: tuple[str, ...], prefix: str, sign: int
) -> None:
    wanted = {
        (row["currency"], row["party"], row["account"]): row["amount"]
        for row in await rows(database, LEDGER, list(kinds))
    }
    found = {
        (row["currency"], row["key_a"], account): sign * amount
        for row in await figures(database, "seller")
        for account, amount in entries(row, prefix).items()
    }
    for row in await figures(database, ""):
        sellers = [seller for seller in await figures(database, "seller") if seller["currency"] == row["currency"]]
        of_lines = sum(seller[f"{prefix}exclusive_tax_minor"] for seller in sellers)
        fees = row[f"{prefix}delivery_fee_minor"] + row[f"{prefix}small_basket_fee_minor"]
        found[row["currency"], "", "delivery"] = sign * fees
        found[row["currency"], "", "sales_tax"] = sign * (row[f"{prefix}exclusive_tax_minor"] - of_lines)
    assert len(wanted) > 20
    assert {key: amount for key, amount in found.items() if amount} == wanted


async def customers_paid_what_the_ledger_says(database: Database) -> None:
    paid = await rows(
        database,
        """SELECT currency, -sum(balance_minor)::bigint AS paid FROM ledger_accounts WHERE account = 'customer'
        GROUP BY currency ORDER BY currency""",
    )
    found = await figures(database, "")
    assert [(row["currency"], row["total_minor"] - row["reversed_total_minor"]) for row in found] == [
        (row["currency"], row["paid"]) for row in paid
    ]
