"""What has expired goes: kept answers, attempts to log in, and sessions that nobody can renew.

Source: spec 1 (answers are kept 24 h), spec 8.
"""

from datetime import datetime, timedelta

from quote_service.flows.throttle_login import WINDOW_SECONDS
from quote_service.postgres.idempotency_keys import forget_expired_answers
from quote_service.postgres.login_attempts import forget_old_attempts
from quote_service.postgres.pool import Database
from quote_service.postgres.refresh_tokens import forget_expired_families

ROWS_AT_ONCE = 1000


async def forget_expired_access(database: Database, at: datetime) -> int:
    """Delete a batch of each; how many rows went. Any number of workers may do so at once."""
    async with database.read() as connection:
        gone = await forget_expired_answers(connection, ROWS_AT_ONCE)
        gone += await forget_old_attempts(connection, at - timedelta(seconds=WINDOW_SECONDS), ROWS_AT_ONCE)
        return gone + await forget_expired_families(connection, at, ROWS_AT_ONCE)
