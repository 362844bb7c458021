"""`quote-service flash-sales audit`.

Source: docs/spec/flash-sales.md#invariants.
"""

import asyncio
from collections.abc import Iterator, Mapping
from uuid import UUID

import click

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.renamed import with_both_names
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.system.instants import instant_text, to_micros
from quote_service.selling.flash_sales.model.audit import INVARIANTS, SaleAudit
from quote_service.selling.flash_sales.operations.upkeep.audit_sale import audit_sale
from quote_service.selling.flash_sales.tables.library import FlashLibrary
from quote_service.selling.flash_sales.tables.upkeep import StockUpkeep
from quote_service.serving.cli.administration import with_database
from quote_service.serving.cli.refusals import refuse, settings_of_environment

_TIMEOUT_MS = 5000
_LOOK_SECONDS = 0.5
_BROKEN = 1
_NOT_AUDITED = 2


@click.group("flash-sales")
def flash_sales() -> None:
    """Audit flash sales."""


@flash_sales.command()
@click.argument("sale_id", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(0, 3600),
    default=0.0,
    metavar="SECONDS",
    help="Repeat the check for up to this long until it passes; purchases in progress show as differences.",
)
def audit(sale_id: UUID, as_json: bool, wait_seconds: float) -> None:
    """Check that a flash sale keeps its invariants, in PostgreSQL and Redis.

    Exit status: 0 all hold, 1 one is broken, 2 the sale could not be audited.
    """
    try:
        found = with_database(lambda database: _audit(database, sale_id, wait_seconds))
    except click.exceptions.Exit as refused:  # the reason has been told
        raise click.exceptions.Exit(_NOT_AUDITED) from refused
    if as_json:
        click.echo(write_document({"holds": not found.findings, **with_both_names(found)}))
    else:
        for line in _lines(found):
            click.echo(line)
    if found.findings:
        raise click.exceptions.Exit(_BROKEN)


async def _audit(database: Database, sale_id: UUID, wait_seconds: float) -> SaleAudit:
    settings = settings_of_environment()
    redis_url = settings.stock_redis_url or settings.redis_url
    if not redis_url:
        raise refuse("QUOTE_STOCK_REDIS_URL or REDIS_URL is required")
    client = open_redis(redis_url, _TIMEOUT_MS)
    clock = asyncio.get_running_loop().time
    deadline = clock() + wait_seconds
    try:
        while True:
            found = await audit_sale(database, StockUpkeep(FlashLibrary(client)), sale_id)
            if not found.findings or clock() >= deadline:
                return found
            await asyncio.sleep(_LOOK_SECONDS)
    finally:
        await client.aclose()


def _lines(found: SaleAudit) -> Iterator[str]:
    yield f"Flash sale {found.flash_sale_id} ({found.name}), {found.state}, at {instant_text(to_micros(found.at))}"
    for item in found.items:
        redis = "not in Redis" if item.stock is None else f"{item.stock} left in Redis, {item.waiting} to be recorded"
        yield (
            f"  item {item.item_id}, product {item.product_id}: {item.allocated} allocated, "
            f"{item.confirmed} confirmed, {item.reserved} reserved, {redis}"
        )
    yield f"  rebuilt in Redis: {_counts(found.recoveries)}"
    yield f"  late refusals: {_counts(found.rejected_for)}"
    yield f"  dead letters: {found.dead_letters}"
    for note in found.notes:
        yield f"  note: {note}"
    for invariant, meaning in INVARIANTS.items():
        broken = [finding.detail for finding in found.findings if finding.invariant == invariant]
        yield f"{invariant:<4}{'BROKEN' if broken else 'holds':<8}{meaning}"
        for detail in broken:
            yield f"      {detail}"


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in counted.items()) or "none"
