"""Health as load balancers and people on the machine see it.

Source: docs/spec/operations.md#health; docs/spec/access.md#metrics-and-health-details.
"""

import httpx
import pytest


def test_a_process_that_answers_is_alive(anonymous: httpx.Client) -> None:
    response = anonymous.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


def test_details_are_reported_to_admins(admin: httpx.Client) -> None:
    readiness = admin.get("/health/ready").json()
    assert readiness["status"] == "ready", readiness
    assert {"postgres", "redis"} <= readiness["dependencies"].keys()
    for dependency in readiness["dependencies"].values():
        assert dependency["is_up"] is True
        assert dependency["latency_ms"] > 0
    assert readiness["snapshot"]["version"] > 0
    assert readiness["snapshot"]["age_seconds"] >= 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Authorization": "Bearer forged"},
        {"X-API-Key": "qs_dev_none"},
        {"X-API-Key": "a", "Authorization": "Bearer b"},
    ],
)
def test_nobody_else_is_reported_details_from_wherever(anonymous: httpx.Client, headers: dict[str, str]) -> None:
    response = anonymous.get("/health/ready", headers=headers)
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


def test_a_key_of_every_scope_is_no_admin(checkout: httpx.Client) -> None:
    assert checkout.get("/health/ready").json() == {"status": "ready"}
