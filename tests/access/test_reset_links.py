"""A lost password: an admin gives a link, and its owner sets another. Also: the sessions that people see of themselves.

Source: docs/spec/access.md#a-lost-password; docs/spec/access.md#sessions.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import uuid4

import httpx
import pytest

from quote_service.identity.operations.forget_expired_access import forget_expired_access
from quote_service.platform.callers.devices import DEVICE_LENGTH_MAX, device_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from tests.access.running import PASSWORD, Person, RunningService, code_of

AUTH = "/api/v1/auth"
NEW_PASSWORD = "quite another password"


def log_in(service: RunningService, email: str, password: str = PASSWORD, agent: str = "") -> httpx.Response:
    return service.http.post(
        f"{AUTH}/login", json={"email": email, "password": password}, headers={"User-Agent": agent}
    )


def link_for(service: RunningService, person: Person) -> str:
    made = service.http.post(f"/api/v1/users/{person.id}/password-reset", headers=service.as_role())
    assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")
    data = made.json()["data"]
    assert data["path"] == f"/reset-password?token={data['token']}"
    assert 3500 < (datetime.fromisoformat(data["expires_at"]) - from_micros(now_us())).total_seconds() <= 3600
    return str(data["token"])


def use(service: RunningService, token: str, password: str = NEW_PASSWORD) -> httpx.Response:
    return service.http.post(f"{AUTH}/password-reset", json={"token": token, "new_password": password})


def test_a_link_sets_a_password_once_and_ends_what_there_was(service: RunningService) -> None:
    person = service.new_person("analyst")
    refresh = log_in(service, person.email).json()["data"]["refresh_token"]
    token = link_for(service, person)
    for password in ("short", person.email):
        refused = use(service, token, password)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/new_password")
    with ThreadPoolExecutor(4) as threads:
        answers = [answer.status_code for answer in threads.map(lambda _: use(service, token), range(4))]
    assert sorted(answers) == [204, 422, 422, 422]
    assert log_in(service, person.email).status_code == 401
    assert log_in(service, person.email, NEW_PASSWORD).status_code == 200
    assert service.http.post(f"{AUTH}/refresh", json={"refresh_token": refresh}).status_code == 401
    trail = [(row["action"], row["actor"] == person.id) for row in service.audited(person.id)][:3]
    assert trail == [("session.start", True), ("user.change", True), ("user.reset_link", False)]
    assert token not in " ".join(row["line"] for row in service.rows("SELECT t::text AS line FROM audit_log AS t"))


def test_whoever_forgot_the_password_need_not_wait_for_the_throttle(service: RunningService) -> None:
    person = service.new_person("analyst")
    while log_in(service, person.email, "a forgotten password").status_code != 429:
        pass
    assert use(service, link_for(service, person)).status_code == 204
    assert log_in(service, person.email, NEW_PASSWORD).status_code == 200


def test_a_link_ends_with_the_next_a_new_password_deactivation_and_time(service: RunningService) -> None:
    person = service.new_person("analyst")
    first = link_for(service, person)
    second = link_for(service, person)
    assert use(service, first).status_code == 422
    own = {"current_password": PASSWORD, "new_password": "chosen in the meantime"}
    assert service.http.post(f"{AUTH}/password", json=own, headers=person.headers).status_code == 204
    assert use(service, second).status_code == 422
    third = link_for(service, person)
    service.rows(
        "UPDATE password_resets SET expires_at = now() - interval '1 s' WHERE user_id = $1 RETURNING 1", person.id
    )
    refused = use(service, third)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/token")

    async def sweep(database: Database) -> int:
        return await forget_expired_access(database, from_micros(now_us()), 900)

    assert service.in_database(sweep) >= 1
    assert service.rows("SELECT FROM password_resets WHERE user_id = $1", person.id) == []
    fourth = link_for(service, person)
    assert service.http.delete(f"/api/v1/users/{person.id}", headers=service.as_role()).status_code == 204
    assert use(service, fourth).status_code == 422
    refused = service.http.post(f"/api/v1/users/{person.id}/password-reset", headers=service.as_role())
    assert (refused.status_code, code_of(refused)) == (409, "conflict")
    missing = service.http.post(f"/api/v1/users/{uuid4()}/password-reset", headers=service.as_role())
    assert missing.status_code == 404


def test_people_see_their_sessions_and_end_them(service: RunningService) -> None:
    person, other = service.new_person("user"), service.new_person("user")
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    kept, gone = (log_in(service, person.email, agent=agent).json()["data"] for agent in ("curl/8.14", firefox))
    headers = {"Authorization": f"Bearer {kept['access_token']}"}
    shown = service.http.get(f"{AUTH}/sessions", headers=headers).json()["data"]
    assert [(row["device"], row["kind"], row["begun_by"]) for row in shown] == [
        ("Firefox on Linux", "api", "password"),
        ("curl", "api", "password"),
    ]
    page = service.http.get(f"{AUTH}/sessions", params={"limit": 1}, headers=headers).json()
    rest = service.http.get(f"{AUTH}/sessions", params={"limit": 1, "cursor": page["next_cursor"]}, headers=headers)
    assert [*page["data"], *rest.json()["data"]] == shown
    place = f"{AUTH}/sessions/{shown[0]['id']}"
    assert service.http.delete(place, headers=other.headers).status_code == 404
    assert service.http.delete(place, headers=headers).status_code == 204
    assert service.http.delete(place, headers=headers).status_code == 404
    for token, status in ((gone["refresh_token"], 401), (kept["refresh_token"], 200)):
        assert service.http.post(f"{AUTH}/refresh", json={"refresh_token": token}).status_code == status
    left = service.http.get(f"{AUTH}/sessions", headers=headers).json()["data"]
    assert [row["id"] for row in left] == [shown[1]["id"]]
    assert left[0]["last_used_at"] > shown[1]["last_used_at"]
    assert service.audited(person.id)[0]["action"] == "session.end"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
            "Chrome on Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Android"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("", None),
        ("<script>", None),
    ],
)
def test_a_device_has_a_name(agent: str, device: str | None) -> None:
    assert device_of(agent) == device
    assert len(device_of(agent * 50) or "") <= DEVICE_LENGTH_MAX
