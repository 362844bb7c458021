"""How often a password may be tried: by account and by address, over all workers.

An attempt is counted before the password is looked at, so that a hundred at once are a hundred. Unknown accounts are
counted like known ones: being turned away tells nothing of whether there is such a person.

Source: spec 8.
"""

from datetime import datetime, timedelta

from quote_service.domain.errors import TooMany
from quote_service.postgres.login_attempts import count_attempt, forgive_attempts
from quote_service.postgres.pool import Database

WINDOW_SECONDS = 15 * 60
ACCOUNT_ATTEMPTS_MAX = 10
ADDRESS_ATTEMPTS_MAX = 100  # an office or a carrier may stand behind one address


async def count_login_attempt(database: Database, email: str, address: str, at: datetime) -> None:
    """Count one attempt, and refuse it when there were too many.

    Raises:
        TooMany: The account or the address has used up its attempts for now.
    """
    async with database.read() as connection:
        counted = (
            (await count_attempt(connection, f"address:{address}", at, WINDOW_SECONDS), ADDRESS_ATTEMPTS_MAX),
            (await count_attempt(connection, f"account:{email}", at, WINDOW_SECONDS), ACCOUNT_ATTEMPTS_MAX),
        )
    for count, attempts_max in counted:
        if count.attempts > attempts_max:
            left = count.window_started_at + timedelta(seconds=WINDOW_SECONDS) - at
            seconds = max(1, int(left.total_seconds()) + 1)
            raise TooMany("Too many attempts to log in; wait and try again", retry_after_seconds=seconds)


async def forgive_login_attempts(database: Database, email: str, address: str) -> None:
    """The password was right: the account starts anew, and the address gets this one attempt back, no more."""
    async with database.read() as connection:
        await forgive_attempts(connection, f"account:{email}")
        await forgive_attempts(connection, f"address:{address}", 1)
