"""Delete what has expired of access, a little at a time.

Source: spec 1 (answers are kept 24 h), spec 8.
"""

import asyncio

import structlog

from quote_service.domain.errors import Unavailable
from quote_service.domain.instants import from_micros
from quote_service.flows.forget_expired_access import ROWS_AT_ONCE, forget_expired_access
from quote_service.postgres.pool import Database
from quote_service.system.clock import now_us

SWEEP_SECONDS = 60.0

_log = structlog.get_logger(__name__)


async def sweep_access(database: Database, *, sweep_seconds: float = SWEEP_SECONDS) -> None:
    """Sweep for as long as the process runs, again at once while there is much; never returns."""
    while True:
        gone = 0
        try:
            gone = await forget_expired_access(database, from_micros(now_us()))
        except Unavailable as failure:
            _log.warning("access_not_swept", reason=failure.detail)
        if gone < ROWS_AT_ONCE:
            await asyncio.sleep(sweep_seconds)
