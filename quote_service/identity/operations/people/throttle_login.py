"""How often a password may be tried: by account and by address, over all workers.

An attempt is counted before the password is looked at, so that a hundred at once are a hundred. Unknown accounts are
counted like known ones: being turned away reveals nothing about whether there is such a person.

The first attempt too many on an account is put on record, so a window leaves at most one row of an account in the audit log
and one address no more than a few.

An address of IPv6 counts with its network of 64 bits, all of which one machine may use.

Source: docs/spec/access.md#people.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from quote_service.identity.operations.guests import network_of
from quote_service.identity.tables.login_attempts import AttemptCount, count_attempt, forgive_attempts
from quote_service.identity.tables.users import account_by_email
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import TooMany
from quote_service.platform.system.instants import to_micros


class LoginThrottle(NamedTuple):
    """How many attempts a window lets through."""

    window_seconds: int = 15 * 60
    account_attempts_max: int = 10
    address_attempts_max: int = 100  # an office or a carrier may stand behind one address


LOGIN_THROTTLE = LoginThrottle()


async def count_login_attempt(
    database: Database, throttle: LoginThrottle, email: str, address: str, at: datetime, *, request_id: str = ""
) -> None:
    """Count one attempt, and refuse it when there were too many.

    Args:
        database: Where the attempts of all workers are counted.
        throttle: How many are let through.
        email: The account, in its one spelling.
        address: Where the attempt comes from.
        at: When.
        request_id: Of the attempt, for the audit log.

    Raises:
        TooMany: The account or the address has used up its attempts for now.
    """
    window_seconds, account_max, address_max = throttle
    async with database.read() as connection:
        counted = (
            (await count_attempt(connection, f"address:{network_of(address)}", at, window_seconds), address_max),
            (await count_attempt(connection, f"account:{email}", at, window_seconds), account_max),
        )
    if counted[1][0].attempts == account_max + 1 and counted[0][0].attempts <= address_max:
        await _record_throttling(database, email, at, request_id)
    for count, attempts_max in counted:
        _refuse_beyond(count, attempts_max, window_seconds, at)


async def count_address(database: Database, throttle: LoginThrottle, address: str, at: datetime) -> None:
    """Count one attempt of an address to get in by something that names no account.

    Raises:
        TooMany: The address has used up its attempts for now.
    """
    async with database.read() as connection:
        count = await count_attempt(connection, f"address:{network_of(address)}", at, throttle.window_seconds)
    _refuse_beyond(count, throttle.address_attempts_max, throttle.window_seconds, at)


def _refuse_beyond(count: AttemptCount, attempts_max: int, window_seconds: int, at: datetime) -> None:
    if count.attempts > attempts_max:
        left = count.window_started_at + timedelta(seconds=window_seconds) - at
        seconds = max(1, int(left.total_seconds()) + 1)
        raise TooMany("Too many attempts to log in; wait and try again", retry_after_seconds=seconds)


async def _record_throttling(database: Database, email: str, at: datetime, request_id: str) -> None:
    async with database.transaction() as connection:
        account = await account_by_email(connection, email)
        await Change.within(
            connection, Author(actor="login", actor_kind="system", request_id=request_id, at_us=to_micros(at))
        ).record("session.throttled", kind="user", object_id="unknown" if account is None else account.user.id)


async def forgive_login_attempts(database: Database, email: str, address: str) -> None:
    """The password was right: the account starts again, and the address gets this one attempt back, no more."""
    async with database.read() as connection:
        await forgive_attempts(connection, f"account:{email}")
        await forgive_attempts(connection, f"address:{network_of(address)}", 1)
