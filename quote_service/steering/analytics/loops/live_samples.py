"""Sample the counts of quotes once a second.

Source: docs/spec/analytics.md#live-figures.
"""

import asyncio

from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.steering.analytics.operations.live.sample_quotes import SAMPLE_SECONDS, QuoteSamples


async def sample_quotes(samples: QuoteSamples) -> None:
    """Go on until cancelled."""
    clock = asyncio.get_running_loop().time
    while True:
        end_if_cancelled()
        samples.take(clock())
        await asyncio.sleep(SAMPLE_SECONDS)
