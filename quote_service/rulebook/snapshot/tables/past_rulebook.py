"""A rulebook version of the past, as far as one basket can see it, out of the rows that stood then.

Source: docs/spec/quotes.md#explain-a-quote.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.postgres.statements import Statements
from quote_service.pricing.basket import Basket
from quote_service.pricing.rulebook.stored import BudgetSpend, CouponExhaustion, RulebookChanges
from quote_service.rulebook.snapshot.tables.rulebook_rows import RateReader, read_flag, read_row, read_rules
from quote_service.rulebook.snapshot.tables.versioned_rows import VERSIONED_ROWS

STATEMENTS = Statements(__file__, "past_rulebook", VERSIONED_ROWS)


async def read_past_rulebook(database: Database, version: int, basket: Basket) -> RulebookChanges | None:
    """The rows of a version that a basket can be priced by.

    Rates come whatever their period, and rules switched off or not, because an explanation tells of them too.

    Returns:
        The rows, or None where the database does not know the version: it was restored from before it.

    Raises:
        Unavailable: The database cannot be reached.
        RowUnreadable: A row cannot be understood by this release.
    """
    async with database.snapshot() as connection:
        return await read_past_rulebook_within(connection, version, basket)


async def read_past_rulebook_within(connection: Connection, version: int, basket: Basket) -> RulebookChanges | None:
    """As `read_past_rulebook`, over a connection whose transaction sees one state."""
    items = basket.items
    sellers = {UUID(basket.seller_id), *(UUID(item.seller_id) for item in items if item.seller_id)}
    categories = {UUID(item.category_id) for item in items if item.category_id}
    if not await connection.fetchval(STATEMENTS["past_version_is_known"], version):
        return None
    rates = await connection.fetch(STATEMENTS["past_rates"], version, sellers, categories)
    customer_id = UUID(basket.customer_id)
    exhaustions = await connection.fetch(STATEMENTS["past_exhaustions"], version, customer_id)
    spends = await connection.fetch(STATEMENTS["past_budget_spends"], version, customer_id)
    return RulebookChanges(
        version=version,
        is_complete=True,
        rates=list(RateReader().read_all(rates)),
        ended_rate_ids=[],
        rules=read_rules(await connection.fetch(STATEMENTS["past_rules"], version)),
        flags=[read_row("flag", row, read_flag) for row in await connection.fetch(STATEMENTS["past_flags"], version)],
        exhaustions=[CouponExhaustion(*row) for row in exhaustions],
        budget_spends=[BudgetSpend(*row) for row in spends],
    )
