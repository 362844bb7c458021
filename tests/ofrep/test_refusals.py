"""Whatever is refused below /ofrep is refused in the protocol's form: never a 422, never a problem document.

Source: docs/spec/ofrep.md#errors; docs/spec/access.md#routes.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from quote_service.platform.callers.access import SCOPES
from quote_service.rulebook.ofrep.routes.evaluate import EVALUATORS
from tests.ofrep.conftest import MakeCaller
from tests.ofrep.server import BULK, EVENTS, OfrepServer
from tests.ofrep.test_black_box import failure

ONE = f"{BULK}/suite.string"
PATHS = [(BULK, None), (ONE, "suite.string")]


@pytest.mark.parametrize(("path", "key"), PATHS)
def test_callers_who_are_not_let_in(here: OfrepServer, path: str, key: str | None) -> None:
    wrong: dict[str, str] = {"Authorization": "Bearer wrong"}
    answer = httpx.post(here.url + path, json={"context": {}}, headers=wrong)
    failure(answer, 401, "GENERAL", key)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    failure(httpx.post(here.url + path, json={"context": {}}), 401, "GENERAL", key)
    failure(httpx.post(here.url + path, json={}, headers={**here.headers, **wrong}), 400, "GENERAL", key)


def test_a_scope_lets_in_or_it_does_not(here: OfrepServer, new_key: MakeCaller) -> None:
    for scope in SCOPES:
        headers = new_key(scope)
        for path, key in PATHS:
            answer = httpx.post(here.url + path, json={"context": {"targetingKey": "u"}}, headers=headers)
            if scope in EVALUATORS.scopes:
                assert answer.status_code == 200, scope
            else:
                failure(answer, 403, "GENERAL", key)


@pytest.mark.parametrize(("path", "key"), PATHS)
def test_bodies_that_are_not_taken(here: OfrepServer, path: str, key: str | None) -> None:
    failure(here.send(path, b'{"context": {}}', **{"Content-Type": "text/plain"}), 415, "PARSE_ERROR", key)
    failure(here.send(path, b'{"context": {}}', **{"Content-Encoding": "gzip"}), 415, "PARSE_ERROR", key)
    large = b'{"context": {"a": "' + b"x" * 2_000_000 + b'"}}'
    failure(here.send(path, large), 413, "GENERAL", key)
    deep = b'{"context": {"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}"
    failure(here.send(path, deep), 400, "PARSE_ERROR", key)
    failure(here.send(path, b'{"context": {"a": 1' + b"0" * 400 + b"}}"), 400, "INVALID_CONTEXT", key)
    failure(here.send(path, b'{"context": {"a": 1, "a": 2}}'), 400, "INVALID_CONTEXT", key)
    failure(here.send(path, b'{"context": {"a": "\\u0000"}}'), 400, "INVALID_CONTEXT", key)
    failure(here.send(path, b'{"context": {"a": "\\ud800"}}'), 400, "INVALID_CONTEXT", key)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("tier", 1),
        ("tier", "x" * 201),
        ("segments", "vip"),
        ("segments", [1]),
        ("country", "Turkey"),
        ("country", "XX"),
        ("city", ["Istanbul"]),
        ("district", False),
        ("region", "TR/a/b/c"),
        ("region", ""),
        ("targetingKey", "x" * 1001),
        ("ab_test_group", 3),
    ],
)
def test_what_the_service_reads_has_to_fit(here: OfrepServer, member: str, value: Any) -> None:
    for answer, key in ((here.one("suite.string", {member: value}), "suite.string"), (here.all({member: value}), None)):
        body = failure(answer, 400, "INVALID_CONTEXT", key)
        assert f"/context/{member}" in body["errorDetails"]


def test_a_rate_limit_says_when_to_come_again_in_whole_seconds(here: OfrepServer, new_key: MakeCaller) -> None:
    headers = new_key("flags:evaluate", rate_limit={"requests_per_second": 1, "burst": 1})
    with httpx.Client(base_url=here.url, headers=headers) as client:
        answers = [client.post(ONE, json={"context": {}}) for _ in range(8)]
    refused = next(answer for answer in answers if answer.status_code != 200)
    failure(refused, 429, "GENERAL", "suite.string")
    assert int(refused.headers["retry-after"]) >= 1


@pytest.mark.parametrize("path", ["/ofrep", "/ofrep/v1", "/ofrep/v1/configuration", "/ofrep/v2/evaluate/flags"])
def test_what_is_not_there(here: OfrepServer, path: str) -> None:
    with here.client() as client:
        for method in ("GET", "POST"):
            failure(client.request(method, path), 404, "GENERAL")


def test_a_method_that_is_not_taken(here: OfrepServer) -> None:
    with here.client() as client:
        failure(client.get(ONE), 405, "GENERAL", "suite.string")
        failure(client.post(EVENTS), 405, "GENERAL")
        assert client.options(BULK).headers["allow"] == "OPTIONS, POST"


def test_paths_that_only_look_like_it_keep_problem_documents(here: OfrepServer) -> None:
    answer = httpx.get(f"{here.url}/ofrepx")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
