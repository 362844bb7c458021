"""What has expired goes: kept answers, attempts to log in, and sessions that nobody can renew.

Source: docs/spec/wire.md#idempotency-keys; docs/spec/access.md#callers.
"""

from datetime import datetime, timedelta

from quote_service.identity.tables.login_attempts import forget_old_attempts
from quote_service.identity.tables.page_sessions import forget_page_sessions
from quote_service.identity.tables.password_resets import forget_expired_resets
from quote_service.identity.tables.refresh_tokens import forget_expired_families
from quote_service.identity.tables.second_factors import forget_unconfirmed
from quote_service.platform.postgres.idempotency_keys import forget_expired_answers
from quote_service.platform.postgres.pool import Database

ROWS_AT_ONCE = 1000
_UNCONFIRMED = timedelta(days=1)


async def forget_expired_access(database: Database, at: datetime, login_window_seconds: int) -> int:
    """Delete a batch of each; how many rows went. Any number of workers may do so at once."""
    async with database.read() as connection:
        gone = await forget_expired_answers(connection, ROWS_AT_ONCE)
        gone += await forget_old_attempts(connection, at - timedelta(seconds=login_window_seconds), ROWS_AT_ONCE)
        gone += await forget_page_sessions(connection, at, ROWS_AT_ONCE)
        gone += await forget_expired_resets(connection, at, ROWS_AT_ONCE)
        gone += await forget_unconfirmed(connection, at - _UNCONFIRMED, ROWS_AT_ONCE)
        return gone + await forget_expired_families(connection, at, ROWS_AT_ONCE)
