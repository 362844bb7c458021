"""Delete what has expired of access, a little at a time.

Source: docs/spec/wire.md#idempotency-keys; docs/spec/access.md#callers.
"""

import asyncio

import structlog

from quote_service.identity.operations.factors.reseal import reseal_factors
from quote_service.identity.operations.factors.second_factors import SecondFactors
from quote_service.identity.operations.forget_expired_access import ROWS_AT_ONCE, forget_expired_access
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.instants import from_micros

SWEEP_SECONDS = 60.0

_log = structlog.get_logger(__name__)


async def sweep_access(
    database: Database, login_window_seconds: int, factors: SecondFactors, *, sweep_seconds: float = SWEEP_SECONDS
) -> None:
    """Sweep, and seal again what an older key has sealed, for as long as the process runs, again at once while there is much; never returns."""
    while True:
        end_if_cancelled()
        gone = 0
        try:
            gone = await forget_expired_access(database, from_micros(now_us()), login_window_seconds)
            await reseal_factors(database, factors.seal)
        except Unavailable as failure:
            _log.warning("access_not_swept", reason=failure.detail)
        if gone < ROWS_AT_ONCE:
            await asyncio.sleep(sweep_seconds)
