"""Every error is a problem document, whoever refuses: our handlers, the framework or the outermost layer.

Source: docs/spec/wire.md#errors; docs/spec/wire.md#status-codes; docs/spec/access.md#headers.
"""

import gzip
from collections.abc import Iterator

import httpx
import pytest

from quote_service.platform.http.problems import STATUS_OF_KIND, problem_types
from quote_service.platform.system.errors import QuoteServiceError

# Any route with a JSON body will do.
BODY_PATH = "/api/v1/api-keys"
MIB = 1 << 20


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, object] = response.json()
    assert {"type", "title", "status", "detail", "instance"} <= problem.keys()
    assert problem["type"] == f"/problems/{code}"
    assert problem["status"] == status
    assert "Traceback" not in response.text
    return problem


@pytest.mark.parametrize(
    "path", ["/nowhere", "/api/v1/nowhere", "/api/v1/../../etc/passwd", "/%00", "/%ff%fe", "/a%0d%0ab", "/docs/x"]
)  # fmt: skip
def test_what_is_not_there_is_a_problem(anonymous: httpx.Client, path: str) -> None:
    assert_problem(anonymous.get(path), 404, "not-found")


def test_the_path_is_reported_back_escaped(anonymous: httpx.Client) -> None:
    problem = assert_problem(anonymous.get("/n%0aö%22"), 404, "not-found")
    assert problem["instance"] == "/n%0A%C3%B6%22"


def test_a_path_parameter_of_another_type_is_no_resource(admin: httpx.Client) -> None:
    assert_problem(admin.get(f"{BODY_PATH}/not-a-uuid"), 404, "not-found")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
def test_a_method_that_is_not_taken_names_those_that_are(anonymous: httpx.Client, method: str) -> None:
    response = anonymous.request(method, "/health/live")
    assert_problem(response, 405, "method-not-allowed")
    assert "GET" in response.headers["allow"]


def test_a_body_that_announces_too_much_is_refused(admin: httpx.Client) -> None:
    response = admin.post(BODY_PATH, content=b" " * (2 * MIB), headers={"Content-Type": "application/json"})
    assert_problem(response, 413, "body-too-large")


def test_a_body_that_streams_too_much_is_refused(admin: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * (MIB // 16)

    response = admin.post(BODY_PATH, content=chunks(), headers={"Content-Type": "application/json"})
    assert_problem(response, 413, "body-too-large")


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "json"],
)
def test_a_body_of_another_type_is_refused(admin: httpx.Client, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    assert_problem(admin.post(BODY_PATH, content=b"{}", headers=headers), 415, "unsupported-media-type")


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_taken_however_it_is_written(admin: httpx.Client, content_type: str) -> None:
    response = admin.post(BODY_PATH, content=b"{}", headers={"Content-Type": content_type})
    assert_problem(response, 422, "validation-error")


def test_a_compressed_body_is_refused(admin: httpx.Client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = admin.post(BODY_PATH, content=gzip.compress(b"{}"), headers=headers)
    assert_problem(response, 415, "unsupported-media-type")


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"\xff", b"[" * 10_000, b'{"a": Infinity}'])
def test_what_is_no_json_is_malformed(admin: httpx.Client, body: bytes) -> None:
    response = admin.post(BODY_PATH, content=body, headers={"Content-Type": "application/json"})
    assert_problem(response, 400, "malformed-json")


def test_every_field_at_fault_is_named(admin: httpx.Client) -> None:
    problem = assert_problem(
        admin.post(BODY_PATH, json={"name": 5, "scopes": "all", "more": 1}), 422, "validation-error"
    )
    errors = problem["errors"]
    assert isinstance(errors, list)
    assert {"/name", "/scopes", "/more"} <= {error["pointer"] for error in errors}
    assert all(error["detail"] for error in errors)


def test_credentials_come_before_the_body(anonymous: httpx.Client) -> None:
    response = anonymous.post(BODY_PATH, content=b"x", headers={"Content-Type": "text/plain"})
    assert_problem(response, 401, "unauthorized")
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_every_type_of_problem_has_its_page(anonymous: httpx.Client) -> None:
    listed = anonymous.get("/problems").text
    for problem in problem_types():
        page = anonymous.get(f"/problems/{problem.code}")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert problem.title in page.text
        assert f"<code>{problem.code}</code> · HTTP {problem.status}" in page.text
        assert f"/problems/{problem.code}" in listed
    assert_problem(anonymous.get("/problems/none-such"), 404, "not-found")


def test_a_problem_that_has_two_statuses_shows_both(anonymous: httpx.Client) -> None:
    page = anonymous.get("/problems/quote-expired").text
    assert [status in page for status in ("HTTP 404", "HTTP 409")] == [True, True]
    assert [problem.status for problem in problem_types() if problem.code == "quote-expired"] == [404, 409]


def test_every_kind_of_error_has_a_status() -> None:
    kinds = {leaf.kind for leaf in _all_errors(QuoteServiceError)}
    assert kinds <= STATUS_OF_KIND.keys()


def _all_errors(root: type[QuoteServiceError]) -> Iterator[type[QuoteServiceError]]:
    for leaf in root.__subclasses__():
        yield leaf
        yield from _all_errors(leaf)
