"""What commands of administration have in common: an open database, and plain words for what is refused.

Source: docs/spec/operations.md#production.
"""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from typing import TypeVar

from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.changes import Author, change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.serving.cli.refusals import refuse, refuse_unmigrated, settings_of_environment

STATEMENT_SECONDS = 5.0
Result = TypeVar("Result")


def with_database(
    work: Callable[[Database], Awaitable[Result]],
    *,
    settings: Settings | None = None,
    statement_seconds: float = STATEMENT_SECONDS,
) -> Result:
    """Run some work on the database at DATABASE_URL, or end the process with the reason why not.

    Args:
        work: What to do.
        settings: Say which database; those of the environment unless given.
        statement_seconds: The longest that one statement of it may take.
    """
    settings = settings or settings_of_environment()
    if not settings.database_url:
        raise refuse("DATABASE_URL is required")
    refuse_unmigrated(settings.database_url)

    async def run() -> Result:
        database = await Database.open(settings.database_url, statement_seconds=statement_seconds)
        try:
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except QuoteServiceError as error:
        reasons = [f"{fault.pointer.removeprefix('/')} {fault.detail}" for fault in error.faults]
        raise refuse(*(reasons or [error.detail])) from None


def change_at_terminal() -> Author:
    """A change made on the command line, by whoever is logged in to this machine."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as containers have
        account = "unnamed"
    return change_by_system(f"command line ({account})", now_us())
