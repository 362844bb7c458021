"""One worker with demonstration data for each test module, and people at its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from quote_service.platform.callers.access import Role
from quote_service.platform.settings import Key, Settings
from tests.access.running import UNLIMITED, RunningService, running
from tests.web.signing_in import Visitor

SignIn = Callable[[Role], Visitor]


def settings_of(database_url: str, redis_url: str) -> Settings:
    """Of a worker in development, on these servers."""
    return Settings(
        database_url=database_url,
        redis_url=redis_url,  # emptied: the stock of another module has the same numbers
        jwt_keys=(Key("dev", b"j" * 32),),
        signing_keys=(Key("dev", b"s" * 32),),
        receipt_keys=(Key("dev", b"r" * 32),),
        development=True,
        login_attempts_address=1_000_000,
        **UNLIMITED,
    )


@pytest.fixture(scope="module")
def service(database_url: str, redis_url: str) -> Iterator[RunningService]:
    settings = settings_of(database_url, redis_url)
    with running(settings) as started:
        yield started


@pytest.fixture
def signed_in(service: RunningService) -> Iterator[SignIn]:
    """Somebody of a role who has signed in."""
    visitors: list[Visitor] = []

    def make(role: Role) -> Visitor:
        service.as_role(role)
        visitor = Visitor(service)
        visitors.append(visitor)
        assert visitor.sign_in(service.people[role]).status_code == 303
        return visitor

    yield make
    for visitor in visitors:
        visitor.http.close()
