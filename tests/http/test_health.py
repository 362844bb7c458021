"""Health as load balancers and people on the machine see it.

Source: spec 9, Health; spec 8.
"""

import httpx
import pytest


def test_a_process_that_answers_is_alive(anonymous: httpx.Client) -> None:
    response = anonymous.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


def test_details_are_told_on_the_machine_itself(anonymous: httpx.Client) -> None:
    readiness = anonymous.get("/health/ready").json()
    assert readiness["status"] == "ready"
    assert {"postgres", "redis"} <= readiness["dependencies"].keys()
    for dependency in readiness["dependencies"].values():
        assert dependency["is_up"] is True
        assert dependency["latency_ms"] > 0
    assert readiness["snapshot"]["version"] > 0
    assert readiness["snapshot"]["age_seconds"] >= 0


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_details_are_not_told_through_a_proxy(anonymous: httpx.Client, header: str) -> None:
    response = anonymous.get("/health/ready", headers={header: "203.0.113.9"})
    assert (response.status_code, response.json()) == (200, {"status": "ready"})
