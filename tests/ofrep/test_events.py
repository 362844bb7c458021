"""Events of this service: they end with the credentials, report what the clock changes, and come from any worker.

Source: docs/spec/ofrep.md#events; docs/spec/access.md#people.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.conftest import execute
from tests.feature_flags.conftest import FLAGS, draft_of, new_key
from tests.fixtures.serve import Served, served
from tests.ofrep.conftest import MakeCaller, created, keys_of
from tests.ofrep.server import EVENTS, OfrepServer, eventually

STATIC = {"type": "STRING", "value": "first", "is_enabled": True}


def test_a_stream_ends_with_its_key(here: OfrepServer, flag_admin: httpx.Client, new_key: MakeCaller) -> None:
    headers = new_key("flags:evaluate")
    server = OfrepServer(here.url, headers)
    prefix = headers["X-API-Key"].rsplit("_", 1)[0]
    listed = flag_admin.get("/api/v1/api-keys", params={"limit": 200}).json()["data"]
    key_id = next(key["id"] for key in listed if prefix.startswith(key["prefix"]) or key["prefix"] == prefix)
    with server.events() as events:
        events.block()
        assert flag_admin.delete(f"/api/v1/api-keys/{key_id}").status_code in (200, 204)
        assert events.ends()
    with server.client() as client:
        assert client.get(EVENTS).status_code == 401


def test_the_first_block_is_no_event_but_where_to_go_on(here: OfrepServer) -> None:
    with here.events() as events:
        first = events.block()
    assert first.keys() == {"retry", "id"}
    with here.events(f"{EVENTS}?since={first['id']}") as events:
        assert events.block() == first
    for missed in ("another", "0"):
        with here.events(f"{EVENTS}?since={missed}") as events:
            assert events.event()["id"] == first["id"]
        # What the client heard last comes before where it began.
        with here.events(f"{EVENTS}?since={missed}", **{"Last-Event-ID": first["id"]}) as events:
            assert events.block() == first


def test_a_step_that_the_clock_takes_is_reported_and_answered(here: OfrepServer, flag_admin: httpx.Client) -> None:
    key, starts_at = new_key(), datetime.now(UTC) + timedelta(seconds=3)
    created(flag_admin, key=key, rollout={"starts_at": starts_at.isoformat()}, **STATIC)
    eventually(lambda: here.one(key).status_code == 200, key)
    tag = here.all().headers["etag"]
    with here.events() as events:
        events.block()
        assert here.one(key).json()["reason"] == "DISABLED"
        events.event()
        assert datetime.now(UTC) >= starts_at
    # Nobody edited anything: it is another answer all the same.
    answer = here.all(**{"If-None-Match": tag})
    assert answer.status_code == 200
    assert next(item for item in answer.json()["flags"] if item["key"] == key)["reason"] == "STATIC"


def test_what_is_no_flag_is_no_event(here: OfrepServer, running: Served, flag_admin: httpx.Client) -> None:
    rule = {
        "name": f"fee-{secrets.token_hex(6)}",
        "type": "SMALL_BASKET_FEE",
        "region": "DE/Nowhere",
        "currency": "TRY",
        "configuration": {"threshold": 10, "fee": 1},
    }
    with here.events() as events:
        first = events.block()
        held = version_of(running)
        made = flag_admin.post("/api/v1/pricing-rules", json=rule)
        assert made.status_code == 201, made.text
        eventually(lambda: version_of(running) > held, "the rule is known")
        with here.events() as others:
            assert others.block() == first
        key = new_key()
        created(flag_admin, key=key, **STATIC)
        assert events.event()["id"] != first["id"]
        assert key in keys_of(here.all({"targetingKey": "u"}))


def version_of(running: Served) -> int:
    """Version of the rulebook that the service holds."""
    return int(running.ready()["snapshot"]["version"])


@pytest.fixture(scope="module")
def two_workers(
    server_folder: Path, postgres_server: PostgresServer, migrated_template: str, valkey_server: ValkeyServer
) -> Iterator[Served]:
    database = f"test_{secrets.token_hex(6)}"
    execute(postgres_server, f"CREATE DATABASE {database} TEMPLATE {migrated_template}")
    with served(server_folder, postgres_server.url_of(database), valkey_server.url, workers=2) as running:
        yield running


def test_two_workers_answer_alike_and_an_event_of_one_holds_for_the_other(two_workers: Served) -> None:
    key, split = new_key(), new_key()
    with two_workers.admin() as admin:
        held = created(admin, key=key, **STATIC)
        created(admin, key=split, type="BOOLEAN", value=True, is_enabled=True, rollout={"percentage": 50})
        server = OfrepServer(two_workers.url, {"Authorization": f"Bearer {two_workers.admin_token}"})
        # A connection for each request: both workers are asked. Whichever it is holds the last flag before it answers.
        position = admin.put(f"{FLAGS}/{held['id']}", json=draft_of(held)).headers["x-position"]
        waiting = OfrepServer(server.url, {**server.headers, "X-Min-Position": position})
        for _ in range(100):
            assert {key, split} <= keys_of(waiting.all())
        for unit in range(10):
            answers = {waiting.one(split, {"targetingKey": str(unit)}).text for _ in range(8)}
            assert len(answers) == 1
        assert len({waiting.all({"targetingKey": "u"}).headers["etag"] for _ in range(16)}) == 1
        for number in range(5):
            with server.events() as events:
                events.block()
                value = f"value {number}"
                answer = admin.put(f"{FLAGS}/{held['id']}", json=draft_of(held, value=value))
                assert answer.status_code == 200, answer.text
                etag = events.event()["data"]["etag"]
                # Whichever worker is asked holds what the event told of.
                for _ in range(8):
                    flags = server.all({"targetingKey": "u"}, f"?flagConfigEtag={etag}").json()["flags"]
                    assert next(item["value"] for item in flags if item["key"] == key) == value


def test_a_state_that_never_comes_is_not_waited_for_long(here: OfrepServer) -> None:
    with here.events() as events:
        state = events.block()["id"]
    answers = [here.all({"targetingKey": "u"}, f"?flagConfigEtag={etag}") for etag in (state, "0" * len(state))]
    assert answers[0].json() == answers[1].json()


def test_a_worker_that_stops_ends_its_streams(
    server_folder: Path, postgres_server: PostgresServer, migrated_template: str, valkey_server: ValkeyServer
) -> None:
    database = f"test_{secrets.token_hex(6)}"
    execute(postgres_server, f"CREATE DATABASE {database} TEMPLATE {migrated_template}")
    url = postgres_server.url_of(database)
    # It would drain for longer than this test waits, were a stream what it has to wait for.
    with served(server_folder, url, valkey_server.url, drain_seconds=1) as running:
        server = OfrepServer(running.url, {"Authorization": f"Bearer {running.admin_token}"})
        with server.events() as events:
            events.block()
            running.started.process.terminate()
            assert events.ends()
        assert running.started.process.wait(60) == 0
