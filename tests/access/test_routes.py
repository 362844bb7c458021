"""Every route, against the table in the documentation and against every kind of caller over HTTP.

Source: docs/spec/access.md#routes.
"""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from quote_service.platform.callers.access import ROLES, SCOPES
from quote_service.routes import ROUTERS
from tests.access.routes import Rule, rules_of_app, rules_of_table
from tests.access.running import RunningService, code_of

RULES = rules_of_app(ROUTERS)
NOWHERE = str(UUID(int=0))
NAMES = [f"{rule.method} {rule.path}" for rule in RULES]
CLOSED = [rule for rule in RULES if not rule.is_public]
CLOSED_NAMES = [f"{rule.method} {rule.path}" for rule in CLOSED]


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_every_route_names_whom_it_lets_in(rule: Rule) -> None:
    assert rule.roles or rule.scopes
    assert rule.roles <= {*ROLES, "public"}
    assert {scope for scopes in rule.scopes for scope in scopes.split(" with ")} <= set(SCOPES)
    assert rule.is_public or "admin" in rule.roles


def test_the_table_says_what_the_routes_say() -> None:
    documented, actual = rules_of_table(), RULES
    assert sorted(documented) == sorted(actual), "python -m tests.readme writes docs/endpoints.md"


@pytest.mark.parametrize("rule", CLOSED, ids=CLOSED_NAMES)
def test_nobody_gets_in_without_credentials(service: RunningService, rule: Rule) -> None:
    answer = service.http.request(rule.method, path_of(rule))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    if rule.method != "HEAD":
        assert code_of(answer) == ("GENERAL" if rule.path.startswith("/ofrep/") else "unauthorized")


@pytest.mark.parametrize("rule", CLOSED, ids=CLOSED_NAMES)
def test_a_role_gets_in_just_where_the_table_says(service: RunningService, rule: Rule) -> None:
    for role in ROLES:
        status, reported = begun(service, rule, service.as_role(role))
        assert_let_in(status, role in rule.roles, f"{role}: {reported}")


@pytest.mark.parametrize("rule", CLOSED, ids=CLOSED_NAMES)
def test_a_scope_gets_in_just_where_the_table_says(
    service: RunningService, key_of_scope: dict[str, str], rule: Rule
) -> None:
    for scope in SCOPES:
        status, reported = begun(service, rule, {"X-API-Key": key_of_scope[scope]})
        assert_let_in(status, scope in rule.scopes, f"{scope}: {reported}")


@pytest.mark.parametrize("rule", [rule for rule in CLOSED if any(" with " in scopes for scopes in rule.scopes)])
def test_scopes_get_in_together_where_the_table_says(service: RunningService, rule: Rule) -> None:
    for scopes in rule.scopes:
        status, reported = begun(service, rule, {"X-API-Key": service.new_key(*scopes.split(" with "))})
        assert_let_in(status, may=True, reported=f"{scopes}: {reported}")


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.is_public])
def test_public_routes_ask_for_nothing(service: RunningService, rule: Rule) -> None:
    assert service.http.request(rule.method, path_of(rule)).status_code not in (401, 403)


@pytest.mark.parametrize(
    "path", ["/api/v1/users/", "/api/v1//users", "/api/v1/users/.", "/API/V1/USERS", "/api/v1/users;x"]
)
def test_other_spellings_of_a_path_let_nobody_in(service: RunningService, path: str) -> None:
    assert service.http.get(path).status_code in (401, 404)
    assert service.http.get(path, headers=service.as_role("user")).status_code in (403, 404)


def begun(service: RunningService, rule: Rule, headers: dict[str, str]) -> tuple[int, str]:
    """The status of an answer, and what it says; a stream of events has no end to wait for."""
    with service.http.stream(rule.method, path_of(rule), headers=headers) as answer:
        is_stream = answer.headers.get("content-type", "").startswith("text/event-stream")
        return answer.status_code, "" if is_stream else answer.read().decode("utf-8", "replace")


def assert_let_in(status: int, may: bool, reported: str) -> None:
    if may:
        # Let in, and then told what is wrong with an empty request.
        # A change to how somebody signs in wants a proof first.
        assert status not in (401, 403) or "/problems/proof-required" in reported, reported
        assert status < 500 or status == 503, reported
    else:
        assert status == 403, reported


def path_of(rule: Rule) -> str:
    """A path of this shape at which there is nothing, so that the walk changes nothing."""
    return re.sub(r"{[^}]+}", NOWHERE, rule.path)


@pytest.fixture(scope="module")
def key_of_scope(service: RunningService) -> dict[str, str]:
    return {scope: service.new_key(scope) for scope in SCOPES}
