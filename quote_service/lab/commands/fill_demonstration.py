"""The filling of `quote-service intelligence demo`; with it come the numbers libraries.

Source: docs/spec/demonstration.md.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click
import msgspec

from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.market_analysis.operations.run_analysis import terms_of_analysis
from quote_service.intelligence.price_decisions.operations.decision_terms import terms_of
from quote_service.lab.demonstration.model.made import Made
from quote_service.lab.demonstration.model.plan import AUTHOR, CROWD, DemonstrationPlan
from quote_service.lab.demonstration.operations.fill_database import Filling, fill_database
from quote_service.lab.dev.directory import KeptSecrets, development_key
from quote_service.lab.seeding.operations.past_quotes import OrderKeys
from quote_service.platform.settings import Settings
from quote_service.platform.telemetry.logs import configure_logs
from quote_service.serving.cli.administration import with_database
from quote_service.serving.cli.refusals import refuse

_STATEMENT_SECONDS: Final = 300.0


def fill(settings: Settings, data_dir: Path, made: Path, seed: int, days: int, crowd: int) -> None:
    """Fill the database of a development service, or go on where an earlier call was interrupted."""
    found = msgspec.json.decode(made.read_bytes(), type=Made) if made.exists() else None
    if found is not None and found.is_finished:
        raise refuse(f"{data_dir} has a demonstration already; --remove takes it out")
    if found is None:
        plan = DemonstrationPlan(seed, datetime.now(UTC), days, CROWD * crowd / 100)
    else:
        plan = found.plan
        click.echo(f"Going on with seed {plan.seed}, which was interrupted", err=True)
    configure_logs("warning")
    kept = msgspec.json.decode((data_dir / "secrets.json").read_bytes(), type=KeptSecrets)
    began = time.monotonic()

    def report(what: str, done: int, of_all: int) -> None:
        if done == of_all:
            click.echo(f"{of_all} {what} after {time.monotonic() - began:.1f} s", err=True)

    filling = Filling(
        OrderKeys(settings.signing_keys, settings.receipt_keys, settings.quote_ttl_seconds, AUTHOR),
        CredentialsSeal(development_key(kept.jwt_key)),
        terms_of(settings),
        terms_of_analysis(settings, ZoneInfo(settings.time_zone)),
        settings.time_zone,
        report,
        lambda noted: made.write_bytes(msgspec.json.encode(noted)),
    )
    with_database(
        lambda database: fill_database(database, plan, filling, found),
        settings=settings,
        statement_seconds=_STATEMENT_SECONDS,
    )
