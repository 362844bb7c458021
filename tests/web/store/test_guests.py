"""Visitors without an account are limited by their address, whoever they say they are. Source: docs/spec/store.md#visitors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import msgspec
import pytest

from quote_service.identity.operations.guests import guests_at
from quote_service.platform.settings.rate_limit import RateLimit
from tests.access.running import running, until
from tests.web.conftest import settings_of
from tests.web.signing_in import Visitor


def test_new_guests_without_end_are_turned_away_and_people_are_not(database_url: str, redis_url: str) -> None:
    limit = RateLimit(requests_per_second=1, burst=4)
    settings = msgspec.structs.replace(settings_of(database_url, redis_url), rate_limit_guests=limit)
    with running(settings) as service, ThreadPoolExecutor(8) as crowd:

        def ask(_: int) -> httpx.Response:
            return httpx.get(f"{service.url}/store", timeout=60)  # a browser that was never here

        # There is no store here, which a guest may know once the flags are read.
        until(lambda: ask(0).status_code == 404, "a guest is told that there is no store")

        def is_refused() -> bool:
            refused = [each for each in crowd.map(ask, range(24)) if each.status_code == 429]
            return any("Too many requests" in each.text and int(each.headers["retry-after"]) >= 1 for each in refused)

        until(is_refused, "guests are turned away")
        shopper = Visitor(service)
        shopper.sign_in(service.new_person("user"), wanted="/store")
        assert {shopper.http.get("/store").status_code for _ in range(8)} == {404}


@pytest.mark.parametrize(
    ("address", "another", "is_one"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("testclient", "testclient", True),
        ("testclient", "other", False),
    ],
)
def test_guests_of_one_address_are_one_caller(address: str, another: str, is_one: bool) -> None:
    assert (guests_at(address) == guests_at(another)) == is_one
