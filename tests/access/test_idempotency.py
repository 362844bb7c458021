"""Idempotency-Key on creating requests, with everything that can come between.

Source: docs/spec/wire.md#idempotency-keys.
"""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.identity.operations.forget_expired_access import forget_expired_access
from quote_service.platform.http.idempotency.fingerprints import fingerprint_of
from quote_service.platform.settings import Key, Settings
from tests.access.running import RunningService, code_of, replace_keys, running, until

KEYS = "/api/v1/api-keys"
USERS = "/api/v1/users"
SELLERS = "/api/v1/sellers"


def body_of(name: str) -> dict[str, Any]:
    return {"name": name, "scopes": ["quote:read"]}


def create(service: RunningService, key: str, name: str, **headers: str) -> httpx.Response:
    return service.http.post(KEYS, json=body_of(name), headers={**service.as_role(), "Idempotency-Key": key, **headers})


def made(service: RunningService, name: str) -> int:
    return len(service.rows("SELECT 1 FROM api_keys WHERE name = $1", name))


@pytest.fixture
def name() -> str:
    return f"shop {uuid4().hex}"


def test_a_repeat_gets_the_first_answer(service: RunningService, name: str) -> None:
    key = str(uuid4())
    first = create(service, key, name)
    assert first.status_code == 201
    assert "idempotent-replayed" not in first.headers
    for spelling in (key, f'"{key}"'):
        again = create(service, spelling, name)
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["idempotent-replayed"] == "true"
        for header in ("location", "etag", "content-type"):
            assert again.headers[header] == first.headers[header]
    assert made(service, name) == 1
    assert len(service.audited(first.json()["data"]["id"])) == 1


def test_the_same_said_otherwise_is_the_same(service: RunningService, name: str) -> None:
    key = str(uuid4())
    assert create(service, key, name).status_code == 201
    text = json.dumps(dict(reversed(body_of(name).items())), indent=4)
    headers = {**service.as_role(), "Idempotency-Key": key, "Content-Type": "application/json"}
    again = service.http.post(KEYS, content=text, headers=headers)
    assert again.headers["idempotent-replayed"] == "true"


def test_another_body_under_the_key_is_refused(service: RunningService, name: str) -> None:
    key = str(uuid4())
    assert create(service, key, name).status_code == 201
    refused = create(service, key, name + "!")
    assert (refused.status_code, code_of(refused)) == (422, "idempotency-key-reused")
    assert made(service, name + "!") == 0


def test_a_key_belongs_to_its_caller_and_its_route(service: RunningService, name: str) -> None:
    key = str(uuid4())
    first = create(service, key, name)
    other = service.new_person("admin")
    headers = {**other.headers, "Idempotency-Key": key}
    second = service.http.post(KEYS, json=body_of(name), headers=headers)
    assert second.status_code == 201
    assert second.json()["data"]["id"] != first.json()["data"]["id"]
    person = {"email": f"{uuid4().hex}@example.com", "password": "correct horse battery", "role": "user"}
    third = service.http.post(USERS, json=person, headers=headers)
    assert third.status_code == 201
    assert "idempotent-replayed" not in third.headers
    analyst = service.http.post(
        KEYS, json=body_of(name), headers={**service.as_role("analyst"), "Idempotency-Key": key}
    )
    assert analyst.status_code == 403


def test_what_is_wrong_with_the_input_may_be_mended_under_its_key(service: RunningService) -> None:
    headers = {**service.as_role(), "Idempotency-Key": str(uuid4())}
    person = {"email": f"{uuid4().hex}@example.com", "password": "short", "role": "user"}
    assert service.http.post(USERS, json=person, headers=headers).status_code == 422
    person["password"] = "long enough by far"
    assert service.http.post(USERS, json=person, headers=headers).status_code == 201


