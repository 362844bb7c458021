"""What callers are told while PostgreSQL is unavailable: those who are known stay known, and nobody is refused for it.

Source: docs/spec/quotes.md#limits; docs/spec/access.md#callers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from quote_service.identity.operations.credentials import Credentials, caller_of_headers
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unavailable
from tests.access.running import PASSWORD, RunningService, code_of, running, until
from tests.fixtures.postgres_clusters import postgres_server_in

pytestmark = pytest.mark.second_try("takes PostgreSQL away from a service")


@pytest.fixture
def server(server_folder: Path) -> Iterator[PostgresServer]:
    own = postgres_server_in(server_folder / "access-away")
    own.start()
    yield own
    own.discard()


@pytest.fixture
def away(server: PostgresServer, settings: Settings) -> Iterator[RunningService]:
    asyncio.run(migrate(server.url))
    with running(msgspec.structs.replace(settings, database_url=server.url)) as started:
        yield started


def test_the_known_stay_known_and_what_needs_the_database_is_503(away: RunningService, server: PostgresServer) -> None:
    admin, person = away.as_role(), away.new_person("analyst")
    key = away.new_key("quote:write")
    repeat = {"headers": {**admin, "Idempotency-Key": "k1"}, "json": {"name": "shop", "scopes": ["quote:read"]}}
    server.stop()
    ring = away.parts[Credentials].ring
    assert ring.caller_of_key(key.encode(), now_us()) is not None
    for answer in (
        away.http.post("/api/v1/auth/login", json={"email": person.email, "password": PASSWORD}),
        away.http.post("/api/v1/auth/refresh", json={"refresh_token": "qr_x"}),
        away.http.post("/api/v1/auth/logout", json={"refresh_token": "qr_x"}),
        away.http.get("/api/v1/auth/me", headers=person.headers),
        away.http.get("/api/v1/users", headers=admin),
        away.http.post("/api/v1/api-keys", **repeat),  # type: ignore[arg-type]
    ):
        assert (answer.status_code, code_of(answer)) == (503, "dependency-unavailable"), answer.url
        assert int(answer.headers["retry-after"]) >= 1
    assert away.http.get("/api/v1/users", headers=person.headers).status_code == 403
    assert away.http.get("/api/v1/users", headers={"X-API-Key": "x"}).status_code == 401
    server.start()
    until(lambda: away.http.get("/api/v1/users", headers=admin).status_code == 200, "the database is back")
    again = away.http.post("/api/v1/api-keys", **repeat)  # type: ignore[arg-type]
    assert again.status_code == 201
    assert "idempotent-replayed" not in again.headers


def test_a_worker_that_has_never_read_who_holds_what_refuses_nobody(settings: Settings) -> None:
    fresh = Credentials.of(settings)
    for name, value in ((b"x-api-key", b"qs_dev_x"), (b"authorization", b"Bearer x")):
        with pytest.raises(Unavailable):
            caller_of_headers([(name, value)], fresh, now_us())
    assert caller_of_headers([], fresh, now_us()) is None
    fresh.passwords.close()
