"""A service with the demonstration data, as `make run` gives it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from quote_service.lab.dev.demonstration import seed
from quote_service.lab.dev.demonstration_shop import seed_shop
from tests.access.running import RunningService, running, until
from tests.web.conftest import settings_of


@contextmanager
def demonstration(database_url: str, redis_url: str) -> Iterator[RunningService]:
    """One worker with everything that the README begins with; nothing runs in the background."""
    # A busy machine is no Redis that is unavailable.
    settings = msgspec.structs.replace(
        settings_of(database_url, redis_url), default_currency="TRY", redis_timeout_ms=1000
    )
    with running(settings) as started:
        token = started.as_role("admin")["Authorization"].removeprefix("Bearer ")
        seed(started.url, token)
        seed_shop(started.url, token)
        until(lambda: "Black tea" in started.http.get("/store").text, "the store is open")
        yield started