def test_a_refusal_by_what_there_is_is_final_for_its_key(service: RunningService) -> None:
    name, key = f"seller {uuid4().hex}", str(uuid4())
    first = service.http.post(SELLERS, json={"name": name, "external_ref": name}, headers=service.as_role())
    assert first.status_code == 201, first.text
    headers = {**service.as_role(), "Idempotency-Key": key}
    wanted = {"name": "another", "external_ref": name}
    refused = service.http.post(SELLERS, json=wanted, headers=headers)
    assert (refused.status_code, code_of(refused)) == (409, "name-taken")
    seller = f"{SELLERS}/{first.json()['data']['id']}"
    assert service.http.delete(seller, headers=service.as_role()).status_code == 204
    again = service.http.post(SELLERS, json=wanted, headers=headers)
    assert (again.status_code, again.content) == (409, refused.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["content-type"] == refused.headers["content-type"]
    mended = service.http.post(SELLERS, json={"name": "another"}, headers=headers)
    assert (mended.status_code, code_of(mended)) == (422, "idempotency-key-reused")
    headers["Idempotency-Key"] = str(uuid4())
    assert service.http.post(SELLERS, json=wanted, headers=headers).status_code == 201


def test_a_refusal_that_holds_a_secret_is_kept_sealed(service: RunningService) -> None:
    headers = {**service.as_role(), "Idempotency-Key": str(uuid4())}
    person = {"email": f"{uuid4().hex}@example.com", "password": "long enough by far", "role": "user"}
    assert service.http.post(USERS, json=person, headers=service.as_role()).status_code == 201
    refused = service.http.post(USERS, json=person, headers=headers)
    assert (refused.status_code, code_of(refused)) == (409, "name-taken")
    (kept,) = service.rows("SELECT body, is_sealed FROM idempotency_keys WHERE key = $1", headers["Idempotency-Key"])
    assert kept["is_sealed"]
    assert kept["body"] != refused.content
    again = service.http.post(USERS, json=person, headers=headers)
    assert (again.status_code, again.content) == (409, refused.content)


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, '"', '"open', '""', '"a b"', "tab\there", "é"])
def test_what_is_no_key(service: RunningService, key: str, name: str) -> None:
    headers = [*service.as_role().items(), ("Idempotency-Key", key.encode("latin-1"))]
    refused = service.http.post(KEYS, json=body_of(name), headers=headers)  # type: ignore[arg-type]
    assert refused.status_code in (400, 422)
    assert made(service, name) == 0


def test_two_keys_in_one_request_are_refused(service: RunningService, name: str) -> None:
    headers = [*service.as_role().items(), ("Idempotency-Key", "a1"), ("Idempotency-Key", "a2")]
    refused = service.http.post(KEYS, json=body_of(name), headers=headers)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/headers/idempotency-key"


@pytest.mark.parametrize("key", ["x" * 255, "~!#$%&'()*+,-./:;<=>?@[]^_`{|}", r'"a\"b\\c"'])
def test_what_is_a_key(service: RunningService, key: str, name: str) -> None:
    assert create(service, key, name).status_code == 201
    assert create(service, key, name).headers["idempotent-replayed"] == "true"


def test_requests_that_race_make_one_thing(service: RunningService, settings: Settings) -> None:
    with running(settings) as other, ThreadPoolExecutor(8) as threads:
        other.people = service.people
        for _ in range(10):
            key, name = str(uuid4()), f"race {uuid4().hex}"
            answers = list(threads.map(lambda worker: create(worker, key, name), [service, other] * 4))  # noqa: B023
            assert {answer.status_code for answer in answers} <= {201, 409}
            for answer in answers:
                if answer.status_code == 409:
                    assert code_of(answer) == "request-still-running"
                    assert int(answer.headers["retry-after"]) >= 1
            assert made(service, name) == 1
            assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
            assert create(other, key, name).headers["idempotent-replayed"] == "true"


def test_while_the_first_runs_a_repeat_waits_and_when_it_dies_nothing_is_left(
    service: RunningService, settings: Settings, name: str
) -> None:
    key, first = str(uuid4()), []
    service.as_role()
    with audit_log_held(settings.database_url) as held:
        # The key's row and the lock are there; the audit row cannot be written yet.
        thread = threading.Thread(target=lambda: first.append(create(service, key, name)))
        thread.start()
        until(held.somebody_waits, "the first request waits for the audit log")
        repeat = create(service, key, name)
        assert (repeat.status_code, code_of(repeat)) == (409, "request-still-running")
        assert int(repeat.headers["retry-after"]) >= 1
        held.end_who_waits()  # as if the process that serves the first request had been killed
        thread.join(30)
    assert first[0].status_code == 503
    assert made(service, name) == 0
    again = create(service, key, name)
    assert again.status_code == 201
    assert "idempotent-replayed" not in again.headers
    assert made(service, name) == 1


