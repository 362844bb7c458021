"""Signing in with a provider of OpenID Connect: who gets in, as what, and what does not hold.

Source: docs/spec/access.md#sign-in-provider.
"""

from __future__ import annotations

import re
import time
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import msgspec

from quote_service.platform.settings import Settings
from tests.access.running import PASSWORD, RunningService, running
from tests.fixtures.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider
from tests.web.provider.ways import come_back, identity_in, is_in, me, somebody, walk
from tests.web.signing_in import COOKIE, Visitor, text_of
from tests.web.test_own_account import code_of_app, hidden


def test_somebody_new_is_let_in_as_the_provider_says(
    sso: RunningService, at: IdentityProvider, visitor: Visitor
) -> None:
    person = somebody("elsewhere", "insight", "pricing")
    assert "Continue with Acme" in visitor.see("/sign-in")
    answer = walk(visitor, at, person)
    assert answer.status_code == 200, answer.text
    assert 'http-equiv="refresh" content="0;url=/admin/rules"' in answer.text
    cookies = answer.headers.get_list("set-cookie")
    assert any(each.startswith(f"{COOKIE}=") and "SameSite=Strict" in each for each in cookies)
    assert any(each.startswith("quote_sign_in=") and "Max-Age=0" in each for each in cookies)
    page = visitor.see("/account")
    assert (person["email"] in page, "Linked to Acme" in page) == (True, True)
    row = me(sso, person["sub"])
    assert (row["email"], row["role"], row["password_hash"]) == (person["email"], "pricing_manager", "none")
    trail = [(each["action"], each["actor_kind"]) for each in sso.audited(row["id"])]
    assert trail == [("session.start", "user"), ("identity.link", "system"), ("user.create", "system")]
    guessing = {"email": person["email"], "password": "none"}
    assert Visitor(sso).http.post("/sign-in", data=guessing).status_code == 401
    assert "You have none, and sign in with Acme" in text_of(page)
    assert 'name="current_password"' not in page
    assert "QR code" in visitor.send("/account/second-factor").text
    # Another role from now on, the same person.
    assert walk(visitor, at, {**person, "groups": "insight"}).status_code == 200
    assert (me(sso, person["sub"])["role"], me(sso, person["sub"])["id"]) == ("analyst", row["id"])
    refused = visitor.send("/account/identities/" + identity_in(visitor) + "/end")
    assert (refused.status_code, "You have no password" in text_of(refused.text)) == (409, True)
    out = visitor.send("/sign-out")
    assert out.headers["location"] == "/sign-in?done=provider"
    assert f"{at.issuer}/bye?client_id=quote-service" in visitor.see("/sign-in?done=provider")


def test_whoever_has_no_role_or_has_been_deactivated_stays_out(
    sso: RunningService, at: IdentityProvider, visitor: Visitor
) -> None:
    for groups in (["elsewhere"], [], "PRICING", {"pricing": True}, None):
        refused = walk(visitor, at, {**somebody(), "groups": groups})
        assert (refused.status_code, "You have no account here" in text_of(refused.text)) == (401, True), groups
    person = somebody("insight")
    walk(visitor, at, person)
    assert is_in(visitor)
    gone = walk(Visitor(sso), at, {**person, "groups": []})
    assert gone.status_code == 401
    user_id = me(sso, person["sub"])["id"]
    assert sso.http.delete(f"/api/v1/users/{user_id}", headers=sso.as_role()).status_code == 204
    assert not is_in(visitor)
    assert walk(visitor, at, person).status_code == 401


def test_an_address_links_nobody(sso: RunningService, at: IdentityProvider, visitor: Visitor) -> None:
    local = sso.new_person("admin")
    refused = walk(visitor, at, somebody("boss", email=local.email))
    assert (refused.status_code, "sign in with its password" in text_of(refused.text)) == (409, True)
    for verified in (False, "true", None):
        person = somebody("boss", email=local.email, email_verified=verified)
        assert walk(visitor, at, person).status_code == 200
        row = me(sso, person["sub"])
        assert (row["email"], row["id"] == local.id) == (f"{row['id']}@unverified.invalid", False)
    # Another subject with the address of somebody who came by the provider: another person, too.
    first = somebody("insight")
    walk(visitor, at, first)
    assert walk(Visitor(sso), at, somebody("insight", email=first["email"])).status_code == 409


