"""The quote that a checkout accepts or reserves: what it offers, to whom, and what is counted where it is refused.

Source: docs/spec/quotes.md#accept-a-quote.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any
from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.concurrency_limiter import AcceptLimiter
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.quotes.operations.accept_quote import Offer, find_offer
from quote_service.quotes.operations.quote_cache import QuoteCache
from quote_service.quotes.routes.reading.brought_quote import Brought, customer_of_offer
from quote_service.shop.reservations.model.refusals import BudgetExhausted, CouponExhausted
from quote_service.shop.reservations.operations.record_refused import record_refused
from quote_service.shop.reservations.operations.reservation_meters import REFUSALS, ReservationMeters


async def _offer(
    cache: QuoteCache, settings: Settings, quote_id: FromPath[UUID], brought: Brought
) -> Offer | QuoteServiceError:
    return await find_offer(cache, quote_id, brought.quote, now_us(), settings.quote_ttl_seconds)


#: Parameters of a handler whose `brought` is what was sent.
OFFERED: Mapping[str, Callable[..., Any]] = MappingProxyType({"offer": _offer, "customer_id": customer_of_offer})


@asynccontextmanager
async def taking(
    limiter: AcceptLimiter,
    meters: ReservationMeters,
    database: Database,
    offer: Offer | QuoteServiceError,
    customer_id: str | None,
) -> AsyncIterator[None]:
    """Around what takes or holds what a quote rests on: bounded, and refusals are counted once they are rolled back."""
    try:
        async with limiter.enter():
            yield
    except REFUSALS as refusal:
        meters.refused(refusal)
        if isinstance(offer, Offer) and isinstance(refusal, (CouponExhausted, BudgetExhausted)):
            await record_refused(database, offer.claim(customer_id))
        raise
