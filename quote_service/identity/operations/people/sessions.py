"""One session: a pair of tokens, made when a person logs in and again each time the pair is renewed.

Source: docs/spec/access.md#people.
"""

import hashlib
import secrets
from datetime import timedelta

from quote_service.identity.model.people import Account, Session
from quote_service.identity.operations.access_tokens import AccessTokens
from quote_service.identity.tables.refresh_tokens import add_token
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.instants import from_micros

_RANDOM_BYTES = 32


def refresh_digest(refresh_token: str) -> bytes:
    """What is kept of a refresh token: 256 random bits need no slow hash."""
    return hashlib.sha256(refresh_token.encode()).digest()


async def issue_pair(
    connection: Connection, tokens: AccessTokens, account: Account, family_id: str, at_us: int
) -> Session:
    """The next pair of a family, within the caller's transaction."""
    refresh_token = "qr_" + secrets.token_urlsafe(_RANDOM_BYTES)
    expires_at = from_micros(at_us) + timedelta(seconds=tokens.lives.refresh_seconds)
    await add_token(connection, refresh_digest(refresh_token), family_id, expires_at)
    return Session(
        access_token=tokens.issue(account, at_us, session_id=family_id),
        token_type="Bearer",  # noqa: S106 (RFC 6750's word)
        expires_in_seconds=tokens.lives.access_seconds,
        refresh_token=refresh_token,
        refresh_expires_in_seconds=tokens.lives.refresh_seconds,
        user=account.user,
    )
