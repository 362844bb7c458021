"""Two workers of a running service count what they answer. Source: docs/spec/analytics.md#quotes."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from quote_service.platform.postgres.pool import Database
from tests.conftest import MakeDatabase
from tests.fixtures.serve import QUOTE, a_basket, in_database, served, until

_FIGURES = "sum(quotes)::integer AS quotes, sum(priced)::integer AS priced, sum(local)::integer AS local, sum(units)::integer AS units"


def counted(url: str) -> dict[str, Any]:
    """What whole quotes come to."""

    async def read(database: Database) -> dict[str, Any]:
        async with database.read() as connection:
            row = await connection.fetchrow(f"SELECT {_FIGURES} FROM analytics_quote_minutes WHERE NOT is_line")
        assert row is not None
        return dict(row)

    return in_database(url, read)


@pytest.mark.long("a service of its own under load")
def test_every_answer_is_counted_once_though_the_service_is_stopped(
    server_folder: Path, new_database_url: MakeDatabase, redis_url: str
) -> None:
    url = new_database_url()
    with served(server_folder, url, redis_url, workers=2) as running:
        with running.checkout() as checkout:
            for _ in range(20):
                basket = a_basket()
                for _ in range(3):
                    assert checkout.post(QUOTE, json=basket, headers={"Connection": "close"}).status_code == 200
            until(lambda: (counted(url)["quotes"] or 0) == 60, "all is written", running.started)
            found = counted(url)
            assert (found["priced"], found["units"]) == (20, 40)
            baskets = [a_basket() for _ in range(10)]
            batch = checkout.post("/api/v1/quotes/batch", json={"baskets": [*baskets, baskets[0]]}).json()["data"]
            assert [entry["status"] for entry in batch] == [200] * 11
        running.started.process.send_signal(signal.SIGTERM)
        until(lambda: running.started.process.poll() is not None, "it has stopped")
    found = counted(url)
    assert (found["quotes"], found["priced"], found["units"]) == (71, 30, 60)


def test_nothing_is_counted_where_that_is_switched_off(
    server_folder: Path, new_database_url: MakeDatabase, redis_url: str
) -> None:
    url = new_database_url()
    with served(server_folder, url, redis_url, analytics="off") as running, running.checkout() as checkout:
        assert checkout.post(QUOTE, json=a_basket()).status_code == 200
    assert counted(url)["quotes"] is None
