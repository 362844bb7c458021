"""One worker of the service for each test module, on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.settings import Key, Settings
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from tests.access.running import UNLIMITED, RunningService, running, until
from tests.commission_rates.rates import Rates


def settings_of(database_url: str, redis_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        jwt_keys=(Key("new", b"n" * 32),),
        signing_keys=(Key("dev", b"s" * 32),),
        receipt_keys=(Key("dev", b"r" * 32),),
        development=True,
        **UNLIMITED,
    )


@pytest.fixture(scope="module")
def worker(database_url: str, valkey_server: ValkeyServer) -> Iterator[RunningService]:
    with running(settings_of(database_url, valkey_server.url)) as started:
        # Here, because people cannot be made within a running loop.
        started.as_role("admin")
        started.as_role("pricing_manager")
        until(lambda: started.parts[RulebookHolder].rulebook is not None, "the rulebook is loaded")
        yield started


@pytest.fixture(scope="module")
def rates(worker: RunningService) -> Iterator[Rates]:
    """The resource as a pricing manager calls it."""
    headers = worker.as_role("pricing_manager")
    with httpx.Client(base_url=worker.url, timeout=60, headers=headers) as http:
        yield Rates(http)
