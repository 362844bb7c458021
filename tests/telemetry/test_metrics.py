"""/metrics over HTTP: right with two workers, and still right when one of them is killed.

Source: docs/spec/operations.md#metrics.
"""

import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.telemetry.serving import ask_at_once, basket, known, new_key, serving

pytestmark = [
    pytest.mark.second_try("kills a worker while it counts"),
    pytest.mark.long("services of two workers that are killed"),
]


def quotes_counted(metrics: str) -> float:
    lines = [
        line
        for line in metrics.splitlines()
        if line.startswith("quote_duration_seconds_count{") and "batch" not in line
    ]
    assert len(lines) == 3
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def test_the_sum_is_right_when_a_worker_is_killed_and_started_again(
    server_folder: Path, database_url: str, redis_url: str
) -> None:
    key = new_key(database_url)
    with serving(server_folder, database_url, redis_url, workers=2) as service:
        known(service, key)
        assert {answer.status_code for answer in ask_at_once(60, lambda: service.quote(key))} == {200}
        assert {service.quote(key, b"{").status_code for _ in range(5)} == {400}
        # Whichever worker answers.
        assert {quotes_counted(service.metrics()) for _ in range(20)} == {60}
        killed, left = service.worker_pids()
        starts = service.starts()
        os.kill(killed, signal.SIGKILL)
        service.wait_for(lambda: killed not in service.worker_pids(), "the worker is replaced")
        assert left in service.worker_pids()
        service.wait_for(lambda: service.starts() != starts, "the new worker counts")
        service.wait_for(lambda: service.holds_rulebooks(2), "the new worker has the rulebook")
        known(service, key)
        repeated = basket()
        assert {service.quote(key, repeated).status_code for _ in range(40)} == {200}
        assert {quotes_counted(service.metrics()) for _ in range(20)} == {100}
        assert service.figure('quote_refusals_total{status="400"}') == 5
        # One priced it; the other found it in its cache tiers.
        assert service.figure('quote_duration_seconds_count{tier="local"}') >= 38
        for place in ("0", "1"):
            assert service.figure(f'process_resident_memory_bytes{{worker="{place}"}}') > 10_000_000
            assert service.figure(f'quote_capacity_left{{worker="{place}"}}') == 1064
            assert service.figure(f'quote_rulebook_version{{worker="{place}"}}') > 0


def test_what_the_parts_keep_is_reported(server_folder: Path, database_url: str, redis_url: str) -> None:
    key = new_key(database_url)
    with serving(server_folder, database_url, redis_url) as service:
        known(service, key)
        same = basket()
        for _ in range(3):
            assert service.quote(key, same).status_code == 200
        assert service.figure("quote_priced_total") == 1
        assert service.figure("quote_redis_shared_total") == 1
        assert service.figure('quote_duration_seconds_count{tier="miss"}') == 1
        assert service.figure('quote_duration_seconds_count{tier="local"}') == 2
        assert service.figure('quote_local_cache_entries{worker="0"}') == 1
        assert service.figure('quote_local_cache_bytes{worker="0"}') > len(same)
        assert service.figure('quote_redis_breaker_open{worker="0"}') == 0
        assert service.figure("process_cpu_seconds_total") > 0
        health = httpx.get(f"{service.figures_url}/health/ready").json()["gauges"]
        assert health["quotes"] == {"capacity_left": 1064, "in_use": 0, "waiting": 0}
        assert health["cache"]["entries"] == 1
        assert health["redis"] == {"breaker": "closed", "failures": 0}
        assert health["postgres"]["connections"] >= health["postgres"]["in_use"] >= 0


def test_on_the_port_of_callers_they_are_for_admins(anonymous: httpx.Client, admin: httpx.Client) -> None:
    body = admin.get("/metrics")
    assert body.status_code == 200
    assert body.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert anonymous.get("/metrics").status_code == 401


def test_the_port_of_figures_answers_nothing_else(server_folder: Path, database_url: str, redis_url: str) -> None:
    with serving(server_folder, database_url, redis_url) as service:
        assert httpx.get(f"{service.figures_url}/health/live").status_code == 200
        for path in ("/api/v1/users", "/docs", "/api/v1/quote"):
            assert httpx.get(f"{service.figures_url}{path}").status_code == 404
        # A scraper on the same machine, as every caller behind a proxy there is.
        assert httpx.get(f"{service.url}/metrics").status_code == 401
        assert httpx.get(f"{service.url}/health/ready").json() == {"status": "ready"}
        (line,) = service.log_lines("listening")
        assert (line["url"], line["metrics_url"]) == (service.url, f"{service.figures_url}/metrics")
