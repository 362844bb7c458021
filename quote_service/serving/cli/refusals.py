"""How a command says that it cannot go on: one red line for each reason, and exit status 1."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import click
import structlog

from quote_service.platform.postgres.pooler import is_behind_pooler
from quote_service.platform.postgres.reachable import missing_migrations, why_unusable
from quote_service.platform.redis_store.connection import check_redis_url
from quote_service.platform.settings import Settings, SettingsRefused, production_faults, read_settings
from quote_service.platform.system.errors import Unavailable
from quote_service.serving.cli.connecting import POOLER, faults_of_redis, not_migrated

_log = structlog.get_logger(__name__)


def refuse(*reasons: str) -> click.exceptions.Exit:
    """Tell the reasons on standard error; raise what this returns."""
    for reason in reasons:
        click.secho(reason, fg="red", err=True)
    return click.exceptions.Exit(1)


def refuse_settings(refused: SettingsRefused) -> click.exceptions.Exit:
    """Name every fault of the environment; raise what this returns."""
    return refuse(*(f"{fault.variable} {fault.detail}" for fault in refused.faults))


def settings_of_environment(*, needs_all: bool = False, **fixed: Any) -> Settings:
    """The settings of this process, or the end of it with every fault named.

    Args:
        needs_all: Also refuse what a service in production must not start with.
        fixed: Fields given on the command line.
    """
    try:
        settings = read_settings(os.environ, **fixed)
    except SettingsRefused as refused:
        raise refuse_settings(refused) from None
    faults = [f"{fault.variable} {fault.detail}" for fault in (production_faults(settings) if needs_all else [])]
    faults += redis_faults(settings)
    if faults:
        raise refuse(*faults)
    return settings


def redis_faults(settings: Settings) -> Iterator[str]:
    """What is wrong with addresses of Redis, each with its variable."""
    for variable, url in (
        ("REDIS_URL", settings.redis_url),
        ("QUOTE_STOCK_REDIS_URL", settings.stock_redis_url),
        ("QUOTE_EVENT_REDIS_URL", settings.event_redis_url),
    ):
        try:
            check_redis_url(url or "redis://")
        except ValueError as fault:
            yield f"{variable} {fault}"


def refuse_pooler(database_url: str) -> None:
    """End the process where a pooler by transaction stands before PostgreSQL; one that is unavailable is no reason to."""
    if asyncio.run(is_behind_pooler(database_url)):
        raise refuse(POOLER)


def refuse_unusable(database_url: str) -> None:
    """End the process where PostgreSQL can never be used by this URL as it is; one that is unavailable is no reason to."""
    reason = asyncio.run(why_unusable(database_url))
    if reason is not None:
        raise refuse(f"DATABASE_URL {reason}")


def warn_of_redis(settings: Settings) -> None:
    """Log what is wrong with Redis; the process starts all the same, and is degraded until that is mended."""
    for fault in asyncio.run(faults_of_redis(settings)):
        _log.error("redis_of_no_use", reason=fault)


def refuse_unmigrated(database_url: str) -> None:
    """End the process where the database lacks the schema of this release; one that is unavailable is no reason to."""
    refuse_unusable(database_url)
    try:
        missing = asyncio.run(missing_migrations(database_url))
    except Unavailable:
        return
    if missing:
        raise refuse(not_migrated(missing))
