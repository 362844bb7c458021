"""Logging in, renewing, logging out, and being thrown out.

Source: docs/spec/access.md#people.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
import msgspec
import pytest

from quote_service.identity.operations.people.throttle_login import LoginThrottle, count_login_attempt
from quote_service.platform.settings import Key, Settings
from quote_service.platform.system.errors import TooMany
from tests.access.conftest import JWT_KEYS
from tests.access.running import PASSWORD, Person, RunningService, code_of, replace_keys, running, until

AUTH = "/api/v1/auth"
THROTTLE = LoginThrottle()


@pytest.fixture
def person(service: RunningService) -> Person:
    return service.new_person("analyst")


def log_in(service: RunningService, email: str, password: str = PASSWORD) -> httpx.Response:
    return service.http.post(f"{AUTH}/login", json={"email": email, "password": password})


def session_of(service: RunningService, person: Person) -> dict[str, Any]:
    answer = log_in(service, person.email)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json()["data"])


def refresh(service: RunningService, token: str) -> httpx.Response:
    return service.http.post(f"{AUTH}/refresh", json={"refresh_token": token})


def me(service: RunningService, access_token: str) -> httpx.Response:
    return service.http.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {access_token}"})


def test_a_person_logs_in_however_the_address_is_written(service: RunningService, person: Person) -> None:
    answer = log_in(service, f"  {person.email.upper()} ")
    assert answer.status_code == 200
    session = answer.json()["data"]
    assert (session["token_type"], session["expires_in_seconds"]) == ("Bearer", 900)
    shown = me(service, session["access_token"])
    assert shown.json()["data"]["id"] == person.id
    assert shown.json()["data"]["last_login_at"] is not None
    assert "hash" not in shown.text
    assert service.audited(person.id)[0]["action"] == "session.start"


def test_unknown_deactivated_and_mistaken_are_one_answer(service: RunningService, person: Person) -> None:
    gone = service.new_person("analyst")
    assert service.http.delete(f"/api/v1/users/{gone.id}", headers=service.as_role()).status_code == 204
    answers = [
        log_in(service, person.email, "a wrong password"),
        log_in(service, "nobody@example.com"),
        log_in(service, gone.email),
        log_in(service, "x" * 200),
        log_in(service, "' OR 1=1 --"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert all("set-cookie" not in answer.headers for answer in answers)


def test_an_account_is_throttled_over_all_workers_and_at_once(service: RunningService, settings: Settings) -> None:
    person, other_person = service.new_person("user"), service.new_person("user")
    with running(settings) as other, ThreadPoolExecutor(8) as threads:
        workers = [service, other] * THROTTLE.account_attempts_max
        answers = list(threads.map(lambda worker: log_in(worker, person.email, "a wrong password"), workers))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [401] * THROTTLE.account_attempts_max + [429] * THROTTLE.account_attempts_max
        # The right password is of no use now, and another account is not concerned.
        refused = log_in(other, person.email)
        assert (refused.status_code, code_of(refused)) == (429, "rate-limited")
        assert 0 < int(refused.headers["retry-after"]) <= THROTTLE.window_seconds + 1
        # On record once, however often it is tried.
        (row,) = service.audited(person.id)[:-1]
        assert (row["action"], row["actor"], row["actor_kind"]) == ("session.throttled", "login", "system")
        assert row["request_id"] in {answer.headers["x-request-id"] for answer in answers}
        assert log_in(other, other_person.email).status_code == 200


def test_lives_and_the_throttle_are_settings(service: RunningService, settings: Settings) -> None:
    person = service.new_person("user")
    own = msgspec.structs.replace(
        settings,
        access_token_seconds=120,
        refresh_token_seconds=240,
        login_attempts_account=3,
        login_window_seconds=60,
    )
    with running(own) as worker:
        begun = session_of(worker, person)
        for session in (begun, refresh(worker, begun["refresh_token"]).json()["data"]):
            assert (session["expires_in_seconds"], session["refresh_expires_in_seconds"]) == (120, 240)
            claims = jwt.decode(session["access_token"], options={"verify_signature": False})
            assert claims["exp"] - claims["iat"] == 120
        (left,) = worker.rows(
            "SELECT max(t.expires_at) - now() AS life FROM refresh_tokens AS t JOIN refresh_families AS f"
            " ON f.id = t.family_id WHERE f.user_id = $1",
            person.id,
        )
        assert timedelta(0) < left["life"] <= timedelta(seconds=240)
        answers = [log_in(worker, person.email, "a wrong password") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
        assert int(answers[-1].headers["retry-after"]) <= 61
        change = {"current_password": PASSWORD, "new_password": "quite another password"}
        bearer = {"Authorization": f"Bearer {begun['access_token']}"}
        assert worker.http.post(f"{AUTH}/password", json=change, headers=bearer).status_code == 429


def test_a_right_password_forgives_the_account(service: RunningService, person: Person) -> None:
    for _ in range(2):
        for _ in range(THROTTLE.account_attempts_max - 1):
            assert log_in(service, person.email, "a wrong password").status_code == 401
        assert log_in(service, person.email).status_code == 200


def test_the_window_runs_out(service: RunningService) -> None:
    email, start = f"{uuid4()}@example.com", datetime(2026, 1, 1, tzinfo=UTC)

    def attempt(at: datetime) -> bool:
        async def work(database: Any) -> None:
            await count_login_attempt(database, THROTTLE, email, email, at)

        try:
            service.in_database(work)
        except TooMany:
            return False
        return True

    assert [attempt(start) for _ in range(THROTTLE.account_attempts_max + 1)] == [
        True
    ] * THROTTLE.account_attempts_max + [False]
    assert not attempt(start + timedelta(seconds=THROTTLE.window_seconds - 1))
    assert attempt(start + timedelta(seconds=THROTTLE.window_seconds))


def test_an_address_is_throttled_whatever_the_account(service: RunningService) -> None:
    address, at = f"test {uuid4()}", datetime(2026, 1, 1, tzinfo=UTC)

    async def work(database: Any) -> int:
        let_through = 0
        for number in range(THROTTLE.address_attempts_max + 5):
            try:
                await count_login_attempt(database, THROTTLE, f"{number}@{address}", address, at)
            except TooMany:
                continue
            let_through += 1
        return let_through

    assert service.in_database(work) == THROTTLE.address_attempts_max


def test_a_refresh_token_works_once_and_makes_the_next(service: RunningService, person: Person) -> None:
    first = session_of(service, person)
    second = refresh(service, first["refresh_token"])
    assert second.status_code == 200
    third = refresh(service, second.json()["data"]["refresh_token"])
    assert third.status_code == 200
    assert me(service, third.json()["data"]["access_token"]).status_code == 200
    for row in service.rows("SELECT t::text AS line FROM refresh_tokens AS t"):
        assert first["refresh_token"] not in row["line"]


def test_a_reused_refresh_token_ends_its_family_alone(service: RunningService, person: Person) -> None:
    other, first = session_of(service, person), session_of(service, person)
    second = refresh(service, first["refresh_token"]).json()["data"]
    assert refresh(service, first["refresh_token"]).status_code == 401
    assert refresh(service, second["refresh_token"]).status_code == 401
    assert refresh(service, other["refresh_token"]).status_code == 200
    assert service.audited(person.id)[0]["action"] == "session.reuse"


def test_of_two_who_refresh_at_once_one_gets_the_pair_and_the_family_ends(
    service: RunningService, person: Person
) -> None:
    for _ in range(5):
        first = session_of(service, person)
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(lambda token: refresh(service, token), [first["refresh_token"]] * 2))
        assert sorted(answer.status_code for answer in answers) == [200, 401]
        (won,) = (answer for answer in answers if answer.status_code == 200)
        assert refresh(service, won.json()["data"]["refresh_token"]).status_code == 401


def test_an_expired_refresh_token_is_refused(service: RunningService, person: Person) -> None:
    session = session_of(service, person)
    service.rows(
        "UPDATE refresh_tokens SET expires_at = now() - interval '1 second' WHERE family_id IN"
        " (SELECT id FROM refresh_families WHERE user_id = $1) RETURNING 1",
        person.id,
    )
    assert refresh(service, session["refresh_token"]).status_code == 401


@pytest.mark.parametrize("token", ["x", "qr_", "'; DROP TABLE users; --", "null", "ş" * 100])
def test_no_refresh_token_at_all(service: RunningService, token: str) -> None:
    refused = refresh(service, token)
    assert (refused.status_code, code_of(refused)) == (401, "unauthorized")
    # Logging out reveals nothing about whether there was such a session.
    assert service.http.post(f"{AUTH}/logout", json={"refresh_token": token}).status_code == 204


def test_logging_out_ends_the_session(service: RunningService, person: Person) -> None:
    session = session_of(service, person)
    for _ in range(2):
        answer = service.http.post(f"{AUTH}/logout", json={"refresh_token": session["refresh_token"]})
        assert (answer.status_code, answer.content) == (204, b"")
    assert refresh(service, session["refresh_token"]).status_code == 401
    assert [row["action"] for row in service.audited(person.id)[:2]] == ["session.end", "session.start"]


@pytest.mark.parametrize("patch", [{"is_active": False}, {"role": "user"}, {"password": "another long password"}])
def test_a_changed_person_is_out_at_once(service: RunningService, person: Person, patch: dict[str, Any]) -> None:
    session = session_of(service, person)
    changed = service.http.patch(f"/api/v1/users/{person.id}", json=patch, headers=service.as_role())
    assert changed.status_code == 200, changed.text
    assert refresh(service, session["refresh_token"]).status_code == 401
    until(lambda: me(service, session["access_token"]).status_code == 401, "the access token has ended")


def test_a_password_is_changed_by_who_knows_it(service: RunningService, person: Person) -> None:
    session, headers = session_of(service, person), person.headers
    change = {"current_password": "a wrong password", "new_password": "quite another password"}
    refused = service.http.post(f"{AUTH}/password", json=change, headers=headers)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/current_password"
    short = {"current_password": PASSWORD, "new_password": "short"}
    assert service.http.post(f"{AUTH}/password", json=short, headers=headers).status_code == 422
    change["current_password"] = PASSWORD
    assert service.http.post(f"{AUTH}/password", json=change, headers=headers).status_code == 204
    assert log_in(service, person.email).status_code == 401
    assert log_in(service, person.email, "quite another password").status_code == 200
    assert refresh(service, session["refresh_token"]).status_code == 401
    change_row = next(row for row in service.audited(person.id) if row["action"] == "user.password")
    assert "password" not in str(change_row["after"])


def test_a_new_first_key_signs_and_the_old_one_still_verifies(
    service: RunningService, settings: Settings, person: Person
) -> None:
    fresh = Key("newest", b"z" * 16 + b"fedcba9876543210")
    with running(replace_keys(settings, (fresh, *JWT_KEYS))) as rotated:
        assert me(rotated, person.token).status_code == 200
        token = session_of(rotated, person)["access_token"]
        assert me(rotated, token).status_code == 200
        assert me(service, token).status_code == 401  # does not know the new key yet
    with running(replace_keys(settings, (fresh,))) as later:
        assert me(later, person.token).status_code == 401
        assert me(later, token).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"email":1,"password":2}',
        b'{"email":"a@b"}',
        b'{"email":"a@b","password":"x","admin":true}',
    ],
)
def test_a_login_that_cannot_be_read_is_reported_so(service: RunningService, body: bytes) -> None:
    answer = service.http.post(f"{AUTH}/login", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    code_of(answer)
