"""Credentials that somebody made up: none gets in, none makes the service fail, none learns anything.

Source: docs/spec/access.md#callers; RFC 8725.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from quote_service.identity.operations.access_tokens import AUDIENCE, ISSUER, AccessTokens, TokenRefused
from quote_service.identity.operations.credentials import Credentials
from quote_service.platform.callers.api_keys import SECRET_BITS, checksum_holds, write_key
from tests.access.conftest import JWT_KEYS
from tests.access.running import RunningService, code_of

ME = "/api/v1/auth/me"
USERS = "/api/v1/users"
SECRET = JWT_KEYS[0].secret
SUBJECT = str(uuid4())


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "iat": now, "exp": now + 600, "role": "admin", "gen": 1}
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def token(secret: Any = SECRET, *, header: dict[str, Any] | None = None, **changed: Any) -> str:
    headers = {"kid": "new", "typ": "at+jwt", **(header or {})}
    shown = {name: value for name, value in headers.items() if value is not None}
    return assembled({"alg": "HS256", **shown}, claims(**changed), secret)


def assembled(header: dict[str, Any], body: Any, secret: bytes | None) -> str:
    """Any header over any claims, signed or not: no library would make most of these."""
    signed = f"{_part(header)}.{_part(body)}"
    return f"{signed}.{_base64(hmac.digest(secret, signed.encode(), hashlib.sha256) if secret else b'')}"


def _part(value: Any) -> str:
    return _base64(json.dumps(value).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public_key_text() -> bytes:
    return (
        generate_private_key(public_exponent=65537, key_size=2048)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def as_bearer(service: RunningService, text: str) -> httpx.Response:
    return service.http.get(USERS, headers={"Authorization": f"Bearer {text}"})


def test_the_tokens_below_are_refused_for_what_is_wrong_with_them_alone(service: RunningService) -> None:
    assert as_bearer(service, token()).status_code == 200


def forged_tokens() -> dict[str, str]:
    now = int(time.time())
    rsa = generate_private_key(public_exponent=65537, key_size=2048)
    return {
        "alg none": assembled({"alg": "none", "kid": "new", "typ": "at+jwt"}, claims(), None),
        "alg None": assembled({"alg": "None", "kid": "new", "typ": "at+jwt"}, claims(), SECRET),
        "alg missing": assembled({"kid": "new", "typ": "at+jwt"}, claims(), SECRET),
        "alg HS512": jwt.encode(claims(), SECRET * 2, algorithm="HS512", headers={"kid": "new", "typ": "at+jwt"}),
        "alg RS256": jwt.encode(claims(), rsa, algorithm="RS256", headers={"kid": "new", "typ": "at+jwt"}),
        "signed with a public key": token(public_key_text()),
        "says RS256, signed with the secret": token(header={"alg": "RS256"}),
        "signed with another secret": token(b"x" * 32),
        "signed with nothing": token(None),
        "signed with the old secret under the new id": token(JWT_KEYS[1].secret),
        "kid unknown": token(header={"kid": "unknown"}),
        "kid missing": token(header={"kid": None}),
        "kid a path": token(header={"kid": "../../../../dev/null"}),
        "kid SQL": token(header={"kid": "new' OR '1'='1"}),
        "kid a list": token(header={"kid": ["new"]}),
        "kid a number": token(header={"kid": 0}),
        "kid empty": token(header={"kid": ""}),
        "typ JWT": token(header={"typ": "JWT"}),
        "typ missing": token(header={"typ": None}),
        "crit unknown": token(header={"crit": ["exp2"], "exp2": 1}),
        "a key in the header": token(b"y" * 32, header={"jwk": {"kty": "oct", "k": _base64(b"y" * 32)}}),
        "a key by address": token(b"y" * 32, header={"jku": "http://127.0.0.1/keys", "x5u": "http://127.0.0.1/"}),
        "b64 false": token(header={"b64": False, "crit": ["b64"]}),
        "issuer another": token(iss="someone"),
        "issuer a list": token(iss=[ISSUER]),
        "audience another": token(aud="another-api"),
        "expired": token(exp=now - 1),
        "expired long ago": token(exp=1),
        "expiry a text": token(exp=str(now + 600)),
        "expiry a fraction": token(exp=now + 600.5),
        "expiry true": token(exp=True),
        "expiry huge": token(exp="9" * 400),
        "of tomorrow": token(iat=now + 86_400, exp=now + 90_000),
        "not before tomorrow": token(nbf=now + 86_400),
        "not before a text": token(nbf="0"),
        "subject no id": token(sub="admin"),
        "subject a number": token(sub=1),
        "subject in capitals": token(sub=SUBJECT.upper()),
        "role unknown": token(role="root"),
        "role a list": token(role=["admin"]),
        "generation true": token(gen=True),
        "generation a text": token(gen="1"),
        **{f"{name} missing": token(**{name: None}) for name in ("iss", "aud", "sub", "iat", "exp", "role", "gen")},
        "claims a list": assembled({"alg": "HS256", "kid": "new", "typ": "at+jwt"}, [claims()], SECRET),
        "header a list": assembled([], claims(), SECRET),  # type: ignore[arg-type]
        "deep": assembled({"alg": "HS256", "kid": "new", "typ": "at+jwt"}, None, SECRET),
        "long": token(pad="x" * 10_000),
        "two parts": ".".join(token().split(".")[:2]),
        "four parts": token() + ".x",
        "changed": token()[:-4] + "AAAA",
        "claims of another": ".".join([token().split(".")[0], token(role="user").split(".")[1], token().split(".")[2]]),
        "a refresh token": "qr_" + "x" * 43,
        "words": "let me in",
        "dots": "..",
        "not base64": "!.!.!",
        "an API key": write_key("live", 1, 2).text,
    }


FORGED = forged_tokens()


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_lets_nobody_in(service: RunningService, name: str) -> None:
    answer = as_bearer(service, FORGED[name])
    assert (answer.status_code, code_of(answer)) == (401, "unauthorized")
    # It is not told what was wrong, so that nobody can search for what is right.
    assert answer.json()["detail"] == "The bearer token is not valid"


@given(st.binary(max_size=300))
def test_no_bytes_make_reading_a_token_fail(data: bytes) -> None:
    with pytest.raises(TokenRefused):
        AccessTokens(JWT_KEYS).read(data, 0)


@given(st.integers(0, 2**64), st.text("ABCabc019_-", min_size=1, max_size=1))
def test_no_changed_character_leaves_a_token_whole(place: int, letter: str) -> None:
    good = token()
    at = place % len(good)
    changed = good[:at] + letter + good[at + 1 :]
    now_us = int(time.time()) * 1_000_000
    if changed != good and base64_bytes(changed) != base64_bytes(good):
        with pytest.raises(TokenRefused):
            AccessTokens(JWT_KEYS).read(changed.encode(), now_us)


def base64_bytes(text: str) -> list[bytes]:
    """What the parts say: the last letter of one has bits to spare."""
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in text.split(".") if len(part) % 4 != 1]


def test_a_refused_token_is_not_remembered(service: RunningService) -> None:
    bearers = service.parts[Credentials].bearers
    before = len(bearers._remembered)
    for _ in range(20):
        assert as_bearer(service, token(b"x" * 32, jti=str(uuid4()))).status_code == 401
    assert len(bearers._remembered) == before


def key_like(text: str) -> list[tuple[str, str]]:
    return [("X-API-Key", text)]


def hostile_headers(key: str, bearer: str) -> dict[str, tuple[list[tuple[str, str]], int]]:
    shown = write_key("dev", 5, 7).text
    return {
        "both, both good": ([("X-API-Key", key), ("Authorization", f"Bearer {bearer}")], 400),
        "both, one bad": ([("X-API-Key", "x"), ("Authorization", f"Bearer {bearer}")], 400),
        "both, one empty": ([("X-API-Key", ""), ("Authorization", f"Bearer {bearer}")], 400),
        "key twice": ([("X-API-Key", key), ("X-API-Key", key)], 400),
        "bearer twice": ([("Authorization", f"Bearer {bearer}"), ("Authorization", f"Bearer {bearer}")], 400),
        "another key": (key_like(shown), 401),
        "bad checksum": (key_like(key[:-1] + ("0" if key[-1] != "0" else "1")), 401),
        "secret cut": (key_like(key[:-10]), 401),
        "prefix alone": (key_like("_".join(key.split("_")[:3])), 401),
        "in capitals": (key_like(key.upper()), 401),
        "two in one": (key_like(f"{key},{key}"), 401),
        "quoted": (key_like(f'"{key}"'), 401),
        "long": (key_like("x" * 4000), 401),
        "SQL": (key_like("' OR '1'='1"), 401),
        "empty": (key_like(""), 401),
        "as bearer": ([("Authorization", f"Bearer {key}")], 401),
        "as ApiKey": ([("Authorization", f"ApiKey {key}")], 401),
        "token without its word": ([("Authorization", bearer)], 401),
        "token as Basic": ([("Authorization", f"Basic {bearer}")], 401),
        "token as key": (key_like(bearer), 401),
        "token twice in one": ([("Authorization", f"Bearer {bearer}, Bearer {bearer}")], 401),
        "token with two blanks": ([("Authorization", f"Bearer  {bearer}")], 401),
        "token in a cookie": ([("Cookie", f"Authorization=Bearer {bearer}; token={bearer}")], 401),
        "under other names": (
            [("X_API_Key", key), ("X-Authorization", f"Bearer {bearer}"), ("Proxy-Authorization", f"Bearer {bearer}")],
            401,
        ),
        "said by a proxy": ([("X-User", "admin"), ("X-Role", "admin"), ("X-Forwarded-User", "admin")], 401),
    }


@pytest.fixture(scope="module")
def good_key(service: RunningService) -> str:
    return service.new_key("quote:write")


@pytest.mark.parametrize("name", hostile_headers("qs_dev_0_0", "x"))
def test_hostile_headers_let_nobody_in(service: RunningService, good_key: str, name: str) -> None:
    service.as_role()
    headers, status = hostile_headers(good_key, service.people["admin"].token)[name]
    answer = service.http.get(USERS, headers=headers)
    assert answer.status_code == status
    assert code_of(answer) == ("credentials-ambiguous" if status == 400 else "unauthorized")
    assert good_key not in answer.text


def test_the_word_bearer_may_be_written_in_any_case(service: RunningService) -> None:
    service.as_role()
    text = service.people["admin"].token
    assert service.http.get(ME, headers={"Authorization": f"bEARER {text}"}).status_code == 200


def test_credentials_in_a_query_are_no_credentials(service: RunningService, good_key: str) -> None:
    service.as_role()
    bearer = service.people["admin"].token
    for name, value in (("access_token", bearer), ("token", bearer), ("api_key", good_key), ("X-API-Key", good_key)):
        assert service.http.get(USERS, params={name: value}).status_code == 401


def test_a_key_is_no_person(service: RunningService, good_key: str) -> None:
    for path in (USERS, "/api/v1/api-keys", "/api/v1/audit", ME):
        answer = service.http.get(path, headers={"X-API-Key": good_key})
        assert (answer.status_code, code_of(answer)) == (403, "forbidden")


@pytest.mark.parametrize(
    "lines",
    [
        b"Authorization: Bearer a\r\n b\r\n",
        b"X-API-Key : x\r\n",
        b"X-API-Key: a\x00b\r\n",
        b"X-API-Key: \xff\xfe\r\n",
        b"Content-Length: 0\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Authorization: Bearer " + b"x" * 70_000 + b"\r\n",
    ],
)
def test_smuggled_headers_let_nobody_in(service: RunningService, lines: bytes) -> None:
    place = urlsplit(service.url)
    assert place.hostname
    assert place.port
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(b"GET /api/v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + lines + b"\r\n")
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    status = int(answer.split(b" ", 2)[1]) if answer else 400
    assert 400 <= status < 500
    assert b'"success"' not in answer


@given(st.integers(0, 2**59 - 1), st.integers(0, 2**SECRET_BITS - 1), st.integers(0, 1000), st.sampled_from("0aZ_x"))
@bounded(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_mistyped_key_is_reported_from_a_key(id_bits: int, secret_bits: int, place: int, letter: str) -> None:
    key = write_key("live", id_bits, secret_bits)
    assert checksum_holds(key.text.encode())
    assert key.text.startswith(key.prefix + "_")
    at = place % len(key.text)
    mistyped = key.text[:at] + letter + key.text[at + 1 :]
    assert checksum_holds(mistyped.encode()) == (mistyped == key.text)
