"""Hostile paths, methods and headers, and requests inside requests: they lead nowhere and let nobody in.

Source: docs/spec/wire.md#errors; docs/spec/access.md#bounds-on-requests.
"""

from __future__ import annotations

import json
import re
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.serve import Served
from tests.http.hostile.sending import harmless, raw_answers, raw_request
from tests.http.hostile.shapes import NOWHERE, Operation, leaks_of

IN_PATHS = [
    *("..", "../..", "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e", "%2e%2e%2f%2e%2e", "..;/"),
    *("..%5c..%5cwindows", "%c0%ae%c0%ae%2f", "%252e%252e%252f", "%00", f"{NOWHERE}%00", "%ff", "%", "%zz"),
    *("'%20OR%20'1'='1", "1;DROP%20TABLE%20users", "a%0d%0aSet-Cookie:%20a=b", "%F0%9F%92%A9", "{id}", "*", "x" * 8000),
]


@pytest.mark.parametrize("text", IN_PATHS, ids=[text[:24] for text in IN_PATHS])
def test_hostile_paths_lead_nowhere(running: Served, operations: list[Operation], text: str) -> None:
    asked = 0
    for operation in operations:
        for path in operation.paths_with(text):
            known = raw_request(running, operation.method, path, {"Authorization": f"Bearer {running.admin_token}"})
            wants_proof = known.status_code == 403 and "/problems/proof-required" in known.text
            assert known.status_code in (400, 404, 405, 415, 422) or wants_proof, (operation.name, known.text[:300])
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


def test_options_show_the_methods_and_let_nobody_in(running: Served, operations: list[Operation]) -> None:
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
