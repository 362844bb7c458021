"""What is measured of sales is what was sold.

Source: docs/spec/analytics.md#metrics.
"""

from __future__ import annotations

from quote_service.platform.postgres.pool import Database
from quote_service.steering.analytics.operations.count_sales import count_sales
from quote_service.steering.analytics.operations.measure_sales import SALES_FIGURES
from tests.analytics.sold_month import ZONE, SoldMonth


async def measured(database: Database) -> dict[str, dict[str, float]]:
    """Each figure by its label, the currency or the source."""
    return {
        name: {"".join(labels.values()): figure for labels, figure in await read(database)}
        for name, _, read in SALES_FIGURES
    }


async def test_figures_are_those_of_the_ledger(database: Database) -> None:
    nothing = await measured(database)
    assert nothing.pop("quote_analytics_waiting") == {"": 0}
    assert all(figures == {} for figures in nothing.values())
    month = SoldMonth(6)
    await month.play(database, 20)
    assert (await measured(database))["quote_analytics_waiting"][""] > 20
    while await count_sales(database, ZONE):
        pass
    found = await measured(database)
    async with database.read() as connection:
        accounts = await connection.fetch(
            """SELECT account, currency, sum(balance_minor) / (10 ^ exponent)::numeric AS balance FROM ledger_accounts
            WHERE account IN ('customer', 'commission') GROUP BY account, currency, exponent"""
        )
        orders = await connection.fetch("SELECT currency, count(*) FROM orders GROUP BY currency")
    balances = {(row["account"], row["currency"]): float(row["balance"]) for row in accounts}
    assert len(balances) == 6
    assert found["quote_sales_orders"] == {row["currency"]: row["count"] for row in orders}
    for currency in ("TRY", "JPY", "KWD"):
        assert round(found["quote_sales_revenue"][currency], 3) == round(-balances["customer", currency], 3)
        assert round(found["quote_sales_commission"][currency], 3) == round(balances["commission", currency], 3)
    assert found["quote_sales_take_rate"] == {}  # long ago
    assert found["quote_analytics_age_seconds"]["orders"] >= 0
