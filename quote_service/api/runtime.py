"""What a running service holds: opened by `lifespan.py`, put into the application, asked for by handlers.

Source: spec 9, Health.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from litestar.connection import ASGIConnection

from quote_service.api.credentials import Credentials
from quote_service.api.quote_door import QuoteDoor
from quote_service.api.rate_limits import RateLimits
from quote_service.flows.flash_sales.flash_desk import FlashDesk
from quote_service.flows.issue_quote import QuoteDesk
from quote_service.flows.quote_cache import QuoteCache
from quote_service.flows.rulebook_holder import RulebookHolder
from quote_service.flows.sign_quote import QuoteSigner
from quote_service.flows.sign_receipt import ReceiptSigner
from quote_service.flows.turnstile import Turnstile
from quote_service.flows.waiting_room import WaitingRoom
from quote_service.postgres.pool import Database
from quote_service.redis_store.connection import RedisClient
from quote_service.settings import Settings
from quote_service.telemetry.quote_meters import QuoteMeters
from quote_service.telemetry.registry import Registry
from quote_service.telemetry.traces import Traces


class Probe(NamedTuple):
    """A dependency that readiness asks about; `check` returns when it is well and raises Unavailable when it is not."""

    name: str
    check: Callable[[], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Runtime:
    """The parts of one worker process.

    `probes` are asked by `/health/ready`; `gauges` are further figures for the health details by name, such as the state of the cache. `is_draining` is set at SIGTERM.
    `accepts` is where quotes wait to be accepted, `asides` where calculations beside the quote path wait for their turn.
    `flash` sells in flash sales.
    """

    settings: Settings
    database: Database
    redis: RedisClient
    credentials: Credentials
    rulebook: RulebookHolder
    door: QuoteDoor
    desk: QuoteDesk
    turnstile: Turnstile
    limits: RateLimits
    meters: QuoteMeters
    registry: Registry
    traces: Traces | None
    quotes: QuoteCache
    signer: QuoteSigner
    receipts: ReceiptSigner
    accepts: WaitingRoom
    asides: WaitingRoom
    flash: FlashDesk
    probes: tuple[Probe, ...] = ()
    gauges: dict[str, Callable[[], Mapping[str, Any]]] = field(default_factory=dict)
    is_draining: bool = False


def runtime_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Runtime:
    """The runtime of the application that handles a request."""
    return cast("Runtime", connection.app.state.runtime)
