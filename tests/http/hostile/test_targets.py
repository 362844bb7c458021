"""Request targets and hosts that name no path of ours: refused at once, with the fast path on, off, and on the port of figures.

Source: docs/spec/access.md#bounds-on-requests; RFC 9112, 3.2.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from tests.http.hostile.fronts import Front, Fronts, assert_refused
from tests.quotes.fast_path.wire import Connection

METHODS = ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]
NO_TARGETS = [
    *("*x", "**", "?", "?a=b", "#", "health/live", "127.0.0.1", "127.0.0.1:80", "\\", "http:", "http:/", "http://"),
    *("http://127.0.0.1", "http://127.0.0.1?a=b", "http://127.0.0.1#", "http:///health/live", "http:/health/live"),
    *(
        "http://x:99999/health/live",
        "http://x:port/health/live",
        "http://[::1/health/live",
        "http://[]/",
        "http://[:]/",
    ),
    *("http://a@x/health/live", "ftp://x/health/live", "ws://x/", "mailto:x", "javascript:1", "http://x y/"),
]
NO_HOSTS = ["x:y", "x:99999", "x:-1", "[", "[::1", "[:]", "[1]", "a b", "a/b", "a?b", "a@b", "a\\b", "x" * 256, "<x>"]
PATHS = ["/health/live", "/sign-in", "/docs", "/store", "/admin", "/api/v1/users"]


def sent(connection: Connection, line: str, host: str = "x", more: str = "") -> Connection:
    return connection.send(f"{line} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())


@pytest.fixture(params=["fast path", "fast path off", "figures"])
def port(request: pytest.FixtureRequest, fronts: Fronts) -> int:
    if request.param == "figures":
        return urlsplit(fronts["fast path"].figures_url).port or 0
    return fronts[request.param].port


@pytest.mark.parametrize("target", NO_TARGETS)
def test_a_target_of_no_path_is_refused(port: int, target: str) -> None:
    for method in METHODS:
        with Connection(port) as connection:
            assert_refused(sent(connection, f"{method} {target}"))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_the_server_itself_is_asked_for_its_options_alone(port: int, method: str) -> None:
    with Connection(port) as connection:
        assert_refused(sent(connection, f"{method} *"))


def test_the_server_shows_its_methods(port: int) -> None:
    with Connection(port) as connection:
        for more in ("", "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n"):
            answer = sent(connection, "OPTIONS *", more=more).line()
            assert answer.startswith(b"HTTP/1.1 204 ")
            assert b"\r\nallow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n" in answer
            assert b"\r\nx-request-id: " in answer
            assert b"access-control-allow" not in answer


@pytest.mark.parametrize("host", NO_HOSTS)
def test_a_host_that_is_none_is_refused(port: int, host: str) -> None:
    for path in PATHS:
        with Connection(port) as connection:
            assert_refused(sent(connection, f"GET {path}", host))


@pytest.mark.parametrize("host", ["x", "x:", "x:1", "[::1]:65535", "127.0.0.1", "a-b_c.example.", "%41", ""])
def test_a_host_is_taken(port: int, host: str) -> None:
    with Connection(port) as connection:
        assert sent(connection, "GET /health/live", host).answer().status == 200


@pytest.mark.parametrize("target", ["http://x/health/live", "HTTPS://[::1]:8000/health/live?", "//health/live"])
def test_a_url_is_read_as_its_path(port: int, target: str) -> None:
    with Connection(port) as connection:
        assert sent(connection, f"GET {target}", "other").answer().status == 200


def test_a_quote_is_asked_for_by_its_url(front: Front) -> None:
    """The host of the URL counts, and not the one beside it (RFC 9112, 3.2.2)."""
    with front.connect() as connection:
        expected = connection.send(front.good).answer().status
        asked = front.good.replace(b" /", b" http://shop.example/", 1)
        assert connection.send(asked).answer().status == expected
        assert connection.send(asked, asked).answers(2)[1].status == expected


def test_links_name_the_host_of_the_url(fronts: Fronts) -> None:
    with Connection(fronts["fast path"].port) as connection:
        answer = sent(connection, "GET http://shop.example/api/v1/nowhere", "evil.example").answer()
        assert answer.status == 404
        assert b"evil.example" not in answer.body
        assert json.loads(answer.body)["instance"] == "/api/v1/nowhere"


@pytest.mark.parametrize("path", ["/api/v1/quote", "/health/live", "/sign-in", "/nowhere", "*"])
def test_browsers_are_asked_to_use_https_in_every_answer(fronts: Fronts, path: str) -> None:
    """Answers of the fast path, of the application and of the protocol itself, where the public address is https."""
    counts = []
    for name in ("CORS", "fast path"):
        quote = Front(fronts[name], "POST /api/v1/quote")
        with quote.connect() as connection:
            asked = quote.good if path.endswith("quote") else f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
            counts.append(connection.send(asked).line().count(b"\r\nstrict-transport-security: max-age=31536000\r\n"))
    assert counts == [1, 0]


@pytest.mark.parametrize("fields", [[8192], [4000, 4192]])
def test_cookies_are_read_up_to_their_bound(front: Front, fields: list[int]) -> None:
    def with_cookies(extra: int) -> bytes:
        lines = [b"\r\nCookie: a=" + b"x" * (length - 2) for length in fields]
        lines[-1] += b"x" * extra
        head, end, body = front.good.partition(b"\r\n\r\n")
        return head + b"".join(lines) + end + body

    with front.connect() as connection:
        expected = connection.send(front.good).answer().status
        assert connection.send(with_cookies(0)).answer().status == expected
        assert_refused(connection.send(with_cookies(1)), 431)
