"""A person changes an own second factor, each time with a code or the password as proof; an admin takes a lost one away.

Source: docs/spec/access.md#second-factor.
"""

from quote_service.identity.model.people import Account, audited_user
from quote_service.identity.model.second_factors import FactorSecret, SecondFactor
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.factors.check_code import take_code
from quote_service.identity.operations.factors.enrol import confirm_enrolment, new_recovery_codes, start_enrolment
from quote_service.identity.operations.people.proofs import require_proof
from quote_service.identity.operations.people.throttle_login import count_login_attempt, forgive_login_attempts
from quote_service.identity.tables.refresh_tokens import end_families_of
from quote_service.identity.tables.second_factors import codes_left, remove_factor
from quote_service.identity.tables.users import account_by_id, lock_account, note_second_factor, update_account
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Conflict, Invalid, NotFound, Unauthorized
from quote_service.platform.system.instants import from_micros

_WRONG_CODE = "is not valid, or was used"


class OwnFactor:
    """The second factor of one person, changed by that person."""

    def __init__(
        self, database: Database, credentials: Credentials, change: Author, address: str, session_id: str | None
    ) -> None:
        self._database = database
        self._credentials = credentials
        self._factors = credentials.factors
        self._change = change
        self._address = address
        self._session_id = session_id

    async def show(self) -> SecondFactor:
        """How it stands."""
        account = await self._account()
        async with self._database.read() as connection:
            left = await codes_left(connection, account.user.id)
        since = account.user.second_factor_since
        is_required = account.user.role in self._factors.required_roles
        return SecondFactor(since, is_required, account.has_password, left if since else 0)

    async def start(self, current_password: str | None) -> FactorSecret:
        """A secret to set it up with.

        Raises:
            Invalid: The current password is another.
            TooMany: It has been tried too often.
            ProofRequired: There is no password, and signing in was more than five minutes ago.
            Conflict: There is a second factor already.
        """
        account = await self._account()
        await self._count(account)
        if account.has_password:
            passwords = self._credentials.passwords
            if not await passwords.matches(current_password or "", account.password_hash):
                raise Invalid.at("/current_password", "is not the current password")
        async with self._database.transaction() as connection:
            held = await self._hold(connection)
            if held.generation != account.generation:
                raise Unauthorized("Log in again")
            if not account.has_password:
                await require_proof(Change.within(connection, self._change), self._session_id)
            secret = await start_enrolment(connection, self._factors, account.user, self._change.at_us)
        await self._forgive(account)
        return secret

    async def confirm(self, code: str) -> list[str]:
        """Turn it on; the recovery codes.

        Raises:
            Invalid: The code does not fit.
            TooMany: Codes have been tried too often.
            Conflict: There is nothing to turn on.
        """
        account = await self._account()
        await self._count(account)
        async with self._database.transaction() as connection:
            held = await self._hold(connection)
            codes = await confirm_enrolment(self._factors, Change.within(connection, self._change), held, code)
        await self._forgive(account)
        return codes

    async def renew_codes(self, code: str) -> list[str]:
        """Other recovery codes.

        Raises:
            Invalid: The code does not hold.
            TooMany: Codes have been tried too often.
        """
        account = await self._account()
        await self._count(account)
        async with self._database.transaction() as connection:
            held = await self._hold(connection)
            await self._take(connection, held, code)
            codes = await new_recovery_codes(connection, held.user.id)
            await _record(Change.within(connection, self._change), "second_factor.recovery_codes", held, held)
        await self._forgive(account)
        return codes

    async def remove(self, code: str) -> None:
        """Turn it off.

        Raises:
            Invalid: The code does not hold.
            TooMany: Codes have been tried too often.
            Conflict: The role requires one.
        """
        account = await self._account()
        if account.user.role in self._factors.required_roles:
            raise Conflict("Your role requires a second factor")
        await self._count(account)
        async with self._database.transaction() as connection:
            held = await self._hold(connection)
            await self._take(connection, held, code)
            await remove_factor(connection, held.user.id)
            off = await note_second_factor(connection, held.user.id, None, from_micros(self._change.at_us))
            await _record(Change.within(connection, self._change), "second_factor.remove", held, off)
        await self._forgive(account)

    async def _account(self) -> Account:
        async with self._database.read() as connection:
            account = await account_by_id(connection, self._change.actor)
        if account is None or not account.user.is_active:
            raise Unauthorized("Log in again")
        return account

    async def _hold(self, connection: Connection) -> Account:
        held = await lock_account(connection, self._change.actor)
        if held is None or not held.user.is_active:
            raise Unauthorized("Log in again")
        return held

    async def _take(self, connection: Connection, held: Account, code: str) -> None:
        if await take_code(self._factors, Change.within(connection, self._change), held.user.id, code) is None:
            raise Invalid.at("/code", _WRONG_CODE)

    async def _count(self, account: Account) -> None:
        await count_login_attempt(
            self._database,
            self._credentials.throttle,
            account.user.email,
            self._address,
            from_micros(self._change.at_us),
            request_id=self._change.request_id,
        )

    async def _forgive(self, account: Account) -> None:
        await forgive_login_attempts(self._database, account.user.email, self._address)


async def reset_factor(change: Change, user_id: str) -> None:
    """An admin takes a person's second factor away, within the caller's transaction; all sessions of the person end.

    Raises:
        NotFound: There is no such person, or there is no second factor.
    """
    held = await lock_account(change.connection, user_id)
    if held is None:
        raise NotFound("There is no such user")
    at = change.at
    if not await remove_factor(change.connection, user_id):
        raise NotFound("The user has no second factor")
    await note_second_factor(change.connection, user_id, None, at)
    # A new generation: what was let in by the factor that is gone ends within a second.
    off = await update_account(
        change.connection,
        user_id,
        role=held.user.role,
        is_active=held.user.is_active,
        password_hash=held.password_hash,
        at=at,
    )
    await end_families_of(change.connection, user_id, "second_factor_reset", at)
    await _record(change, "second_factor.reset", held, off)


async def _record(change: Change, action: str, before: Account, after: Account) -> None:
    await change.record(
        action, audited_user(before.user), audited_user(after.user), kind="user", object_id=before.user.id
    )
