"""A change of a flag reaches every worker process at once by push; and all flags are read again from time to time.

Source: docs/spec/feature-flags.md#evaluation; docs/spec/feature-flags.md#in-quotes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.settings import Settings
from tests.feature_flags.conftest import FLAGS, created, draft_of
from tests.fixtures.serve import PATIENCE_SECONDS, QUOTE, Served, a_basket, in_database, served, until

# Each request is a connection of its own, so that any of two workers answers it.
ASKED = 16


@pytest.fixture(scope="module")
def service(server_folder: Path, database_url: str, redis_url: str) -> Iterator[Served]:
    """As it comes: all flags are read again every five minutes, long after a test has given up waiting."""
    with served(server_folder, database_url, redis_url, workers=2) as running:
        yield running


@pytest.fixture(scope="module")
def refreshing(server_folder: Path, database_url: str, redis_url: str) -> Iterator[Served]:
    """The same on the same database, with all flags read again every second."""
    with served(server_folder, database_url, redis_url, workers=2, flags_refresh_seconds=1) as running:
        yield running


def said_by_all(service: Served, key: str, value: Any) -> Callable[[], bool]:
    """Whether whoever is asked answers this."""
    headers = {"Authorization": f"Bearer {service.admin_token}"}

    def asked() -> Any:
        answer = httpx.post(f"{service.url}{FLAGS}/{key}/evaluate", json={}, headers=headers, timeout=30)
        return answer.json()["data"]["value"] if answer.status_code == 200 else answer.status_code

    return lambda: all(asked() == value for _ in range(ASKED))


def change_unheard(service: Served, key: str, value: int) -> None:
    """What no worker is told: as if a notification and its version had been lost."""

    async def work(database: Database) -> None:
        connection: Connection
        async with database.transaction() as connection:
            await connection.execute("SET LOCAL session_replication_role = replica")  # no triggers
            await connection.execute("UPDATE feature_flags SET value = $2::text::json WHERE key = $1", key, str(value))

    in_database(service.database_url, work)


def test_the_refresh_comes_every_five_minutes() -> None:
    assert Settings().flags_refresh_seconds == 300 > PATIENCE_SECONDS


def test_every_change_is_pushed_to_every_worker(service: Served) -> None:
    with service.admin() as admin:
        flag = created(admin, type="NUMBER", value=1, default_value=0)
        path, key = f"{FLAGS}/{flag['id']}", flag["key"]
        until(said_by_all(service, key, 1), "a new flag")
        assert admin.put(path, json=draft_of(flag, value=2)).status_code == 200
        until(said_by_all(service, key, 2), "a flag that was replaced")
        assert admin.post(f"{path}/kill").status_code == 200
        until(said_by_all(service, key, 0), "a flag that was switched off")
        assert admin.delete(path).status_code == 204
        until(said_by_all(service, key, 404), "a flag that was archived")


def test_a_change_shows_in_the_quotes_of_every_worker(service: Served) -> None:
    with service.admin() as admin:
        flag = created(admin, type="NUMBER", value=1)

        def shown_in_all(value: int | None) -> Callable[[], bool]:
            def shown() -> Any:
                headers = {"X-API-Key": service.api_key}
                quote = httpx.post(f"{service.url}{QUOTE}", json=a_basket(), headers=headers, timeout=30)
                return quote.json()["data"]["feature_flags"].get(flag["key"])

            return lambda: all(shown() == value for _ in range(ASKED))

        until(shown_in_all(1), "a new flag")
        admin.post(f"{FLAGS}/{flag['id']}/kill")
        until(shown_in_all(None), "a flag that was switched off")


def test_what_was_not_heard_is_read_by_the_refresh(service: Served, refreshing: Served) -> None:
    with service.admin() as admin:
        flag, other = created(admin, type="NUMBER", value=1), created(admin, type="NUMBER", value=1)
        for running in (service, refreshing):
            until(said_by_all(running, flag["key"], 1), "a new flag")
        change_unheard(service, flag["key"], 2)
        until(said_by_all(refreshing, flag["key"], 2), "the next refresh")
        # A push brings what has changed since the last one, and nobody said that this flag had.
        admin.put(f"{FLAGS}/{other['id']}", json=draft_of(other, value=3))
        until(said_by_all(service, other["key"], 3), "the push of another flag")
        assert said_by_all(service, flag["key"], 1)()