def test_a_kept_answer_is_forgotten_after_a_day(service: RunningService, name: str) -> None:
    key = str(uuid4())
    assert create(service, key, name).status_code == 201
    (row,) = service.rows("SELECT expires_at - created_at AS life FROM idempotency_keys WHERE key = $1", key)
    assert abs(row["life"] - timedelta(hours=24)) < timedelta(seconds=5)
    service.rows("UPDATE idempotency_keys SET expires_at = now() WHERE key = $1 RETURNING 1", key)
    repeated = create(service, key, name + "!")
    assert repeated.status_code == 201
    assert "idempotent-replayed" not in repeated.headers
    assert create(service, key, name + "!").headers["idempotent-replayed"] == "true"
    service.rows("UPDATE idempotency_keys SET expires_at = now() WHERE key = $1 RETURNING 1", key)
    assert service.in_database(lambda database: forget_expired_access(database, datetime.now(UTC), 900)) >= 1
    assert service.rows("SELECT 1 FROM idempotency_keys WHERE key = $1", key) == []


def test_a_secret_answer_is_kept_sealed(service: RunningService, settings: Settings, name: str) -> None:
    key = str(uuid4())
    first = create(service, key, name)
    (row,) = service.rows("SELECT body, is_sealed FROM idempotency_keys WHERE key = $1", key)
    assert row["is_sealed"]
    assert first.json()["data"]["prefix"].encode() not in row["body"]
    fresh = Key("newest", b"z" * 16 + b"fedcba9876543210")
    with running(replace_keys(settings, (fresh, *settings.jwt_keys))) as rotated:
        rotated.people = service.people
        assert create(rotated, key, name).content == first.content
    with running(replace_keys(settings, (fresh,))) as later:
        later_admin = {"Authorization": f"Bearer {later.token_of(service.people['admin'].email)}"}
        refused = later.http.post(KEYS, json=body_of(name), headers={**later_admin, "Idempotency-Key": key})
        assert (refused.status_code, code_of(refused)) == (409, "answer-sealed")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,  # more of them are slow to make, and show nothing else
)


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_members_makes_no_difference(document: dict[str, Any], random: Any) -> None:
    shuffled = list(document.items())
    random.shuffle(shuffled)
    scope = {"path": "/x", "query_string": b""}
    one = fingerprint_of("POST", scope, json.dumps(document).encode())
    assert one == fingerprint_of(
        "POST", scope, json.dumps(dict(shuffled), indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass")
    )


@given(json_values, json_values)
def test_another_document_is_another(one: Any, other: Any) -> None:
    scope = {"path": "/x", "query_string": b""}
    texts = [json.dumps(value, sort_keys=True) for value in (one, other)]
    prints = [fingerprint_of("POST", scope, text.encode()) for text in texts]
    assert (prints[0] == prints[1]) == (texts[0] == texts[1])


def test_numbers_differ_as_they_are_written() -> None:
    scope = {"path": "/x", "query_string": b""}
    bodies = [
        b"1",
        b"1.0",
        b"1.00",
        b"0.1",
        b"0.10000000000000000001",
        b'"1"',
        b"[1]",
        b"NaN",
        b"[" * 100_000,
        b"1" * 5000,
    ]
    assert len({fingerprint_of("POST", scope, body) for body in bodies}) == len(bodies)
    assert fingerprint_of("POST", scope, b"1") != fingerprint_of("POST", {**scope, "path": "/y"}, b"1")
    assert fingerprint_of("POST", scope, b"1") != fingerprint_of("POST", {**scope, "query_string": b"a"}, b"1")


class audit_log_held:  # noqa: N801 (reads as what it does)
    """Holds the audit log, so that whoever writes to it waits; on a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> audit_log_held:
        self._connection = self._run(asyncpg.connect(self._url))
        self._run(self._connection.execute("BEGIN; LOCK TABLE audit_log IN EXCLUSIVE MODE"))
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._connection.close())
        self._loop.close()

    def somebody_waits(self) -> bool:
        return bool(self._run(self._connection.fetchval(_WAITING)))

    def end_who_waits(self) -> None:
        self._run(self._connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE {_MINE}"))

    def _run(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)


_MINE = "relation = 'audit_log'::regclass AND NOT granted"
_WAITING = f"SELECT count(*) > 0 FROM pg_locks WHERE {_MINE}"
