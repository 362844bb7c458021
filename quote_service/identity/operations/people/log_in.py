"""A person logs in: by a password, and by a code where there is a second factor.

Source: docs/spec/access.md#people; docs/spec/access.md#second-factor.
"""

from quote_service.identity.model.people import Account, LogIn, Session, email_of
from quote_service.identity.model.second_factors import FactorLogIn, FactorSecret
from quote_service.identity.operations.access_tokens import AccessTokens
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.factors.challenges import Challenge, Purpose
from quote_service.identity.operations.factors.check_code import take_code
from quote_service.identity.operations.factors.enrol import confirm_enrolment, start_enrolment
from quote_service.identity.operations.people.sessions import issue_pair
from quote_service.identity.operations.people.throttle_login import count_login_attempt, forgive_login_attempts
from quote_service.identity.tables.refresh_tokens import start_family
from quote_service.identity.tables.users import (
    account_by_email,
    account_by_id,
    lock_account,
    note_login,
    replace_password_hash,
)
from quote_service.platform.callers.sessions import BegunBy, Visit
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Unauthorized
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.new_ids import new_id


async def log_in(database: Database, credentials: Credentials, given: LogIn, visit: Visit) -> Session:
    """Check the password and begin a session.

    Unknown, deactivated and mistaken are one answer and take one time.

    Raises:
        TooMany: The account or the address has used up its attempts.
        Unauthorized: The address and the password do not belong together.
        SecondFactorRequired: They do, and a code is needed.
        SecondFactorMissing: They do, and the role requires a second factor that there is not.
        Overloaded: Too many passwords are being checked.
    """
    email, passwords = email_of(given.email), credentials.passwords
    await _count(database, credentials, email, visit)
    async with database.read() as connection:
        account = await account_by_email(connection, email)
    fits = await passwords.matches(given.password, None if account is None else account.password_hash)
    if account is None or not fits or not account.user.is_active:
        raise refused()
    if passwords.is_outdated(account.password_hash):
        newer_hash = await passwords.hash(given.password)
        async with database.transaction() as connection:
            await replace_password_hash(connection, account.user.id, account.password_hash, newer_hash)
    # Attempts stay counted until the second step: else whoever has the password could try codes without end.
    credentials.factors.require(account, "password", visit.at_us)
    async with database.transaction() as connection:
        held = await _hold(connection, account.user.id, account.generation)
        session = await begin_session(connection, credentials.tokens, held, visit, begun_by="password")
    await forgive_login_attempts(database, email, visit.address)
    return session


async def log_in_by_code(database: Database, credentials: Credentials, given: FactorLogIn, visit: Visit) -> Session:
    """Check the code that comes with a challenge and begin a session.

    Raises:
        TooMany: The account or the address has used up its attempts.
        Unauthorized: The challenge does not hold any more, or the code does not.
    """
    challenge, account = await _challenged(database, credentials, given.challenge, "code", visit.at_us)
    await _count(database, credentials, account.user.email, visit)
    change = _change(account.user.id, visit)
    async with database.transaction() as connection:
        held = await _hold(connection, account.user.id, challenge.generation)
        if await take_code(credentials.factors, Change.within(connection, change), held.user.id, given.code) is None:
            raise Unauthorized("The code is not valid, or was used")
        session = await begin_session(connection, credentials.tokens, held, visit, begun_by=challenge.begun_by)
    await forgive_login_attempts(database, account.user.email, visit.address)
    return session


async def enrol_by_challenge(
    database: Database, credentials: Credentials, challenge_text: str, visit: Visit
) -> FactorSecret:
    """A secret for whoever has passed the first step and has to set up a second factor.

    Raises:
        Unauthorized: The challenge does not hold any more.
        Conflict: There is a second factor already.
    """
    _, account = await _challenged(database, credentials, challenge_text, "enrolment", visit.at_us)
    async with database.transaction() as connection:
        return await start_enrolment(connection, credentials.factors, account.user, visit.at_us)


async def confirm_by_challenge(
    database: Database, credentials: Credentials, given: FactorLogIn, visit: Visit
) -> tuple[Session, list[str]]:
    """Turn the second factor on by its first code, and begin a session; that, and the recovery codes.

    Raises:
        TooMany: The account or the address has used up its attempts.
        Unauthorized: The challenge does not hold any more.
        Invalid: The code does not fit.
        Conflict: There is nothing to turn on.
    """
    challenge, account = await _challenged(database, credentials, given.challenge, "enrolment", visit.at_us)
    await _count(database, credentials, account.user.email, visit)
    change = _change(account.user.id, visit)
    async with database.transaction() as connection:
        held = await _hold(connection, account.user.id, challenge.generation)
        codes = await confirm_enrolment(credentials.factors, Change.within(connection, change), held, given.code)
        session = await begin_session(connection, credentials.tokens, held, visit, begun_by=challenge.begun_by)
    await forgive_login_attempts(database, account.user.email, visit.address)
    return session, codes


async def begin_session(
    connection: Connection, tokens: AccessTokens, held: Account, visit: Visit, *, begun_by: BegunBy
) -> Session:
    """A session of a held account, on record, within the caller's transaction."""
    family_id, at = new_id(), from_micros(visit.at_us)
    await start_family(connection, family_id, held.user.id, at, begun_by=begun_by, device=visit.device)
    session = await issue_pair(connection, tokens, held, family_id, visit.at_us)
    await note_login(connection, held.user.id, at)
    await Change.within(connection, _change(held.user.id, visit)).record(
        "session.start", kind="user", object_id=held.user.id
    )
    return session


def refused() -> Unauthorized:
    """The one answer to whoever is not let in."""
    return Unauthorized("Wrong e-mail address or password")


async def _challenged(
    database: Database, credentials: Credentials, text: str, purpose: Purpose, at_us: int
) -> tuple[Challenge, Account]:
    challenge = credentials.factors.challenges.read(text, purpose, at_us)
    async with database.read() as connection:
        account = await account_by_id(connection, challenge.user_id)
    if account is None or not account.user.is_active or account.generation != challenge.generation:
        raise refused()
    return challenge, account


async def _hold(connection: Connection, user_id: str, generation: int) -> Account:
    """Held, so that a deactivation or a new password either comes before and is seen, or after and ends this session."""
    held = await lock_account(connection, user_id)
    if held is None or not held.user.is_active or held.generation != generation:
        raise refused()
    return held


async def _count(database: Database, credentials: Credentials, email: str, visit: Visit) -> None:
    at = from_micros(visit.at_us)
    await count_login_attempt(database, credentials.throttle, email, visit.address, at, request_id=visit.request_id)


def _change(user_id: str, visit: Visit) -> Author:
    return Author(actor=user_id, actor_kind="user", request_id=visit.request_id, at_us=visit.at_us)
