"""The admin and the key that `quote-service dev` hands out, the same ones at every start.

Source: docs/spec/operations.md#development.
"""

import secrets

import msgspec

from quote_service.identity.model.people import Account, UserDraft, UserPatch
from quote_service.identity.operations.access_tokens import DEVELOPMENT_TOKEN_SECONDS, AccessTokens
from quote_service.identity.operations.keys.create_api_key import create_api_key
from quote_service.identity.operations.people.change_user import change_user
from quote_service.identity.operations.people.create_user import create_user
from quote_service.identity.operations.people.passwords import Passwords
from quote_service.identity.tables.api_keys import key_by_hash
from quote_service.identity.tables.users import account_by_email
from quote_service.platform.callers.access import SCOPES
from quote_service.platform.callers.api_keys import ApiKeyDraft, key_digest
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.preconditions import UNCONDITIONAL

DEVELOPMENT_EMAIL = "admin@localhost"


class DevelopmentAccess(msgspec.Struct, frozen=True):
    """What a developer needs; all of it is secret. The token lasts 30 days, and the key has no rate limit."""

    admin_email: str
    admin_password: str
    admin_token: str
    api_key: str


async def provision_development(
    database: Database,
    tokens: AccessTokens,
    passwords: Passwords,
    *,
    known_password: str | None,
    known_api_key: str | None,
    at_us: int,
) -> DevelopmentAccess:
    """Make the admin and the key, or keep those that were made before and still hold.

    Args:
        database: The development database, migrated.
        tokens: Of the service that will run.
        passwords: To hash the password with.
        known_password: What the call before gave, if it was kept.
        known_api_key: Likewise.
        at_us: Now.
    """
    change = change_by_system("development", at_us)
    async with database.read() as connection:
        account = await account_by_email(connection, DEVELOPMENT_EMAIL)
    known_holds = await passwords.matches(known_password or "", None if account is None else account.password_hash)
    password = known_password if known_holds and known_password else secrets.token_urlsafe(12)
    new_hash = None if known_holds else await passwords.hash(password)
    async with database.transaction() as connection:
        holder = await _admin(Change.within(connection, change), account, password, new_hash)
        api_key = await _key(Change.within(connection, change), known_api_key)
    token = tokens.issue(holder, at_us, DEVELOPMENT_TOKEN_SECONDS)
    return DevelopmentAccess(DEVELOPMENT_EMAIL, password, token, api_key)


async def _admin(change: Change, account: Account | None, password: str, new_hash: str | None) -> Account:
    if account is None:
        assert new_hash is not None  # nobody's password holds
        await create_user(change, UserDraft(email=DEVELOPMENT_EMAIL, password=password, role="admin"), new_hash)
    else:
        wanted = UserPatch(role="admin", is_active=True)
        await change_user(change, account.user.id, wanted, UNCONDITIONAL, new_hash=new_hash)
    held = await account_by_email(change.connection, DEVELOPMENT_EMAIL)
    assert held is not None  # made or held above, in this transaction
    return held


async def _key(change: Change, known: str | None) -> str:
    kept = None if known is None else await key_by_hash(change.connection, key_digest(known.encode()))
    if kept is not None and known is not None and kept.revoked_at is None:
        if kept.expires_at is None or kept.expires_at > change.at:
            return known
    draft = ApiKeyDraft(name="development", scopes=list(SCOPES), rate_limit=None)
    return (await create_api_key(change, draft, "dev")).key