def test_an_account_is_linked_from_within_and_unlinked(
    sso: RunningService, at: IdentityProvider, visitor: Visitor
) -> None:
    local, person = sso.new_person("analyst"), somebody("insight")
    visitor.sign_in(local)
    at.person = person
    page = visitor.send("/account/identity")
    found = re.search(r'content="0;url=([^"]+)"', page.text)
    assert found is not None
    linked = come_back(visitor, unescape(found[1]))
    assert (linked.status_code, 'url=/account"' in linked.text) == (200, True)
    other = Visitor(sso)
    assert walk(other, at, person).status_code == 200
    assert local.email in other.see("/account")
    # Who has it cannot give it to a second account, nor take a second identity.
    thief = Visitor(sso)
    thief.sign_in(sso.new_person("analyst"))
    page = thief.send("/account/identity")
    refused = come_back(thief, unescape(re.search(r'content="0;url=([^"]+)"', page.text)[1]))  # type: ignore[index]
    assert (refused.status_code, "linked already" in text_of(refused.text)) == (409, True)
    assert visitor.send(f"/account/identities/{identity_in(visitor)}/end").status_code == 303
    assert [row["action"] for row in sso.audited(local.id) if "identity" in row["action"]] == [
        "identity.unlink",
        "identity.link",
    ]
    refused = walk(Visitor(sso), at, {**person, "email": local.email})
    assert refused.status_code == 409


