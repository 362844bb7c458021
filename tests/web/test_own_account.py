"""The second step of signing in, a new password by a link, and the own account. Source: docs/spec/web.md#own-account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import msgspec
import pyotp
import pytest

from quote_service.platform.settings import Settings
from tests.access.running import PASSWORD, Person, RunningService, running
from tests.web.conftest import SignIn
from tests.web.signing_in import COOKIE, Visitor, text_of

NEW_PASSWORD = "quite another password"


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', unescape(html)))


def code_of_app(service: RunningService, person: Person, secret: str) -> str:
    """A code that was not used: what was used is forgotten, as if time had gone by."""
    service.rows("UPDATE second_factors SET last_step = 0 WHERE user_id = $1 RETURNING 1", person.id)
    return pyotp.TOTP(secret).now()


def codes_in(html: str) -> list[str]:
    return re.findall(r"\b(?:[a-z0-9]{4}-){3}[a-z0-9]{4}\b", html)


def enrol(service: RunningService, visitor: Visitor, person: Person) -> str:
    """Set a second factor up in the pages; its secret."""
    begun = visitor.send("/account/second-factor", current_password=person.password)
    assert 'src="data:image/svg+xml' in begun.text
    fields = hidden(begun.text)
    wrong = visitor.http.post("/account/second-factor/confirm", data={**fields, "code": "000000"})
    assert (wrong.status_code, hidden(wrong.text)["secret"]) == (422, fields["secret"])
    assert "is not the code that the app shows now" in wrong.text
    on = visitor.http.post(
        "/account/second-factor/confirm", data={**fields, "code": code_of_app(service, person, fields["secret"])}
    )
    assert (on.status_code, len(set(codes_in(on.text)))) == (200, 10)
    return fields["secret"]


def test_a_second_factor_is_set_up_asked_for_and_turned_off(service: RunningService) -> None:
    person, visitor = service.new_person("analyst"), Visitor(service)
    visitor.sign_in(person)
    refused = visitor.send("/account/second-factor", current_password="wrong")
    assert (refused.status_code, "is not the current password" in refused.text) == (422, True)
    secret = enrol(service, visitor, person)
    assert "10 recovery codes are left" in text_of(visitor.see("/account"))
    other = Visitor(service)
    asked = other.sign_in(person, wanted="/admin/playground")
    assert (asked.status_code, "Enter your code" in asked.text, "set-cookie" in asked.headers) == (200, True, False)
    fields = hidden(asked.text)
    wrong = other.http.post("/sign-in/code", data={**fields, "code": "000000"})
    assert (wrong.status_code, "The code is not valid" in wrong.text, hidden(wrong.text)) == (401, True, fields)
    assert COOKIE not in other.http.cookies
    led = other.http.post("/sign-in/code", data={**fields, "code": code_of_app(service, person, secret)})
    assert (led.status_code, led.headers["location"]) == (303, "/admin/playground")
    other.see("/admin/playground")
    newer = other.send("/account/second-factor/recovery-codes", code=code_of_app(service, person, secret))
    codes = codes_in(newer.text)
    refused = other.send("/account/second-factor/remove", code="000000")
    assert (refused.status_code, "is not valid, or was used" in refused.text) == (422, True)
    gone = other.send("/account/second-factor/remove", code=codes[0])
    assert gone.headers["location"] == "/account?done=factor-off"
    assert Visitor(service).sign_in(person).status_code == 303


def test_a_shopper_has_an_account_and_no_admin(service: RunningService, signed_in: SignIn) -> None:
    page = signed_in("user").see("/account")
    assert "Your account" in text_of(page)
    assert 'href="/admin' not in page


def test_a_session_is_ended_from_another(service: RunningService) -> None:
    person, one, other = service.new_person("analyst"), Visitor(service), Visitor(service)
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"}
    one.http.headers.update(agent)
    for visitor in (one, other):
        visitor.sign_in(person)
    page = other.see("/account")
    rows = re.findall(r"<tr><td>(.*?)</td>.*?/account/sessions/([0-9a-f-]+)/end", page, re.DOTALL)
    devices = [text_of(device).strip() for device, _ in rows]
    assert devices == ["python-httpx this one", "Chrome on Windows"]
    ended = other.send(f"/account/sessions/{rows[1][1]}/end")
    assert ended.headers["location"] == "/account?done=session"
    assert one.http.get("/admin").status_code == 303
    assert other.send(f"/account/sessions/{rows[1][1]}/end").status_code == 303  # it is gone, as was wanted
    assert "The session has ended" in other.see("/account?done=session")


def test_the_password_is_changed_and_every_session_ends(service: RunningService) -> None:
    person, visitor = service.new_person("analyst"), Visitor(service)
    visitor.sign_in(person)
    fields = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "again": "something else"}
    refused = visitor.send("/account/password", **fields)
    assert (refused.status_code, "is not the same" in refused.text) == (422, True)
    fields["again"] = NEW_PASSWORD
    refused = visitor.send("/account/password", **{**fields, "current_password": "wrong"})
    assert (refused.status_code, "is not the current password" in refused.text) == (422, True)
    led = visitor.send("/account/password", **fields)
    assert led.headers["location"] == "/sign-in?done=password"
    assert visitor.http.get("/account").status_code == 303
    assert "Your new password is set" in visitor.see("/sign-in?done=password")
    assert visitor.sign_in(person, password=NEW_PASSWORD).status_code == 303


def test_an_admin_makes_a_link_and_a_person_sets_a_password_by_it(service: RunningService, signed_in: SignIn) -> None:
    person, admin = service.new_person("analyst"), signed_in("admin")
    assert "Reset the second factor" not in admin.see(f"/admin/people/{person.id}")
    shown = admin.send(f"/admin/people/{person.id}/do/reset-link")
    link = httpx.URL(re.search(r"<pre[^>]*>([^<]+)</pre>", shown.text)[1])  # type: ignore[index]
    assert (str(link.copy_with(query=None)), shown.status_code) == (f"{service.url}/reset-password", 200)
    visitor = Visitor(service)
    for _ in range(2):  # looking uses nothing up
        fields = hidden(visitor.see(str(link.raw_path, "ascii")))
    sent = {**fields, "new_password": NEW_PASSWORD, "again": NEW_PASSWORD}
    refused = visitor.http.post("/reset-password", data={**sent, "again": "x"})
    assert (refused.status_code, "The two are not the same" in refused.text) == (422, True)
    refused = visitor.http.post("/reset-password", data={**sent, "new_password": person.email, "again": person.email})
    assert (refused.status_code, "must not be the e-mail address" in refused.text) == (422, True)
    led = visitor.http.post("/reset-password", data=sent)
    assert led.headers["location"] == "/sign-in?done=password"
    assert "The link has been used or has expired" in visitor.http.post("/reset-password", data=sent).text
    assert "This link is incomplete" in visitor.see("/reset-password")
    assert visitor.sign_in(person, password=NEW_PASSWORD).status_code == 303


@pytest.fixture(scope="module")
def strict(service: RunningService) -> Iterator[RunningService]:
    """A worker that lets no analyst in without a second factor."""
    with running(msgspec.structs.replace(service.parts[Settings], second_factor_roles=("analyst",))) as started:
        yield started


def test_whoever_needs_a_second_factor_sets_it_up_on_the_way_in(
    service: RunningService, strict: RunningService
) -> None:
    person, before, visitor = service.new_person("analyst"), Visitor(service), Visitor(strict)
    before.sign_in(person)
    visitor.http.cookies.set(COOKIE, before.http.cookies[COOKIE])
    assert visitor.http.get("/admin").status_code == 303  # a session from before it was required
    visitor.http.cookies.clear()
    asked = visitor.sign_in(person, wanted="/admin/rules")
    fields = hidden(asked.text)
    assert (asked.status_code, "Your role requires one" in asked.text, COOKIE in visitor.http.cookies) == (
        200,
        True,
        False,
    )
    wrong = visitor.http.post("/sign-in/second-factor", data={**fields, "code": "000000"})
    assert (wrong.status_code, hidden(wrong.text)) == (422, fields)
    code = code_of_app(service, person, fields["secret"])
    shown = visitor.http.post("/sign-in/second-factor", data={**fields, "code": code})
    assert (shown.status_code, len(codes_in(shown.text))) == (200, 10)
    assert 'href="/admin/rules"' in shown.text
    visitor.see("/admin/rules")
    page = visitor.see("/account")
    assert ("Required" in page, "Turn it off" in page) == (False, False)
    other = Visitor(strict)
    fields = hidden(other.sign_in(person).text)
    assert other.http.post("/sign-in/code", data={**fields, "code": codes_in(shown.text)[3]}).status_code == 303
