"""The loop of every process that shows prices: tell those who listen whenever what prices follow from has changed.

It looks at what this process holds, which the rulebook's own notifications and the sales' watch keep current, and asks
nobody. Listeners then work out their prices, so it wakes them four times a second at most.

Source: docs/spec/catalog.md#prices-as-they-move.
"""

import asyncio

from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.shop.catalog.operations.price_news import PriceNews

LOOK_SECONDS = 0.25


async def watch_prices(news: PriceNews) -> None:
    """Look again and again while anybody listens; never returns."""
    while True:
        end_if_cancelled()
        await news.listeners.wanted.wait()
        news.look()
        await asyncio.sleep(LOOK_SECONDS)
