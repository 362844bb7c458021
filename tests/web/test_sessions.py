"""Who signs in, who stays signed in, and whose changes count. Source: docs/spec/web.md#sessions."""

from __future__ import annotations

import pytest

from quote_service.platform.callers.access import Role
from tests.access.running import RunningService
from tests.web.conftest import SignIn
from tests.web.signing_in import COOKIE, Visitor, text_of


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_and_back(service: RunningService) -> None:
    visitor, person = Visitor(service), service.new_person("analyst")
    led = visitor.http.get("/admin/playground", params={"a": "1&2"})
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?next=/admin/playground%3Fa%3D1%25262")
    form = visitor.see(led.headers["location"])
    assert 'value="/admin/playground?a=1%262"' in form
    back = visitor.sign_in(person, wanted="/admin/playground?a=1%262")
    assert (back.status_code, back.headers["location"]) == (303, "/admin/playground?a=1%262")
    assert person.email in visitor.see("/admin/playground")


def test_the_cookie_is_for_the_browser_alone(service: RunningService) -> None:
    given = Visitor(service).sign_in(service.new_person("admin")).headers["set-cookie"]
    assert given.startswith(f"{COOKIE}=")
    assert given.endswith("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict")


def test_a_wrong_password_says_what_the_api_says(service: RunningService) -> None:
    visitor, person = Visitor(service), service.new_person("admin")
    refused = visitor.sign_in(person, password="wrong")
    assert refused.status_code == 401
    assert "Wrong e-mail address or password" in text_of(refused.text)
    assert person.email in refused.text
    assert "set-cookie" not in refused.headers
    nobody = visitor.http.post("/sign-in", data={"email": '"><script>', "password": "x"})
    assert nobody.status_code == 401
    assert "<script>" not in nobody.text.replace('<script src="', "")


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example", "//evil.example", "/admin//evil.example", "/admin\\evil", "/api/v1/users", "admin"],
)
def test_signing_in_leads_to_pages_of_ours_alone(service: RunningService, wanted: str) -> None:
    answer = Visitor(service).sign_in(service.new_person("analyst"), wanted=wanted)
    assert answer.headers["location"] == "/account/home"


@pytest.mark.parametrize(("role", "home"), [("analyst", "/admin"), ("admin", "/admin"), ("user", "/store")])
def test_who_signs_in_begins_where_their_role_has_something_to_do(signed_in: SignIn, role: Role, home: str) -> None:
    answer = signed_in(role).http.get("/account/home")
    assert (answer.status_code, answer.headers["location"]) == (303, home)


def test_signing_out_ends_the_session_for_good(service: RunningService, signed_in: SignIn) -> None:
    visitor = signed_in("analyst")
    cookie = visitor.http.cookies[COOKIE]
    answer = visitor.send("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    # Neither who they are nor what is in their basket is left to whoever uses the browser next.
    ended = [each.split(";")[0] for each in answer.headers.get_list("set-cookie") if "Max-Age=0" in each]
    assert sorted(each.split("=")[0] for each in ended) == [COOKIE, "quote_store"]
    other = Visitor(service)
    other.http.cookies.set(COOKIE, cookie)
    assert other.http.get("/admin").status_code == 303


def test_whoever_is_deactivated_sees_no_page_any_more(service: RunningService) -> None:
    visitor, person = Visitor(service), service.new_person("pricing_manager")
    visitor.sign_in(person)
    visitor.see("/admin")
    headers = {**service.as_role("admin"), "If-Match": f'"{person.id}:1"'}
    etag = service.http.get(f"/api/v1/users/{person.id}", headers=headers).headers["etag"]
    changed = service.http.patch(
        f"/api/v1/users/{person.id}", json={"is_active": False}, headers={**headers, "If-Match": etag}
    )
    assert changed.status_code == 200, changed.text
    assert visitor.http.get("/admin").status_code == 303


def test_a_new_password_ends_the_sessions_of_the_pages(service: RunningService) -> None:
    visitor, person = Visitor(service), service.new_person("analyst")
    visitor.sign_in(person)
    sent = {"current_password": person.password, "new_password": "another horse battery"}
    assert service.http.post("/api/v1/auth/password", json=sent, headers=person.headers).status_code == 204
    assert visitor.http.get("/admin").status_code == 303


@pytest.mark.parametrize("column", ["expires_at", "seen_at"])
def test_a_session_that_is_too_old_or_was_left_alone_has_ended(service: RunningService, column: str) -> None:
    visitor, person = Visitor(service), service.new_person("analyst")
    visitor.sign_in(person)
    visitor.see("/admin")
    service.rows(
        f"UPDATE page_sessions SET {column} = {column} - interval '13 hours' FROM refresh_families AS family"
        " WHERE family.id = family_id AND family.user_id = $1 RETURNING 1",
        person.id,
    )
    assert visitor.http.get("/admin").status_code == 303


def test_what_a_cookie_holds_is_not_kept(service: RunningService, signed_in: SignIn) -> None:
    cookie = signed_in("admin").http.cookies[COOKIE]
    kept = service.rows("SELECT token_hash FROM page_sessions")
    assert kept
    assert all(cookie.encode() not in row["token_hash"] for row in kept)


def test_the_api_takes_no_cookie(service: RunningService, signed_in: SignIn) -> None:
    assert signed_in("admin").http.get("/api/v1/users").status_code == 401


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({}, {}),
        ({}, {"csrf": "0" * 64}),
        ({"X-CSRF-Token": "0" * 64}, {}),
        ({}, {"csrf": "\N{LATIN SMALL LETTER E WITH ACUTE}"}),
    ],
)
def test_a_change_that_no_page_of_ours_made_is_refused(
    signed_in: SignIn, headers: dict[str, str], fields: dict[str, str]
) -> None:
    visitor = signed_in("analyst")
    refused = visitor.http.post("/sign-out", headers=headers, data=fields)
    assert refused.status_code == 403
    assert "out of date" in refused.text
    visitor.see("/admin")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_change_from_another_site_is_refused_whatever_it_carries(signed_in: SignIn, site: str) -> None:
    visitor = signed_in("analyst")
    csrf = visitor.csrf()
    refused = visitor.http.post("/sign-out", headers={"Sec-Fetch-Site": site}, data={"csrf": csrf})
    assert (refused.status_code, "another site" in refused.text) == (403, True)
    signing_in = visitor.http.post("/sign-in", headers={"Sec-Fetch-Site": site}, data={"email": "a@b", "password": "x"})
    assert signing_in.status_code == 403


def test_a_token_of_one_session_is_no_token_of_another(signed_in: SignIn) -> None:
    one, other = signed_in("analyst"), signed_in("admin")
    assert one.http.post("/sign-out", data={"csrf": other.csrf()}).status_code == 403


def test_sessions_are_on_record(service: RunningService) -> None:
    visitor, person = Visitor(service), service.new_person("analyst")
    visitor.sign_in(person)
    visitor.send("/sign-out")
    assert [row["action"] for row in service.audited(person.id)][:2] == ["session.end", "session.start"]
