"""The loop that has a quote's commission worked out once more every few seconds.

Source: docs/spec/analytics.md#commission-checks.
"""

import asyncio

from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.steering.analytics.operations.check_commission import CommissionChecker

CHECK_SECONDS = 2.0


async def run_commission_checks(checker: CommissionChecker, *, check_seconds: float = CHECK_SECONDS) -> None:
    """Check again and again; never returns. Quotes that are asked for meanwhile wait for a line at most."""
    while True:
        end_if_cancelled()
        for _ in checker.check():
            await asyncio.sleep(0)
        await asyncio.sleep(check_seconds)