def test_nothing_that_was_bent_lets_anybody_in(sso: RunningService, at: IdentityProvider, visitor: Visitor) -> None:
    person = somebody("boss")
    now = int(time.time())

    bent_claims: list[dict[str, Any]] = [
        {"iss": "https://elsewhere.example"},
        {"aud": "another client"},
        {"aud": [CLIENT_ID, "another client"]},
        {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
        {"azp": "another client"},
        {"nonce": "another"},
        {"nonce": 5},
        {"exp": now - 61},
        {"exp": "never"},
        {"iat": now + 120},
        {"nbf": now + 120},
        {"sub": ""},
        {"sub": 5},
        {"sub": "x" * 256},
    ]
    for change in bent_claims:
        at.bend_claims = lambda claims, change=change: {**claims, **change}  # type: ignore[misc]
        assert walk(visitor, at, person).status_code == 401, change
    at.reset()

    def resigned(token: str, key: Any, algorithm: str, **header: Any) -> str:
        claims = jwt.decode(token, options={"verify_signature": False})
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": at.kid, **header})

    bent_tokens = {
        "none": lambda token: resigned(token, None, "none"),
        "hmac with the public key": lambda token: resigned(token, str(at.public_key), "HS256"),
        "hmac with the secret": lambda token: resigned(token, CLIENT_SECRET.encode().ljust(32), "HS256"),
        "another key": lambda token: resigned(token, jwt_key(), "ES256"),
        "unknown key": lambda token: resigned(token, at.key, "ES256", kid="enc"),
        "cut": lambda token: token[:-4],
        "nothing": lambda token: "",
        "long": lambda token: token + "a" * 70_000,
    }
    for name, bend in bent_tokens.items():
        at.bend_token = bend
        assert walk(visitor, at, person).status_code == 401, name
    at.reset()
    bent_returns = {
        "state": lambda given: {**given, "state": "another"},
        "no state": lambda given: {"code": given["code"], "iss": given["iss"]},
        "issuer": lambda given: {**given, "iss": "https://elsewhere.example"},
        "no issuer": lambda given: {"code": given["code"], "state": given["state"]},
        "code": lambda given: {**given, "code": "another"},
        "denied": lambda given: {"error": "access_denied", "state": given["state"], "iss": given["iss"]},
    }
    for name, back in bent_returns.items():
        at.bend_return = back
        assert walk(visitor, at, person).status_code == 401, name
    at.reset()
    assert not is_in(visitor)
    # Clocks may differ by a minute.
    at.bend_claims = lambda claims: {**claims, "exp": now - 30, "iat": now + 30}
    assert walk(visitor, at, person).status_code == 200


def jwt_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def test_a_return_is_for_the_browser_that_went_and_once(
    sso: RunningService, at: IdentityProvider, visitor: Visitor
) -> None:
    at.person = somebody("boss")
    began = visitor.http.get("/sign-in/provider")
    asked = {name: value[0] for name, value in parse_qs(urlsplit(began.headers["location"]).query).items()}
    assert asked["redirect_uri"] == f"{sso.url}/sign-in/provider/return"
    (cookie,) = began.headers.get_list("set-cookie")
    assert cookie.endswith("; HttpOnly; Max-Age=600; Path=/; SameSite=lax")
    back = unescape(re.search(r'href="([^"]+)"', httpx.get(began.headers["location"]).text)[1])  # type: ignore[index]
    stranger = Visitor(sso)
    assert stranger.http.get(back).status_code == 401
    stranger.http.get("/sign-in/provider")
    assert stranger.http.get(back).status_code == 401
    assert visitor.http.get(back).status_code == 200
    kept = visitor.http.cookies[COOKIE]
    again = visitor.http.get(back)
    assert (again.status_code, visitor.http.cookies[COOKIE]) == (401, kept)


def test_keys_change_and_the_provider_may_be_away(sso: RunningService, at: IdentityProvider, visitor: Visitor) -> None:
    person = somebody("insight")
    assert walk(visitor, at, person).status_code == 200
    at.rotate()
    at.asked.clear()
    assert walk(visitor, at, person).status_code == 200
    assert at.asked.count("/keys") == 1
    at.person = person
    url = visitor.http.get("/sign-in/provider").headers["location"]
    page = httpx.get(url).text
    at.is_down = True
    back = visitor.http.get(unescape(re.search(r'href="([^"]+)"', page)[1]))  # type: ignore[index]
    assert (back.status_code, "cannot be reached" in text_of(back.text)) == (503, True)
    local = Visitor(sso)
    assert local.sign_in(sso.new_person("analyst")).status_code == 303  # passwords need nobody else


def test_a_second_factor_is_asked_for_unless_the_provider_has(
    sso: RunningService, at: IdentityProvider, visitor: Visitor
) -> None:
    local, person = sso.new_person("analyst"), somebody("insight")
    visitor.sign_in(local)
    at.person = person
    page = visitor.send("/account/identity")
    come_back(visitor, unescape(re.search(r'content="0;url=([^"]+)"', page.text)[1]))  # type: ignore[index]
    begun = hidden(visitor.send("/account/second-factor", current_password=PASSWORD).text)
    code = code_of_app(sso, local, begun["secret"])
    assert visitor.http.post("/account/second-factor/confirm", data={**begun, "code": code}).status_code == 200
    other = Visitor(sso)
    asked = walk(other, at, person)
    assert ("Enter your code" in asked.text, is_in(other)) == (True, False)
    code = code_of_app(sso, local, begun["secret"])
    led = other.http.post("/sign-in/code", data={**hidden(asked.text), "code": code})
    assert (led.status_code, led.headers["location"]) == (303, "/admin/rules")
    trusting = Visitor(sso)
    walk(trusting, at, {**person, "amr": ["pwd", "mfa"]})
    assert is_in(trusting)


def test_where_no_claim_gives_roles_only_links_let_in(
    service: RunningService, sso: RunningService, at: IdentityProvider
) -> None:
    person = somebody("insight")
    assert walk(Visitor(sso), at, person).status_code == 200
    sso.rows("UPDATE users SET role = 'pricing_manager' WHERE email = $1 RETURNING 1", person["email"])
    settings = msgspec.structs.replace(sso.parts[Settings], oidc_role_claim="", oidc_roles=())
    with running(settings) as linked_only:
        assert walk(Visitor(linked_only), at, person).status_code == 200
        assert me(sso, person["sub"])["role"] == "pricing_manager"
        assert walk(Visitor(linked_only), at, somebody("boss")).status_code == 401
    assert Visitor(service).http.get("/sign-in/provider").status_code == 404
    assert "Continue with" not in Visitor(service).see("/sign-in")
