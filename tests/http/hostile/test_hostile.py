"""The hostile list: what people send who mean harm. No failure of ours, nothing told that is not theirs, nothing let in.

What is attacked comes from the service's own description, so a new route, field or parameter is on the list by itself.

Source: docs/spec/wire.md#errors; docs/spec/access.md#bounds-on-requests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from quote_service.access.operations.access_tokens import AUDIENCE, ISSUER
from tests.access.running import code_of
from tests.fixtures.serve import QUOTE, Served, a_basket
from tests.http.hostile.conftest import JWT_SECRET
from tests.http.hostile.shapes import NOWHERE, Operation, leaks_of, with_each

JSON = {"Content-Type": "application/json"}
DROP = "'; DROP TABLE commission_rates; --"
ALWAYS_TRUE = "' OR '1'='1"
TEXTS = {
    "drop": DROP,
    "always true": ALWAYS_TRUE,
    "union": "x') UNION SELECT password_hash FROM users --",
    "sleep": "1; SELECT pg_sleep(60)",
    "dollar": "$1 $$ ; COPY users TO PROGRAM 'id' --",
    "path": "../../../../etc/passwd",
    "template": "{0.__class__.__mro__} %s%n ${jndi:ldap://127.0.0.1/a} {{7*7}}",
    "lines": "a\r\nSet-Cookie: admin=1\r\n\r\n<script>alert(1)</script>",
}
UNKEEPABLE = {"NUL": "a\x00b", "half a surrogate pair": "\ud800", "the other half": "x\udfff"}
NUMBERS = {
    "1e400": "1e400",
    "-1e400": "-1e400",
    "1e999999999": "1e999999999",
    "five thousand digits": "9" * 5000,
    "10^400": "1" + "0" * 400,
}
NO_NUMBERS = ("NaN", "Infinity", "-Infinity", "0x10", "1_000", "01", "+1", ".5", "1.", "1e")
DEEP = 10_000
# These answer 200 with what is wrong with their parts.
TELLS_WHAT_IS_WRONG = {"verify_issued_quote", "quote_baskets"}
IN_PATHS = [
    *("..", "../..", "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e", "%2e%2e%2f%2e%2e", "..;/"),
    *("..%5c..%5cwindows", "%c0%ae%c0%ae%2f", "%252e%252e%252f", "%00", f"{NOWHERE}%00", "%ff", "%", "%zz"),
    *("'%20OR%20'1'='1", "1;DROP%20TABLE%20users", "a%0d%0aSet-Cookie:%20a=b", "%F0%9F%92%A9", "{id}", "*", "x" * 8000),
]


def harmless(answer: httpx.Response) -> None:
    """Answered in order, and without a word about our insides; a refusal is a problem document."""
    assert answer.status_code < 500, answer.text[:500]
    assert leaks_of(answer.text) == [], answer.text[:500]
    assert "set-cookie" not in answer.headers
    if answer.status_code >= 400:
        assert code_of(answer)
        told = answer.json()
        assert told.get("title") or told["errorDetails"]


def send(client: httpx.Client, operation: Operation, body: Any, headers: dict[str, str] = JSON) -> httpx.Response:
    content = json.dumps(body) if isinstance(body, (dict, list)) else body
    if operation.needs_key:
        headers = {**headers, "Idempotency-Key": str(uuid4())}
    answer = client.request(operation.method, operation.nowhere, content=content, headers=headers)
    harmless(answer)
    return answer


@pytest.fixture(scope="module")
def with_body(operations: list[Operation]) -> list[Operation]:
    found = [operation for operation in operations if operation.example is not None]
    assert len(found) >= 20
    return found


@pytest.fixture(scope="module")
def closed(operations: list[Operation]) -> list[Operation]:
    """What lets nobody in without credentials."""
    return [operation for operation in operations if not operation.is_public]


# Documents


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text_in_every_field_is_text(admin: httpx.Client, with_body: list[Operation], name: str) -> None:
    text, taken = TEXTS[name], 0
    written = json.dumps(text)[1:-1]
    for operation in with_body:
        for _, body in with_each(operation.example, str, text):
            answer = send(admin, operation, body)
            if answer.status_code == 201 and written in answer.text:
                taken += 1
                # Kept as it was written, and given back so.
                assert written in admin.get(answer.headers["location"]).text
    assert admin.get("/api/v1/commission-rates").status_code == 200
    assert taken >= 2


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text_in_every_filter_finds_nothing(
    admin: httpx.Client, operations: list[Operation], name: str
) -> None:
    asked = 0
    for operation in operations:
        for query in operation.queries:
            # With an end that nobody has written, so that even the rows of other tests are not what is found.
            answer = admin.request(operation.method, operation.nowhere, params={query: TEXTS[name] + str(uuid4())})
            harmless(answer)
            assert answer.status_code >= 400 or found(answer.json()["data"]) == [], (operation.name, query, answer.text)
            asked += 1
    assert asked > 30


def found(data: Any) -> Any:
    """What a list holds, or a report tells figures of."""
    return data if isinstance(data, list) else data.get("currencies", data.get("flags"))


@pytest.mark.parametrize("name", UNKEEPABLE)
def test_text_that_no_database_holds_is_refused(admin: httpx.Client, with_body: list[Operation], name: str) -> None:
    for operation in with_body:
        for place, body in with_each(operation.example, str, UNKEEPABLE[name]):
            answer = send(admin, operation, body)
            if operation.name not in TELLS_WHAT_IS_WRONG:
                assert answer.status_code in (400, 422), (operation.name, place, answer.text)


@pytest.mark.parametrize("name", UNKEEPABLE)
def test_names_that_no_database_holds_are_refused(admin: httpx.Client, with_body: list[Operation], name: str) -> None:
    for operation in with_body:
        if isinstance(operation.example, dict) and operation.name != "issue_quote":  # which reads no further names
            answer = send(admin, operation, {**operation.example, UNKEEPABLE[name]: 1})
            if operation.name not in TELLS_WHAT_IS_WRONG:
                assert answer.status_code in (400, 422), (operation.name, answer.text)


@pytest.mark.parametrize("name", NUMBERS)
def test_huge_numbers_are_refused(admin: httpx.Client, with_body: list[Operation], name: str) -> None:
    for operation in with_body:
        for place, body in with_each(operation.example, (int, float), "@"):
            answer = send(admin, operation, json.dumps(body).replace('"@"', NUMBERS[name]))
            if operation.name not in TELLS_WHAT_IS_WRONG:
                assert answer.status_code >= 400, (operation.name, place, answer.text)


@pytest.mark.parametrize("literal", NO_NUMBERS)
def test_what_is_no_number_is_no_json(admin: httpx.Client, with_body: list[Operation], literal: str) -> None:
    for operation in with_body:
        for place, body in with_each(operation.example, (int, float), "@"):
            answer = send(admin, operation, json.dumps(body).replace('"@"', literal))
            assert answer.status_code == 400, (operation.name, place, answer.text)


@pytest.mark.parametrize(
    "body",
    [
        *("[" * DEEP, '{"a":' * DEEP, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP),
        *('[{"a":' * DEEP, '{"items":' + "[" * DEEP + "]" * DEEP + "}", "[" * 500_000),
    ],
    ids=["lists", "objects", "whole lists", "whole objects", "both", "in a field", "half a million"],
)
def test_deep_documents_are_refused(admin: httpx.Client, with_body: list[Operation], body: str) -> None:
    for operation in with_body:
        answer = send(admin, operation, body)
        unreadable = "PARSE_ERROR" if operation.path.startswith("/ofrep/") else "malformed-json"
        assert (answer.status_code, code_of(answer)) == (400, unreadable), operation.name


@pytest.mark.parametrize(
    "body",
    [
        b"\x00",
        b"\xff\xfe",
        b"{",
        b'{"a":1}{"a":2}',
        b"\xef\xbb\xbf{}",
        b'{"a":"\xff"}',
        "{}".encode("utf-16"),
        b"null x",
    ],
)
def test_what_is_no_json_is_refused(admin: httpx.Client, with_body: list[Operation], body: bytes) -> None:
    for operation in with_body:
        assert send(admin, operation, body).status_code in (400, 422), operation.name


def test_names_that_stand_twice_are_refused(admin: httpx.Client, with_body: list[Operation]) -> None:
    """One reader takes the first, another the last: whoever checks must read as whoever acts."""
    for operation in with_body:
        if isinstance(operation.example, dict):
            name = next(iter(operation.example))
            body = json.dumps(operation.example)[:-1] + f", {json.dumps(name)}: {json.dumps(operation.example[name])}}}"
            if operation.name not in TELLS_WHAT_IS_WRONG:
                assert send(admin, operation, body).status_code in (400, 422), operation.name


def test_long_texts_are_refused_where_they_are_kept(admin: httpx.Client, with_body: list[Operation]) -> None:
    long = "x" * 900_000  # the whole is still within what a body may have
    for operation in with_body:
        for place, body in with_each(operation.example, str, long):
            answer = send(admin, operation, body)
            # Of a basket some are let pass: they are bounded by the body, and never kept as rows.
            assert answer.status_code < 300 or len(answer.content) < 10_000, (operation.name, place)
            if operation.path.startswith("/api/v1/quote") or operation.name in TELLS_WHAT_IS_WRONG:
                continue
            assert answer.status_code >= 400, (operation.name, place)


# Bodies of many rows, which may be as large as a file.
IMPORTS = {"write_sku_map", "push_observations", "add_source", "edit_source", "upload_feed"}


@pytest.mark.parametrize("size", [1 << 20, 2 << 20], ids=["1 MiB", "2 MiB"])
@pytest.mark.parametrize("in_chunks", [False, True], ids=["", "in chunks"])
def test_large_bodies_are_refused(admin: httpx.Client, with_body: list[Operation], size: int, in_chunks: bool) -> None:
    body = b'{"a":"' + b"x" * size + b'"}'
    for operation in with_body:
        content: Any = iter([body[:70_000], body[70_000:]]) if in_chunks else body
        answer = send(admin, operation, content)
        # Imports take more, and then find no rows in it.
        is_import = operation.takes_csv or operation.name in IMPORTS
        assert answer.status_code == (422 if is_import else 413), (operation.name, answer.text)


@pytest.mark.parametrize(
    "media_type",
    [
        *("text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"),
        *("application/json; charset=utf-16", "application/json;charset=latin-1", "application/jsonp", "json", "*/*"),
        *("application/json, text/plain", "text/plain; application/json", "application/vnd.x+json", ""),
    ],
)
def test_other_types_are_refused(admin: httpx.Client, with_body: list[Operation], media_type: str) -> None:
    for operation in with_body:
        answer = send(admin, operation, operation.example, {"Content-Type": media_type})
        assert answer.status_code == 415, (operation.name, answer.text)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, identity", "x"])
def test_compressed_bodies_are_refused(admin: httpx.Client, with_body: list[Operation], encoding: str) -> None:
    for operation in with_body:
        answer = send(admin, operation, b"\x1f\x8b\x08", {**JSON, "Content-Encoding": encoding})
        assert answer.status_code == 415, operation.name


# Paths and methods


@pytest.mark.parametrize("text", IN_PATHS, ids=[text[:24] for text in IN_PATHS])
def test_hostile_paths_lead_nowhere(running: Served, operations: list[Operation], text: str) -> None:
    asked = 0
    for operation in operations:
        for path in operation.paths_with(text):
            known = raw_request(running, operation.method, path, {"Authorization": f"Bearer {running.admin_token}"})
            assert known.status_code in (400, 404, 405, 415, 422), (operation.name, known.text[:300])
            harmless(known)
            stranger = raw_request(running, operation.method, path, {})
            assert stranger.status_code in (400, 401, 404, 405, 415), (operation.name, stranger.text[:300])
            harmless(stranger)
            asked += 1
    assert asked > 30


@pytest.mark.parametrize(
    "path",
    [
        *("/docs/../api/v1/users", "/problems/..%2f..%2fapi%2fv1%2fusers", "/health/live/../../api/v1/users"),
        *("//api/v1/users", "/api/v1/users%2f", "/api/v1/users%00", "/api/v1/users;a=b", "/api/v1/./users"),
        *("/api/v1/users#", "/API/v1/users", "/api/v1/users/.", "http://localhost/api/v1/users", "/%61pi/v1/users"),
        *(
            "/.git/config",
            "/.env",
            "/pyproject.toml",
            "/etc/passwd",
            "/static/../../pyproject.toml",
            "/metrics/../.env",
        ),
    ],
)
def test_no_way_round_leads_in(running: Served, path: str) -> None:
    answer = raw_request(running, "GET", path, {})
    harmless(answer)
    assert answer.status_code in (400, 401, 404)


@pytest.mark.parametrize(
    "method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "PURGE", "LINK", "QUERY", "FOO", "get", "GETT"]
)
def test_methods_that_do_not_exist(running: Served, operations: list[Operation], method: str) -> None:
    for operation in operations:
        answer = raw_request(running, method, operation.nowhere, {"Authorization": f"Bearer {running.admin_token}"})
        assert answer.status_code in (400, 405), (operation.name, answer.text)
        if method != "CONNECT":
            harmless(answer)
        if answer.status_code == 405:
            assert operation.method in answer.headers["allow"]


def test_options_tell_the_methods_and_let_nobody_in(running: Served, operations: list[Operation]) -> None:
    for operation in operations:
        for headers in ({}, {"Origin": "https://evil.example", "Access-Control-Request-Method": operation.method}):
            answer = raw_request(running, "OPTIONS", operation.nowhere, headers)
            assert (answer.status_code, answer.content) == (204, b""), operation.name
            assert operation.method in answer.headers["allow"]
            assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL"])
def test_headers_do_not_change_what_is_asked(running: Served, admin: httpx.Client, name: str) -> None:
    assert admin.get("/health/live", headers={name: "/api/v1/users"}).json() == admin.get("/health/live").json()
    rate = admin.post("/api/v1/commission-rates", json={"commission_type": "PERCENTAGE", "rate": 1, "region": "TR/X"})
    assert rate.status_code in (201, 409)
    for shown in admin.get("/api/v1/commission-rates").json()["data"]:
        answer = admin.get(f"/api/v1/commission-rates/{shown['id']}", headers={name: "DELETE"})
        assert answer.json()["data"]["effective_to"] == shown["effective_to"]


# Headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("Idempotency-Key", "a"), ("Idempotency-Key", "b")], 422),
        ([("Idempotency-Key", "x" * 256)], 422),
        ([("Idempotency-Key", "' OR 1=1 --")], 422),
        ([("X-API-Key", "x")], 400),
        ([("Authorization", "Bearer x")], 400),
        ([("Content-Type", "text/plain")], 415),
    ],
)
def test_a_header_that_comes_twice_or_is_odd(admin: httpx.Client, headers: list[tuple[str, str]], status: int) -> None:
    body = {"commission_type": "PERCENTAGE", "rate": 1, "seller_id": str(uuid4())}
    given = [("Authorization", admin.headers["authorization"]), ("Content-Type", "application/json"), *headers]
    answer = httpx.post(
        str(admin.base_url.join("/api/v1/commission-rates")), content=json.dumps(body), headers=given, timeout=30
    )
    harmless(answer)
    if headers[0][0] == "Content-Type":
        assert answer.status_code in (201, 415)  # whichever of the two is read, the body is JSON
    else:
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize("tag", ['""', "*, *", "W/" * 1000, '"' + "x" * 4000 + '"', "' OR 1=1", '"\xff"', ","])
def test_odd_tags_change_nothing(admin: httpx.Client, tag: str) -> None:
    body = {"commission_type": "PERCENTAGE", "rate": 1, "seller_id": str(uuid4())}
    rate = admin.post("/api/v1/commission-rates", json=body).json()["data"]
    path = f"/api/v1/commission-rates/{rate['id']}"
    answer = admin.put(path, json={**body, "rate": 2}, headers={b"If-Match": tag.encode("latin-1")})
    harmless(answer)
    assert answer.status_code in (412, 422)
    assert admin.get(path).json()["data"]["rate"] == 1


@pytest.mark.parametrize("value", ["a\tb", "x" * 129, "../../x", "<script>", "é", "' OR 1", "${jndi:ldap://x}"])
def test_an_odd_request_id_is_not_given_back(admin: httpx.Client, value: str) -> None:
    answer = admin.get("/health/live", headers={b"X-Request-ID": value.encode("utf-8")})
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", answer.headers["x-request-id"])
    assert answer.headers["x-request-id"] != value


INNER = b"GET /api/v1/users HTTP/1.1\r\nHost: x\r\nX-Smuggled: 1\r\n\r\n"
SMUGGLED = {
    "length and chunks": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + INNER,
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n" + INNER,
    "two lengths": b"Content-Length: 0\r\nContent-Length: 4\r\n\r\n" + INNER,
    "two lengths in one": b"Content-Length: 0, 4\r\n\r\n" + INNER,
    "a length with a sign": b"Content-Length: +0\r\n\r\n" + INNER,
    "a length below nothing": b"Content-Length: -1\r\n\r\n" + INNER,
    "a length in hex": b"Content-Length: 0x0\r\n\r\n" + INNER,
    "a length past counting": b"Content-Length: 18446744073709551616\r\n\r\n" + INNER,
    "chunked twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + INNER,
    "chunked and more": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + INNER,
    "not chunked": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + INNER,
    "chunked behind a tab": b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + INNER,
    "a blank before the colon": b"Content-Length : 0\r\n\r\n" + INNER,
    "a folded line": b"X-Folded: a\r\n Content-Length: 5\r\n\r\n" + INNER,
    "a line that ends in CR": b"X: a\rContent-Length: 5\r\n\r\n" + INNER,
    "a NUL": b"X: a\x00b\r\n\r\n" + INNER,
    "a name with a blank": b"X Y: a\r\n\r\n" + INNER,
    "no name": b": a\r\n\r\n" + INNER,
    "a chunk of odd size": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + INNER,
    "a chunk of huge size": b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n" + INNER,
    "headers of 100 kB": b"X: " + b"x" * 100_000 + b"\r\n\r\n" + INNER,
    "ten thousand headers": b"X: x\r\n" * 10_000 + b"\r\n" + INNER,
}


@pytest.mark.parametrize("line", [b"POST /api/v1/quote HTTP/1.1", b"POST /api/v1/commission-rates HTTP/1.1"])
@pytest.mark.parametrize("name", SMUGGLED)
def test_smuggled_requests_are_not_let_in(running: Served, line: bytes, name: str) -> None:
    """Whatever is behind a request that can be read in two ways is read in none, or has no credentials of its own."""
    credentials = b"Authorization: Bearer " + running.admin_token.encode()
    head = line + b"\r\nHost: x\r\nContent-Type: application/json\r\n" + credentials + b"\r\n"
    answers = raw_answers(running, head + SMUGGLED[name])
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", answers)]
    assert all(400 <= status < 500 for status in statuses), answers[:1000]
    assert b'"success"' not in answers
    assert leaks_of(answers.decode(errors="replace")) == []
    if name not in ("a folded line", "headers of 100 kB", "ten thousand headers"):  # which can be read in one way only
        assert len(statuses) <= 1, answers[:1000]
    for answer in answers.split(b"HTTP/1.1 ")[1:]:
        assert b"application/problem+json" in answer


@pytest.mark.parametrize(
    "sent",
    [
        *(
            b"GET /api/v1/users\r\n\r\n",
            b"GET  /api/v1/users HTTP/1.1\r\n\r\n",
            b"\x00" * 100,
            b"\r\n" * 1000 + b"x\r\n\r\n",
        ),
        *(
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET /api/v1/users HTTP/9.9\r\nHost: x\r\n\r\n",
            b"\x16\x03\x01\x02\x00",
        ),
        *(b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
        *(b"FOO /api/v1/users HTTP/1.1\r\nHost: x\r\n\r\n", b"GET api/v1/users HTTP/1.1\r\nHost: x\r\n\r\n"),
    ],
    ids=[
        *("no version", "two blanks", "NULs", "blank lines", "HTTP/2", "HTTP/9.9", "TLS"),
        *("bytes", "long", "FOO", "bare"),
    ],
)
def test_what_is_no_http_is_refused_as_all_else(running: Served, sent: bytes) -> None:
    answers = raw_answers(running, sent)
    assert b'"success"' not in answers
    for answer in answers.split(b"HTTP/1.1 ")[1:]:
        head, _, body = answer.partition(b"\r\n\r\n")
        assert 400 <= int(head[:3]) < 500
        assert b"content-type: application/problem+json" in head.lower()
        assert b"x-request-id: " in head
        assert json.loads(body)["status"] == int(head[:3])


# Credentials


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
            # Each token at a fifth of the operations, and each operation with a fifth of the tokens.
            for operation in closed[number % 5 :: 5]:
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
            for operation in closed[number % 3 :: 3]:
                answer = client.request(operation.method, operation.nowhere, headers={"X-API-Key": text})
                assert answer.status_code == 401, (operation.name, answer.text)
    assert admin.delete(f"/api/v1/api-keys/{made['id']}").status_code == 204


# Others' things


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


def raw_request(running: Served, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    """A request whose path goes out just as it is; any client worth its name would tidy it up."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())
    finally:
        connection.close()


def raw_answers(running: Served, sent: bytes) -> bytes:
    """Everything that comes back before the server closes, or says nothing more because it waits for more."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=30) as connection:
        answers = b""
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                answers += part
        except (ConnectionResetError, BrokenPipeError):
            pass  # refused before it was read
        return answers


def signed(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None) -> str:
    """A token with any header; no library would make most of these."""
    text = f"{_part(header)}.{_part(claims)}"
    return f"{text}.{_base64(hmac.digest(secret, text.encode(), hashlib.sha256) if secret else b'')}"


def _part(value: Any) -> str:
    return _base64(json.dumps(value).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
