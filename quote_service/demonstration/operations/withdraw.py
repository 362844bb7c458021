"""Take a demonstration out again: rivals and what was seen of them go, products are no longer sold and no longer repriced.

What was sold stays in reports, as it does for everybody.

Source: docs/spec/demonstration.md#taking-it-out.
"""

from quote_service.catalog.operations.write_product import retire_product
from quote_service.competitors.operations.write_competitor import replace_competitor
from quote_service.competitors.operations.write_source import delete_source
from quote_service.competitors.words.competitors import CompetitorDraft
from quote_service.demonstration.operations.write_policies import write_policies
from quote_service.demonstration.words.made import Made
from quote_service.demonstration.words.plan import AUTHOR
from quote_service.postgres.pool import Database
from quote_service.system.changes import change_by_system
from quote_service.system.clock import now_us
from quote_service.system.errors import NotFound
from quote_service.system.preconditions import UNCONDITIONAL


async def withdraw(database: Database, made: Made) -> None:
    """Withdraw all of it, in one transaction; what somebody has deleted already is no matter.

    Raises:
        Unavailable: PostgreSQL gave no answer; nothing has changed.
    """
    change = change_by_system(AUTHOR, now_us())
    async with database.transaction() as connection:
        await write_policies(connection, change, made.products, made.categories, off=True)
        for source_id in made.sources:
            try:
                await delete_source(connection, change, source_id, UNCONDITIONAL)
            except NotFound:
                continue
        for competitor_id, name in zip(made.competitors, made.names, strict=True):
            draft = CompetitorDraft(name=name, is_active=False)
            try:
                await replace_competitor(connection, change, competitor_id, draft, UNCONDITIONAL)
            except NotFound:
                continue
        for product_id in made.products:
            try:
                await retire_product(connection, change, product_id, UNCONDITIONAL)
            except NotFound:
                continue
