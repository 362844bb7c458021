"""People over HTTP, as admins see them.

Source: docs/spec/access.md#people.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.access.running import PASSWORD, RunningService, code_of

USERS = "/api/v1/users"


def add(service: RunningService, **fields: Any) -> httpx.Response:
    body = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD, "role": "analyst", **fields}
    return service.http.post(USERS, json=body, headers=service.as_role())


def test_a_person_is_let_in_and_no_password_is_kept_or_shown(service: RunningService) -> None:
    password = f"secret {uuid4().hex}"
    made = add(service, password=password)
    assert made.status_code == 201
    user = made.json()["data"]
    assert made.headers["location"] == f"{USERS}/{user['id']}"
    shown = service.http.get(made.headers["location"], headers=service.as_role())
    assert shown.json()["data"] == user
    assert shown.headers["etag"] == made.headers["etag"]
    assert (user["role"], user["is_active"], user["last_login_at"]) == ("analyst", True, None)
    for table in ("users", "audit_log", "idempotency_keys"):
        for row in service.rows(f"SELECT t::text AS line FROM {table} AS t"):
            assert password not in row["line"]
    (row,) = service.rows("SELECT password_hash FROM users WHERE id = $1", user["id"])
    assert row["password_hash"].startswith("$argon2id$")
    (change,) = service.audited(user["id"])
    assert (change["action"], change["after"]["email"]) == ("user.create", "given")
    assert "password_hash" not in change["after"]


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"email": "nobody"}, ["/email"]),
        ({"email": "a b@example.com"}, ["/email"]),
        ({"email": "a@b@c"}, ["/email"]),
        ({"email": "a" * 250 + "@b.c"}, ["/email"]),
        ({"password": "short"}, ["/password"]),
        ({"password": "x" * 129}, ["/password"]),
        ({"email": "a-long-name@example.com", "password": "A-long-name@example.com"}, ["/password"]),
        ({"role": "root"}, ["/role"]),
        ({"role": None}, ["/role"]),
        ({"is_active": False}, ["/is_active"]),
        ({"id": str(uuid4())}, ["/id"]),
        ({"email": 5, "password": [], "role": {}}, ["/email", "/password", "/role"]),
    ],
)
def test_who_cannot_be_let_in_is_notified_by_field(
    service: RunningService, fields: dict[str, Any], pointers: list[str]
) -> None:
    refused = add(service, **fields)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == pointers


def test_an_address_is_taken_however_it_is_written(service: RunningService) -> None:
    email = f"{uuid4().hex}@example.com"
    assert add(service, email=email).status_code == 201
    refused = add(service, email=f" {email.upper()}")
    assert (refused.status_code, code_of(refused)) == (409, "name-taken")


def test_a_change_needs_the_version_that_was_read(service: RunningService) -> None:
    made, admin = add(service), service.as_role()
    place, tag = made.headers["location"], made.headers["etag"]
    changed = service.http.patch(place, json={"role": "user"}, headers={**admin, "If-Match": tag})
    assert changed.status_code == 200
    refused = service.http.patch(place, json={"role": "admin"}, headers={**admin, "If-Match": tag})
    assert (refused.status_code, code_of(refused)) == (412, "precondition-failed")
    assert service.http.delete(place, headers={**admin, "If-Match": tag}).status_code == 412
    after = service.http.get(place, headers=admin)
    assert after.json()["data"]["role"] == "user"
    assert service.http.delete(place, headers={**admin, "If-Match": after.headers["etag"]}).status_code == 204
    gone = service.http.get(place, headers=admin).json()["data"]
    assert gone["is_active"] is False
    actions = [row["action"] for row in service.audited(gone["id"])]
    assert actions == ["user.deactivate", "user.change", "user.create"]


def test_of_two_writers_of_one_version_one_wins_every_time(service: RunningService) -> None:
    made, admin = add(service), service.as_role()
    place, tag = made.headers["location"], made.headers["etag"]
    with ThreadPoolExecutor(2) as threads:
        for _ in range(200):
            current = service.http.get(place, headers=admin).json()["data"]["role"]
            other = [role for role in ("user", "pricing_manager", "analyst") if role != current]
            answers = list(
                threads.map(
                    lambda role: service.http.patch(place, json={"role": role}, headers={**admin, "If-Match": tag}),  # noqa: B023
                    other,
                )
            )
            assert sorted(answer.status_code for answer in answers) == [200, 412]
            (won,) = (answer for answer in answers if answer.status_code == 200)
            tag = won.headers["etag"]
            assert service.http.get(place, headers=admin).headers["etag"] == tag


def test_the_last_admin_stays(service: RunningService) -> None:
    service.as_role()
    me = service.people["admin"]
    service.rows("UPDATE users SET role = 'user' WHERE role = 'admin' AND id <> $1 RETURNING 1", me.id)
    for method, body in (("DELETE", None), ("PATCH", {"role": "analyst"}), ("PATCH", {"is_active": False})):
        refused = service.http.request(method, f"{USERS}/{me.id}", json=body, headers=me.headers)
        assert (refused.status_code, code_of(refused)) == (409, "last-admin")


def test_two_admins_cannot_remove_each_other(service: RunningService) -> None:
    service.as_role()
    keeper = service.people["admin"]
    with ThreadPoolExecutor(2) as threads:
        for _ in range(5):
            one, two = service.new_person("admin"), service.new_person("admin")
            service.rows("UPDATE users SET is_active = id IN ($1, $2) WHERE role = 'admin' RETURNING 1", one.id, two.id)
            answers = list(
                threads.map(
                    lambda pair: service.http.delete(f"{USERS}/{pair[1].id}", headers=pair[0].headers),
                    [(one, two), (two, one)],
                )
            )
            left = service.rows("SELECT id FROM users WHERE role = 'admin' AND is_active")
            assert len(left) == 1
            assert sorted(answer.status_code for answer in answers) in ([204, 409], [204, 401])
            service.rows("UPDATE users SET is_active = (id = $1) WHERE role = 'admin' RETURNING 1", keeper.id)


def test_people_are_listed_by_role_address_and_state(service: RunningService) -> None:
    made = add(service, role="pricing_manager").json()["data"]
    for filters in ({"email": made["email"].upper()}, {"email": made["email"], "role": "pricing_manager"}):
        found = service.http.get(USERS, params=filters, headers=service.as_role()).json()
        assert [row["id"] for row in found["data"]] == [made["id"]]
    assert service.http.get(USERS, params={"role": "root"}, headers=service.as_role()).status_code == 422
    pages: list[str] = []
    query: dict[str, Any] = {"limit": 1, "is_active": "true"}
    while True:
        page = service.http.get(USERS, params=query, headers=service.as_role()).json()
        pages += [row["id"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert len(set(pages)) == len(pages)
    assert made["id"] in pages


@pytest.mark.parametrize("place", ["nobody", "00000000-0000-0000-0000-000000000000", "..%2Fusers", "%27%20OR%201=1"])
def test_nobody_is_at_another_place(service: RunningService, place: str) -> None:
    for method in ("GET", "DELETE"):
        assert service.http.request(method, f"{USERS}/{place}", headers=service.as_role()).status_code in (404, 405)
