"""One worker of the service for each test module, on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.settings import Key, Settings
from tests.access.running import UNLIMITED, RunningService, running

JWT_KEYS = (Key("new", b"n" * 16 + b"0123456789abcdef"), Key("old", b"o" * 16 + b"0123456789abcdef"))


@pytest.fixture(scope="module")
def settings(database_url: str, valkey_server: ValkeyServer) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=valkey_server.url,
        jwt_keys=JWT_KEYS,
        signing_keys=(Key("dev", b"s" * 32),),
        receipt_keys=(Key("dev", b"r" * 32),),
        development=True,
        **UNLIMITED,
    )


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[RunningService]:
    with running(settings) as started:
        yield started
