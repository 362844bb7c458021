"""`quote-service intelligence demo`.

Source: docs/spec/demonstration.md.
"""

import importlib
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from quote_service.lab.commands.development import development_service, development_settings
from quote_service.platform.settings import Settings
from quote_service.serving.cli.administration import with_database
from quote_service.serving.cli.packages import require_packages
from quote_service.serving.cli.refusals import refuse

#: What was made stands in this file of the data directory.
MADE: Final = "demonstration.json"
_SEED_MAX: Final = 2**31 - 1


@click.command()
@click.option(
    "--data-dir",
    default=Path(".quote-service"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Of the `quote-service dev` that runs; no other database is ever filled.",
)
@click.option(
    "--seed",
    "seed_number",
    default=1,
    show_default=True,
    type=click.IntRange(0, _SEED_MAX),
    help="What all data is derived from: the same seed, the same market.",
)
@click.option(
    "--days",
    default=180,
    show_default=True,
    type=click.IntRange(60, 365),
    help="Days of history; the last is yesterday.",
)
@click.option(
    "--crowd",
    default=100,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Shoppers in percent of the usual; fewer are written sooner and show less.",
)
@click.option("--remove", is_flag=True, help="Take the demonstration out again.")
def demo(data_dir: Path, seed_number: int, days: int, crowd: int, remove: bool) -> None:
    """Fill a running development service with a simulated market.

    Products with costs, rivals and what they asked, what was sold in 180 days, and the stories of the last days.
    """
    settings = development_settings(data_dir)
    made = data_dir / MADE
    if remove:
        _remove(settings, made)
        return
    require_packages()
    filling: Any = importlib.import_module("quote_service.lab.commands.fill_demonstration")
    filling.fill(settings, data_dir, made, seed_number, days, crowd)
    click.echo(f"Look at {development_service(data_dir).url}/admin")


def _remove(settings: Settings, made: Path) -> None:
    withdrawing: Any = importlib.import_module("quote_service.lab.demonstration.operations.withdraw")
    if not made.exists():
        raise refuse(f"{made.parent} has no demonstration")
    found = msgspec.json.decode(made.read_bytes(), type=withdrawing.Made)
    with_database(lambda database: withdrawing.withdraw(database, found), settings=settings)
    made.unlink()
    click.echo("The demonstration is taken out; what was sold stays in reports")
