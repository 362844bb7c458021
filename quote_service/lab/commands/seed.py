"""`quote-service seed`.

Source: docs/spec/seeding.md.
"""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from quote_service.lab.commands.development import development_settings
from quote_service.lab.seeding.model.plan import CUSTOMERS_MAX, ORDERS_MAX, PRODUCTS_MAX, SEED_MAX, SeedPlan
from quote_service.lab.seeding.model.vocabulary import Vocabulary
from quote_service.lab.seeding.operations.past_quotes import OrderKeys
from quote_service.lab.seeding.operations.seed_database import AlreadyThere, ReportProgress, seed_database
from quote_service.lab.seeding.tables.seeded_rows import AUTHOR
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.serving.cli.administration import with_database
from quote_service.serving.cli.refusals import refuse, settings_of_environment

_STATEMENT_SECONDS = 3600.0
_BAR_WIDTH = 30


@click.command()
@click.option(
    "--customers", default=1_000, show_default=True, type=click.IntRange(0, CUSTOMERS_MAX), help="How many customers."
)
@click.option(
    "--products", default=1_000, show_default=True, type=click.IntRange(0, PRODUCTS_MAX), help="How many products."
)
@click.option("--orders", default=1_000, show_default=True, type=click.IntRange(0, ORDERS_MAX), help="How many orders.")
@click.option(
    "--seed",
    "seed_number",
    default=1,
    show_default=True,
    type=click.IntRange(0, SEED_MAX),
    help="What all data is derived from: the same seed, the same data.",
)
@click.option(
    "--until",
    type=click.DateTime(),
    help="UTC; when the history of prices and orders ends. The last midnight (UTC) unless given.",
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Of a running `quote-service dev`, whose database and keys are taken in place of those of the environment.",
)
@click.option("--append", "appends", is_flag=True, help="Also into a database that holds products.")
@click.option(
    "--processes",
    type=click.IntRange(1, 256),
    help="How many processes price orders; as many as there are processors unless given.",
)
def seed(
    customers: int,
    products: int,
    orders: int,
    seed_number: int,
    until: datetime | None,
    data_dir: Path | None,
    appends: bool,
    processes: int | None,
) -> None:
    """Fill the database at DATABASE_URL with believable customers, products and orders.

    Everything is written in one transaction: what is interrupted leaves nothing. The history covers 60 days. Orders are
    accepted quotes, signed with QUOTE_SIGNING_KEYS and QUOTE_RECEIPT_KEYS.
    """
    if orders and not (customers and products):
        raise click.UsageError("Orders need customers and products.")
    plan = SeedPlan(customers, products, orders, seed_number, _until(until))
    settings = settings_of_environment() if data_dir is None else development_settings(data_dir)
    keys = _keys(settings) if orders else None
    vocabulary = _vocabulary(seed_number)
    report = _progress()
    pricing = processes or os.cpu_count() or 1

    async def work(database: Database) -> None:
        async with database.transaction() as connection:
            await seed_database(connection, plan, vocabulary, keys, appends=appends, processes=pricing, report=report)

    try:
        with_database(work, settings=settings, statement_seconds=_STATEMENT_SECONDS)
    except AlreadyThere as there:
        raise refuse(str(there)) from None
    click.echo(
        f"{customers} customers, {products} products and {orders} orders of seed {seed_number}, "
        f"until {plan.until:%Y-%m-%dT%H:%M:%SZ}"
    )


def _until(given: datetime | None) -> datetime:
    now = datetime.now(UTC)
    if given is None:
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    until = given.replace(tzinfo=UTC)
    if until > now:
        raise click.BadParameter("lies in the future.", param_hint="--until")
    if until < now.replace(year=2001):
        raise click.BadParameter("is too long ago.", param_hint="--until")
    return until


def _keys(settings: Settings) -> OrderKeys:
    missing = [
        f"{variable} is required: orders are signed"
        for variable, keys in (
            ("QUOTE_SIGNING_KEYS", settings.signing_keys),
            ("QUOTE_RECEIPT_KEYS", settings.receipt_keys),
        )
        if not keys
    ]
    if missing:
        raise refuse(*missing)
    return OrderKeys(settings.signing_keys, settings.receipt_keys, settings.quote_ttl_seconds, AUTHOR)


def _vocabulary(seed_number: int) -> Vocabulary:
    try:
        from quote_service.lab.seeding.model.draw_vocabulary import draw_vocabulary
    except ModuleNotFoundError:
        raise refuse("Names come from Faker, which is not installed: pip install 'quote-service[seed]'") from None
    return draw_vocabulary(seed_number)


def _progress() -> ReportProgress:
    """A bar that moves on a terminal; elsewhere a line for each kind of row that is done."""
    moves = sys.stderr.isatty()
    began = time.monotonic()

    def report(what: str, done: int, of_all: int) -> None:
        seconds = time.monotonic() - began
        if moves:
            filled = _BAR_WIDTH * done // of_all
            bar = "#" * filled + "-" * (_BAR_WIDTH - filled)
            end = "\n" if done == of_all else ""
            click.echo(f"\r{what:<10} [{bar}] {100 * done // of_all:3} %  {seconds:5.1f} s{end}", nl=False, err=True)
        elif done == of_all:
            click.echo(f"{of_all} {what} after {seconds:.1f} s", err=True)

    return report
