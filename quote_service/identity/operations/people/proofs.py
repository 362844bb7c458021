"""Who changes how they sign in proves first that it is still them: a session that somebody left open, or that was copied, must not
be enough to keep an account.

A proof is signing in, or the password or a code again; it belongs to one session and holds for five minutes.

Source: docs/spec/access.md#proofs.
"""

from datetime import timedelta
from typing import Final

from quote_service.identity.model.second_factors import Proof
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.factors.check_code import take_code
from quote_service.identity.operations.people.throttle_login import count_login_attempt, forgive_login_attempts
from quote_service.identity.tables.refresh_tokens import note_proof, proof_of_session
from quote_service.identity.tables.users import account_by_id, lock_account
from quote_service.platform.callers.errors import ProofRequired
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Invalid, Unauthorized

PROOF_SECONDS: Final = 300
_LOG_IN = "Log in again"


async def require_proof(change: Change, session_id: str | None) -> None:
    """See to it that the author has recently proven to be the one; the session is held until the caller's transaction ends.

    Raises:
        ProofRequired: The last proof of the session is older than five minutes, it has ended, or there is none.
    """
    proven_at = None if session_id is None else await proof_of_session(change.connection, session_id, change.actor)
    if proven_at is None or change.at - proven_at > timedelta(seconds=PROOF_SECONDS):
        raise ProofRequired(
            "Confirm that it is you: send your password or a code to POST /api/v1/auth/proof, or log in again"
        )


async def require_proof_for_own(change: Change, user_id: str, session_id: str | None) -> None:
    """As `require_proof`, where an admin is about to set the own way to sign in as if it were another's."""
    if change.actor_kind == "user" and change.actor == user_id:
        await lock_account(change.connection, user_id)  # accounts are held before their sessions
        await require_proof(change, session_id)


async def has_proof(database: Database, change: Author, session_id: str | None) -> bool:
    """Whether `require_proof` would let the author go on."""
    async with database.read() as connection:
        try:
            await require_proof(Change.within(connection, change), session_id)
        except ProofRequired:
            return False
    return True


async def prove(
    database: Database, credentials: Credentials, change: Author, session_id: str | None, given: Proof, address: str
) -> None:
    """Take the password or a code again, and note it with the session.

    Raises:
        Invalid: Not one of the two is given, or it does not hold.
        TooMany: They have been tried too often.
        Unauthorized: The session has ended, or the author is no longer let in.
        ProofRequired: The credentials belong to no session that a proof could be noted with.
    """
    if (given.current_password is None) == (given.code is None):
        raise Invalid.at("", "must have either current_password or code")
    if session_id is None:
        raise ProofRequired("This token belongs to no session; log in")
    async with database.read() as connection:
        account = await account_by_id(connection, change.actor)
    if account is None or not account.user.is_active:
        raise Unauthorized(_LOG_IN)
    at, email = change.at, account.user.email
    await count_login_attempt(database, credentials.throttle, email, address, at, request_id=change.request_id)
    password = given.current_password
    if password is not None and not (
        account.has_password and await credentials.passwords.matches(password, account.password_hash)
    ):
        raise Invalid.at("/current_password", "is not the current password")
    async with database.transaction() as connection:
        held = await lock_account(connection, change.actor)
        if held is None or not held.user.is_active or held.generation != account.generation:
            raise Unauthorized(_LOG_IN)
        code = given.code
        if (
            code is not None
            and await take_code(credentials.factors, Change.within(connection, change), change.actor, code) is None
        ):
            raise Invalid.at("/code", "is not valid, or was used")
        if not await note_proof(connection, session_id, change.actor, at):
            raise Unauthorized(_LOG_IN)
    await forgive_login_attempts(database, email, address)
