"""One store for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from tests.access.running import RunningService, running
from tests.web.conftest import settings_of
from tests.web.store.shopping import Store, opened_store


@pytest.fixture(scope="module")
def service(database_url: str, redis_url: str) -> Iterator[RunningService]:
    settings = msgspec.structs.replace(
        settings_of(database_url, redis_url),
        default_currency="TRY",
        # What is sold here began to be sold a moment ago.
        reductions_of_new_products="lowest",
        # A busy machine is no Redis that is unavailable.
        redis_timeout_ms=1000,
    )
    with running(settings) as started:
        yield started


@pytest.fixture(scope="module")
def store(service: RunningService) -> Store:
    return opened_store(service)
