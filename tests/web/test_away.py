"""Pages while PostgreSQL is unavailable. Source: docs/spec/web.md#errors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.migrate import migrate
from tests.access.running import RunningService, running, until
from tests.flash_sales.campaign.world import postgres_that_may_be_killed
from tests.web.conftest import settings_of
from tests.web.signing_in import Visitor, text_of

pytestmark = pytest.mark.second_try("kills PostgreSQL under a service")

PATH = "/admin/signals?status=all&kind=price_war"


@pytest.fixture(scope="module")
def postgres(server_folder: Path) -> Iterator[PostgresServer]:
    server = postgres_that_may_be_killed(server_folder / "pages-postgres")
    server.start()
    asyncio.run(migrate(server.url))
    yield server
    server.kill()
    server.discard()


@pytest.fixture(scope="module")
def service(postgres: PostgresServer, redis_url: str) -> Iterator[RunningService]:
    with running(settings_of(postgres.url, redis_url)) as started:
        yield started


def test_whoever_looks_while_postgres_is_away_tries_again_and_is_still_signed_in(
    service: RunningService, postgres: PostgresServer
) -> None:
    service.as_role("admin")
    admin = Visitor(service)
    assert admin.sign_in(service.people["admin"]).status_code == 303
    assert admin.http.get(PATH).status_code == 200
    postgres.kill()
    away = admin.http.get(PATH)
    assert away.status_code == 503
    assert "cannot be reached" in text_of(away.text)
    assert 'href="/admin/signals?status=all&amp;kind=price_war">Try again' in away.text
    assert "set-cookie" not in away.headers
    part = admin.http.get(PATH, headers={"HX-Request": "true", "HX-Target": "main"})
    assert (part.status_code, part.headers["hx-retarget"], part.headers["hx-reswap"]) == (503, "#main", "afterbegin")
    assert part.headers["hx-reselect"] == ".notice"
    changed = admin.http.post("/admin/signals/x/acknowledge", data={"csrf": "0" * 64})
    assert (changed.status_code, "Try again" in changed.text) == (503, False)
    postgres.start()

    def is_back() -> bool:
        answer: httpx.Response = admin.http.get(PATH)
        assert answer.status_code in (200, 503)
        return answer.status_code == 200

    until(is_back, "the page is back for whoever was signed in")
