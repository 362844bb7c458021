"""One session: a pair of tokens, made when a person logs in and again each time the pair is renewed.

Source: spec 8.
"""

import hashlib
import secrets
from datetime import timedelta

from quote_service.domain.instants import from_micros
from quote_service.domain.people import Account, Session
from quote_service.flows.access_tokens import ACCESS_TOKEN_SECONDS, AccessTokens
from quote_service.postgres.pool import Connection
from quote_service.postgres.refresh_tokens import add_token

REFRESH_TOKEN_SECONDS = 14 * 24 * 3600
_RANDOM_BYTES = 32


def refresh_digest(refresh_token: str) -> bytes:
    """What is kept of a refresh token: 256 random bits need no slow hash."""
    return hashlib.sha256(refresh_token.encode()).digest()


async def issue_pair(
    connection: Connection, tokens: AccessTokens, account: Account, family_id: str, at_us: int
) -> Session:
    """The next pair of a family, within the caller's transaction."""
    refresh_token = "qr_" + secrets.token_urlsafe(_RANDOM_BYTES)
    expires_at = from_micros(at_us) + timedelta(seconds=REFRESH_TOKEN_SECONDS)
    await add_token(connection, refresh_digest(refresh_token), family_id, expires_at)
    return Session(
        access_token=tokens.issue(account, at_us),
        token_type="Bearer",  # noqa: S106 (RFC 6750's word)
        expires_in_seconds=ACCESS_TOKEN_SECONDS,
        refresh_token=refresh_token,
        refresh_expires_in_seconds=REFRESH_TOKEN_SECONDS,
        user=account.user,
    )
