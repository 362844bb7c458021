"""What every answer carries: its request id and the security headers.

Source: docs/spec/wire.md#request-ids-and-traces; docs/spec/access.md#bounds-on-requests.
"""

import httpx
import pytest

from quote_service.platform.http.request_ids import trace_parent_of_headers
from quote_service.platform.http.security_headers import SECURITY_HEADERS, server_headers
from quote_service.platform.settings import SettingsRefused, read_settings
from quote_service.platform.system.traces import TraceParent

PATHS = ("/health/live", "/health/ready", "/docs/openapi.json", "/nowhere", "/api/v1/users")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("request_id", ["abc", "A.b_c-9", "x" * 128])
def test_an_acceptable_request_id_is_kept(anonymous: httpx.Client, path: str, request_id: str) -> None:
    assert anonymous.get(path, headers={"X-Request-ID": request_id}).headers["x-request-id"] == request_id


@pytest.mark.parametrize("request_id", ["", "x" * 129, "a b", "a/b", "é", "<script>"])
def test_another_request_id_is_replaced(anonymous: httpx.Client, request_id: str) -> None:
    given = anonymous.get("/health/live", headers={b"X-Request-ID": request_id.encode()}).headers["x-request-id"]
    assert given != request_id
    assert len(given) == 36


def test_each_request_gets_an_id_of_its_own(anonymous: httpx.Client) -> None:
    given = {anonymous.get("/health/live").headers["x-request-id"] for _ in range(20)}
    assert len(given) == 20


@pytest.mark.parametrize("path", [*PATHS, "/docs", "/problems", "/sign-in", "/admin", "/assets/nowhere.css"])
def test_every_answer_has_the_security_headers_once(anonymous: httpx.Client, path: str) -> None:
    headers = anonymous.get(path).headers
    for name, _ in SECURITY_HEADERS:
        assert len(headers.get_list(name.decode())) == 1, name
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in headers


@pytest.mark.parametrize(
    ("settings", "policy"),
    [
        ({}, None),
        ({"QUOTE_PUBLIC_URL": "http://prices.example"}, None),
        ({"QUOTE_PUBLIC_URL": "https://prices.example"}, "max-age=31536000"),
        ({"QUOTE_PUBLIC_URL": "https://prices.example", "QUOTE_HSTS": "off"}, None),
        ({"QUOTE_HSTS": "max-age=60; includeSubDomains; preload"}, "max-age=60; includeSubDomains; preload"),
        ({"QUOTE_PUBLIC_URL": "https://prices.example", "QUOTE_HSTS": "max-age=0"}, "max-age=0"),
    ],
)
def test_browsers_are_asked_to_use_https_where_it_is_used(settings: dict[str, str], policy: str | None) -> None:
    assert dict(server_headers(read_settings(settings))).get("strict-transport-security") == policy


@pytest.mark.parametrize("policy", ["on", "31536000", "max-age=", "max-age=1; other", "max-age=1\r\nSet-Cookie: a=b"])
def test_another_policy_is_refused_at_the_start(policy: str) -> None:
    with pytest.raises(SettingsRefused, match="QUOTE_HSTS"):
        read_settings({"QUOTE_HSTS": policy})


def test_answers_of_the_api_are_stored_nowhere(admin: httpx.Client) -> None:
    assert admin.get("/api/v1/users").headers["cache-control"] == "no-store"


def test_browsers_of_other_origins_are_not_let_in(anonymous: httpx.Client) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    assert "access-control-allow-origin" not in anonymous.options("/health/live", headers=asked).headers
    assert "access-control-allow-origin" not in anonymous.get("/health/live", headers=asked).headers


@pytest.mark.parametrize(
    ("value", "parent"),
    [
        (f"00-{TRACE}-{SPAN}-01", TraceParent(TRACE, SPAN, True)),
        (f"00-{TRACE}-{SPAN}-00", TraceParent(TRACE, SPAN, False)),
        (f"01-{TRACE}-{SPAN}-03-more", TraceParent(TRACE, SPAN, True)),
        (f"00-{TRACE}-{SPAN}-01-more", None),
        (f"ff-{TRACE}-{SPAN}-01", None),
        (f"00-{'0' * 32}-{SPAN}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-{SPAN}-01", None),
        ("", None),
    ],
)
def test_a_trace_is_taken_up_where_it_can_be(value: str, parent: TraceParent | None) -> None:
    assert trace_parent_of_headers([(b"traceparent", value.encode())]) == parent


def test_two_traces_are_none() -> None:
    value = f"00-{TRACE}-{SPAN}-01".encode()
    assert trace_parent_of_headers([(b"traceparent", value), (b"traceparent", value)]) is None
