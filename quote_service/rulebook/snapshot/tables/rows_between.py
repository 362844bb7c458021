"""Rows of all rulebook versions from one to another, read once for many baskets.

Source: docs/spec/analytics.md#honoured-prices.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.pricing.rulebook.stored import BudgetSpend, CouponExhaustion
from quote_service.rulebook.snapshot.model.rows_between import RowsBetween, Standing
from quote_service.rulebook.snapshot.tables.rulebook_rows import RateReader, read_flag, read_row, read_rules
from quote_service.rulebook.snapshot.tables.versioned_rows import VERSIONED_ROWS

_STILL = 2**63 - 1

STATEMENTS = Statements(__file__, "rows_between", VERSIONED_ROWS)


@STATEMENTS.query()
async def read_versions_at(connection: Connection, instants_us: Sequence[int]) -> list[int | None]:
    """The version that counted at each instant, None before the first one."""


@STATEMENTS.query()
async def read_known_versions_of(connection: Connection, versions: Collection[int]) -> set[int]:
    """Those of some versions that the database knows: it may have been restored from before others."""


async def read_rows_between(
    connection: Connection,
    first: int,
    last: int,
    *,
    sellers: Collection[UUID],
    categories: Collection[UUID],
    customers: Collection[UUID],
) -> RowsBetween:
    """The rows of all versions from `first` to `last`, both included; what is switched off or archived is left out.

    Args:
        connection: Within a transaction.
        first: A version.
        last: The same, or a later one.
        sellers: Whose rates are wanted, beside those that name nobody.
        categories: Likewise.
        customers: Whose uses of coupons and budgets are wanted, beside those of all customers.

    Raises:
        RowUnreadable: A row cannot be understood by this release.
    """
    rate_rows = await connection.fetch(STATEMENTS["rates"], first, last, sellers, categories)
    replaced = {(row[0], row[1]): row[2] for row in await connection.fetch(STATEMENTS["rates_replaced"], first, last)}
    rule_rows = await connection.fetch(STATEMENTS["rules"], first, last)
    flag_rows = await connection.fetch(STATEMENTS["flags"], first, last)
    uses = await connection.fetch(STATEMENTS["coupon_uses"], first, last, customers)
    spends = await connection.fetch(STATEMENTS["budget_spends"], first, last, customers)
    return RowsBetween(
        rules=[
            Standing(rule, row["changed_in"], row["replaced_in"])
            for rule, row in zip(read_rules(rule_rows), rule_rows, strict=True)
        ],
        rates=[
            Standing(rate, rate.changed_in, replaced.get((rate.id, rate.changed_in), _STILL))
            for rate in RateReader().read_all(rate_rows)
        ],
        flags=[Standing(read_row("flag", row, read_flag), row["changed_in"], row["replaced_in"]) for row in flag_rows],
        coupon_uses=[Standing(CouponExhaustion(*row[:3]), row["changed_in"], row["replaced_in"]) for row in uses],
        budget_spends=[Standing(BudgetSpend(*row[:4]), row["changed_in"], row["replaced_in"]) for row in spends],
    )
