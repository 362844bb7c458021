"""What a session that somebody else got hold of is not enough for. Source: docs/spec/access.md#proofs."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest

from tests.access.running import PASSWORD, Person, RunningService, code_of
from tests.fixtures.identity_provider import IdentityProvider
from tests.web.provider.ways import come_back, identity_in, me, somebody, walk
from tests.web.signing_in import Visitor, text_of

AUTH = "/api/v1/auth"
NEW_PASSWORD = "another horse, another battery"


def begin(visitor: Visitor, **fields: str) -> str:
    """Begin to link an identity: where the browser is led."""
    page = visitor.send("/account/identity", **fields)
    assert page.status_code == 200, page.text
    found = re.search(r'content="0;url=([^"]+)"', page.text)
    assert found is not None, text_of(page.text)
    return unescape(found[1])


def logged_in(service: RunningService, person: Person, password: str = PASSWORD) -> dict[str, str]:
    """The headers of a session of the API."""
    answer = service.http.post(f"{AUTH}/login", json={"email": person.email, "password": password})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['data']['access_token']}"}


def let_sessions_age(service: RunningService, person: Person) -> None:
    """As if the person had signed in, and proven it, six minutes ago."""
    service.rows(
        "UPDATE refresh_families SET started_at = started_at - interval '6 minutes',"
        " proven_at = proven_at - interval '6 minutes' WHERE user_id = $1 RETURNING id",
        person.id,
    )


def linked(service: RunningService, person: Person) -> list[dict[str, Any]]:
    return service.rows("SELECT subject FROM identities WHERE user_id = $1", person.id)


@pytest.mark.parametrize("ends", ["password", "sign-out", "other session", "admin"])
def test_a_link_that_was_begun_ends_with_its_session(
    sso: RunningService, at: IdentityProvider, visitor: Visitor, ends: str
) -> None:
    victim = sso.new_person("admin")
    at.person = somebody("boss")
    visitor.sign_in(victim)
    url = begin(visitor)
    if ends == "password":
        sent = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        answer = sso.http.post(f"{AUTH}/password", json=sent, headers=logged_in(sso, victim))
    elif ends == "sign-out":
        answer = visitor.send("/sign-out")
    elif ends == "other session":
        headers = logged_in(sso, victim)
        (session,) = [each for each in sessions(sso, headers) if each["kind"] == "pages"]
        answer = sso.http.delete(f"{AUTH}/sessions/{session['id']}", headers=headers)
    else:
        answer = sso.http.patch(f"/api/v1/users/{victim.id}", json={"role": "analyst"}, headers=sso.as_role())
    assert answer.status_code in (200, 204, 303), answer.text
    refused = come_back(visitor, url)
    assert (refused.status_code, "Your session has ended" in text_of(refused.text)) == (401, True)
    assert linked(sso, victim) == []
    assert not [row for row in sso.audited(victim.id) if row["action"] == "identity.link"]


def sessions(service: RunningService, headers: dict[str, str]) -> list[dict[str, Any]]:
    return list(service.http.get(f"{AUTH}/sessions", headers=headers).json()["data"])


def test_linking_and_unlinking_ask_for_the_password_again(
    sso: RunningService, at: IdentityProvider, visitor: Visitor
) -> None:
    person = sso.new_person("analyst")
    at.person = somebody("insight")
    visitor.sign_in(person)
    assert 'id="proof"' not in visitor.see("/account")
    let_sessions_age(sso, person)
    assert 'id="proof"' in visitor.see("/account")
    without = visitor.send("/account/identity")
    assert (without.status_code, "http-equiv" in without.text) == (422, False)
    wrong = visitor.send("/account/identity", current_password="not this one at all")
    assert (wrong.status_code, "is not the current password" in text_of(wrong.text)) == (422, True)
    assert come_back(visitor, begin(visitor, current_password=PASSWORD)).status_code == 200
    assert len(linked(sso, person)) == 1
    let_sessions_age(sso, person)
    unlink = f"/account/identities/{identity_in(visitor)}/end"
    assert visitor.send(unlink).status_code == 403
    assert visitor.send(unlink, current_password="not this one at all").status_code == 422
    assert len(linked(sso, person)) == 1
    assert visitor.send(unlink, current_password=PASSWORD).status_code == 303
    assert linked(sso, person) == []


def test_the_api_asks_too_and_takes_a_proof_for_one_session(
    sso: RunningService, at: IdentityProvider, visitor: Visitor
) -> None:
    person = sso.new_person("analyst")
    at.person = somebody("insight")
    visitor.sign_in(person)
    come_back(visitor, begin(visitor))
    path = f"{AUTH}/identities/{identity_in(visitor)}"
    first, second = logged_in(sso, person), logged_in(sso, person)
    let_sessions_age(sso, person)

    def unlink(headers: dict[str, str]) -> httpx.Response:
        return sso.http.delete(path, headers=headers)

    for headers in (first, person.headers):  # the second is a token that belongs to no session
        refused = unlink(headers)
        assert (refused.status_code, code_of(refused)) == (403, "proof-required")
    for given, status in [
        ({}, 422),
        ({"current_password": PASSWORD, "code": "123456"}, 422),
        ({"current_password": "not this one at all"}, 422),
        ({"code": "123456"}, 422),
    ]:
        assert sso.http.post(f"{AUTH}/proof", json=given, headers=first).status_code == status, given
    assert unlink(first).status_code == 403
    proof = {"current_password": PASSWORD}
    assert sso.http.post(f"{AUTH}/proof", json=proof, headers=person.headers).status_code == 403
    assert sso.http.post(f"{AUTH}/proof", json=proof, headers=first).status_code == 204
    assert unlink(second).status_code == 403
    assert unlink(first).status_code == 204


def test_an_admin_does_not_reset_the_own_account_without_a_proof(sso: RunningService) -> None:
    admin, other = sso.new_person("admin"), sso.new_person("admin")
    headers = logged_in(sso, admin)
    let_sessions_age(sso, admin)

    def change(person: Person) -> list[httpx.Response]:
        of = f"/api/v1/users/{person.id}"
        return [
            sso.http.post(f"{of}/password-reset", headers=headers),
            sso.http.delete(f"{of}/second-factor", headers=headers),
            sso.http.patch(of, json={"password": NEW_PASSWORD}, headers=headers),
        ]

    assert {code_of(answer) for answer in change(admin)} == {"proof-required"}
    assert [answer.status_code for answer in change(other)] == [200, 404, 200]
    assert sso.http.post(f"{AUTH}/proof", json={"current_password": PASSWORD}, headers=headers).status_code == 204
    assert [answer.status_code for answer in change(admin)] == [200, 404, 200]


def test_without_a_password_signing_in_again_is_the_proof(
    sso: RunningService, at: IdentityProvider, visitor: Visitor
) -> None:
    person = somebody("insight")
    walk(visitor, at, person)
    row = me(sso, person["sub"])
    sso.rows("UPDATE refresh_families SET started_at = started_at - interval '6 minutes' WHERE user_id = $1", row["id"])
    refused = visitor.send("/account/second-factor")
    assert (refused.status_code, "QR code" in refused.text) == (403, False)
    assert "sign in with Acme again" in text_of(visitor.see("/account"))
    led = visitor.http.get("/sign-in/provider", params={"next": "/account"})
    assert "prompt=login" in led.headers["location"]
    assert walk(visitor, at, person, "/account").status_code == 200
    assert "QR code" in visitor.send("/account/second-factor").text
