"""A shop in the session's service, and workers of a test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import msgspec
import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.settings import Key, Settings
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from tests.access.running import UNLIMITED, RunningService, running, until
from tests.quotes.lifecycle.shop import Shop

StartWorker = Callable[..., RunningService]


@pytest.fixture
def shop(checkout: httpx.Client, admin: httpx.Client) -> Shop:
    return Shop(checkout, admin)


@pytest.fixture
def start_worker(database_url: str, valkey_server: ValkeyServer) -> Iterator[StartWorker]:
    """Starts workers on the module's database; keywords are settings."""
    with ExitStack() as stack:

        def start(**fields: object) -> RunningService:
            settings = Settings(
                database_url=database_url,
                redis_url=valkey_server.url,
                jwt_keys=(Key("dev", b"j" * 32),),
                signing_keys=(Key("one", b"1" * 32),),
                receipt_keys=(Key("one", b"1" * 32),),
                development=True,
                **UNLIMITED,
            )
            worker = stack.enter_context(running(msgspec.structs.replace(settings, **fields)))
            until(lambda: worker.parts[RulebookHolder].rulebook is not None, "the worker has a rulebook")
            return worker

        yield start


def shop_at(worker: RunningService) -> Shop:
    """A shop whose checkout is an admin person of this worker."""
    http = httpx.Client(base_url=worker.url, timeout=30, headers=worker.as_role("admin"))
    return Shop(http, http)
