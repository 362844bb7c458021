"""Forged credentials, and what belongs to others: nobody is let in, and nothing is shown.

Source: docs/spec/wire.md#errors; docs/spec/access.md#bounds-on-requests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from quote_service.identity.operations.access_tokens import AUDIENCE, ISSUER
from tests.access.running import code_of
from tests.fixtures.serve import QUOTE, Served, a_basket
from tests.http.hostile.conftest import JWT_SECRET
from tests.http.hostile.sending import harmless
from tests.http.hostile.shapes import Operation, leaks_of

DROP = "'; DROP TABLE commission_rates; --"


@pytest.fixture(scope="module")
def closed(operations: list[Operation]) -> list[Operation]:
    """What lets nobody in without credentials."""
    return [operation for operation in operations if not operation.is_public]


def forged(running: Served) -> Iterator[tuple[str, str]]:
    now = int(time.time())
    subject = str(jwt.decode(running.admin_token, options={"verify_signature": False})["sub"])
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 600, "role": "admin", "gen": 1}
    header = {"alg": "HS256", "kid": "k1", "typ": "at+jwt"}
    yield "alg none", signed({**header, "alg": "none"}, claims, None)
    yield "alg nOnE", signed({**header, "alg": "nOnE"}, claims, None)
    yield "alg none with a signature", signed({**header, "alg": "none"}, claims, JWT_SECRET)
    yield "no signature", signed(header, claims, None)
    rsa = generate_private_key(public_exponent=65537, key_size=2048)
    yield "RS256", jwt.encode(claims, rsa, algorithm="RS256", headers={"kid": "k1", "typ": "at+jwt"})
    yield "RS256 signed with the secret", signed({**header, "alg": "RS256"}, claims, JWT_SECRET)
    for key in httpx.get(f"{running.url}/.well-known/jwks.json").json()["keys"]:
        public = base64.urlsafe_b64decode(key["x"] + "=" * (-len(key["x"]) % 4))
        for name, secret in {
            "as bytes": public,
            "as text": key["x"].encode(),
            "whole": json.dumps(key).encode(),
        }.items():
            yield f"the public key as a secret, {name}", signed(header, claims, secret)
            yield f"the public key and its id, {name}", signed({**header, "kid": key["kid"]}, claims, secret)
        yield "EdDSA", signed({**header, "alg": "EdDSA", "kid": key["kid"]}, claims, public)
    yield "a key of its own", signed({**header, "jwk": {"kty": "oct", "k": "eHh4"}}, claims, b"xxx")
    yield "expired", signed(header, {**claims, "exp": now - 1}, JWT_SECRET)
    yield "another audience", signed(header, {**claims, "aud": "another"}, JWT_SECRET)
    yield "another issuer", signed(header, {**claims, "iss": "another"}, JWT_SECRET)
    yield "a key that is used for quotes", signed(header, claims, hashlib.sha256(b"signing").digest())


def test_forged_tokens_let_nobody_in_anywhere(running: Served, closed: list[Operation]) -> None:
    assert len(closed) > 40
    tokens = dict(forged(running))
    assert len(tokens) >= 17
    with httpx.Client(base_url=running.url, timeout=30) as client:
        for number, (name, token) in enumerate(tokens.items()):
            # Each token at a ninth of the operations, and each operation with two tokens or more.
            for operation in closed[number % 9 :: 9]:
                answer = client.request(
                    operation.method, operation.nowhere, headers={"Authorization": f"Bearer {token}"}
                )
                assert answer.status_code == 401, (name, operation.name, answer.text[:200])
                assert code_of(answer) == ("GENERAL" if operation.path.startswith("/ofrep/") else "unauthorized")
                assert leaks_of(answer.text) == []


def test_the_forged_tokens_are_wrong_in_that_alone(running: Served) -> None:
    """The same claims, signed as they should be, do let in; else the test above could not fail."""
    now = int(time.time())
    claims = jwt.decode(running.admin_token, options={"verify_signature": False})
    good = signed({"alg": "HS256", "kid": "k1", "typ": "at+jwt"}, {**claims, "iat": now, "exp": now + 600}, JWT_SECRET)
    with httpx.Client(base_url=running.url, timeout=30) as client:
        assert client.get("/api/v1/users", headers={"Authorization": f"Bearer {good}"}).status_code == 200


def test_no_part_of_one_key_opens_with_another(running: Served, admin: httpx.Client, closed: list[Operation]) -> None:
    key = running.api_key
    made = admin.post("/api/v1/api-keys", json={"name": f"other {uuid4()}", "scopes": ["quote:read"]}).json()["data"]
    (prefix, secret), (_, other) = key.rsplit("_", 1), made["key"].rsplit("_", 1)
    hostile = [
        f"{prefix}_{other}",
        f"{made['prefix']}_{secret}",
        prefix,
        made["prefix"],
        key[:-1],
        made["id"],
    ]
    with httpx.Client(base_url=running.url, timeout=30) as client:
        for number, text in enumerate(hostile):
            for operation in closed[number % 6 :: 6]:
                answer = client.request(operation.method, operation.nowhere, headers={"X-API-Key": text})
                assert answer.status_code == 401, (operation.name, answer.text)
    assert admin.delete(f"/api/v1/api-keys/{made['id']}").status_code == 204


def test_what_is_another_customers_is_not_there(shopper: httpx.Client, checkout: httpx.Client) -> None:
    theirs = checkout.post(QUOTE, json=a_basket()).json()["data"]
    for method, path, body in (
        ("GET", f"/api/v1/quotes/{theirs['quote_id']}", None),
        ("GET", f"/api/v1/quotes/{theirs['quote_id']}/explain", None),
        ("POST", f"/api/v1/quotes/{theirs['quote_id']}/accept", None),
        ("POST", f"/api/v1/quotes/{theirs['quote_id']}/accept", {"data": theirs}),
        ("GET", f"/api/v1/flash-sales/{uuid4()}/customers/{uuid4()}/summary", None),
        ("GET", f"/api/v1/purchases/{uuid4()}", None),
        ("GET", f"/api/v1/purchases/by-key/{quote(DROP, safe='')}", None),
    ):
        answer = shopper.request(method, path, json=body)
        harmless(answer)
        assert answer.status_code in (403, 404), (method, path, answer.text)
        assert str(theirs["total_amount"]) not in answer.text
    assert checkout.get(f"/api/v1/quotes/{theirs['quote_id']}").json()["data"] == theirs


def test_a_shopper_gets_no_further_than_the_table_says(shopper: httpx.Client, operations: list[Operation]) -> None:
    """No admin document is read or written with a shopper's token, whatever id is guessed."""
    for operation in operations:
        if re.match(r"/api/v1/(users|api-keys|audit|commission-rates|pricing-rules|rulebook)", operation.path):
            answer = shopper.request(operation.method, operation.nowhere)
            assert (answer.status_code, code_of(answer)) == (403, "forbidden"), operation.name


def signed(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None) -> str:
    """A token with any header; no library would make most of these."""
    text = f"{_part(header)}.{_part(claims)}"
    return f"{text}.{_base64(hmac.digest(secret, text.encode(), hashlib.sha256) if secret else b'')}"


def _part(value: Any) -> str:
    return _base64(json.dumps(value).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
