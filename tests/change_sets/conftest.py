"""A worker for each test module, on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.settings import Key, Settings
from tests.access.conftest import JWT_KEYS
from tests.access.running import UNLIMITED, running
from tests.change_sets.desk import Desk


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
def desk(settings: Settings) -> Iterator[Desk]:
    """Where somebody drafts and publishes without asking anybody."""
    with running(settings) as service:
        yield Desk(service, service.new_person("pricing_manager"))


@pytest.fixture(scope="module")
def strict(settings: Settings) -> Iterator[Desk]:
    """The same, where somebody else has to approve."""
    with running(msgspec.structs.replace(settings, change_set_approval="on")) as service:
        yield Desk(service, service.new_person("pricing_manager"))
