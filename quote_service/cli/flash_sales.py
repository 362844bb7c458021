"""`quote-service flash-sales audit`.

Source: spec 7.
"""

from uuid import UUID

import click

from quote_service.cli.administration import with_database
from quote_service.cli.refusals import refuse, settings_of_environment
from quote_service.flows.flash_sales.audit_sale import CHECKED, SaleAudit, audit_sale
from quote_service.postgres.pool import Database
from quote_service.redis_store.connection import open_redis
from quote_service.redis_store.flash_sales.library import FlashLibrary
from quote_service.redis_store.flash_sales.upkeep import StockUpkeep

_TIMEOUT_MS = 5000


@click.group("flash-sales")
def flash_sales() -> None:
    """Look after flash sales."""


@flash_sales.command()
@click.argument("sale_id", type=click.UUID)
def audit(sale_id: UUID) -> None:
    """Hold a sale against its invariants, in PostgreSQL and Redis; exit status 1 where one is broken."""
    settings = settings_of_environment()
    redis_url = settings.stock_redis_url or settings.redis_url
    if not redis_url:
        raise refuse("QUOTE_STOCK_REDIS_URL or REDIS_URL is required")

    async def work(database: Database) -> SaleAudit:
        client = open_redis(redis_url, _TIMEOUT_MS)
        try:
            return await audit_sale(database, StockUpkeep(FlashLibrary(client)), sale_id)
        finally:
            await client.aclose()

    found = with_database(work)
    for finding in found.findings:
        click.echo(f"{finding.invariant}\t{finding.detail}")
    click.echo(f"Rebuilt {found.rebuilt} times; {found.rejected} purchases refused late")
    if found.findings:
        raise refuse(f"{len(found.findings)} findings")
    click.echo(f"{', '.join(CHECKED)} hold")
