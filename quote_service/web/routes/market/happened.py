"""What happened to a product recently: price decisions and signals, as marks of its chart and as a list.

Source: docs/spec/web.md#market.
"""

import asyncio
from datetime import datetime

from quote_service.web.model.decisions.sentences import headline
from quote_service.web.model.market.prices import instant
from quote_service.web.rendering.market.prices_chart import Event
from quote_service.web.routes.page import Page
from quote_service.web.routes.signals.signals import shown_signals

_MOST = 30
_QUIET = ("shadow", "unchanged", "superseded")


async def happened_to(page: Page, product_id: str, currency: str, since: datetime) -> list[Event]:
    """The newest first."""
    of_product: dict[str, str | int | None] = {"product_id": product_id, "limit": _MOST}
    decisions, signals = await asyncio.gather(
        page.api.find("/api/v1/decisions", {**of_product, "currency": currency, "since": since.isoformat()}),
        page.api.find("/api/v1/signals", {**of_product, "from": since.isoformat()}),
    )
    found = [
        Event(instant(each["created_at"]), headline(each), f"/admin/decisions/{each['id']}")
        for each in decisions or []
        if each["status"] not in _QUIET
    ]
    found += [
        Event(instant(each["raised_at"]), each["sentence"], f"/admin/signals/{each['id']}", "signal")
        for each in await shown_signals(page, signals or [])
    ]
    return sorted(found, key=lambda event: event.at, reverse=True)
