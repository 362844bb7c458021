"""Rate limits as a checkout meets them: on the quote and on every other route, with two workers, with and without Redis.

Source: docs/spec/quotes.md#limits; draft-ietf-httpapi-ratelimit-headers-11.
"""

import time
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from quote_service.identity.operations.rate_limits import unsettled_tokens_max
from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.settings.rate_limit import RateLimit
from tests.telemetry.serving import Serving, ask_at_once, known, new_key, serving

SLOW = RateLimit(requests_per_second=1, burst=20)
STEADY = RateLimit(requests_per_second=10, burst=30)


def read(service: Serving, key: str) -> httpx.Response:
    """Ask a route that only Litestar knows."""
    return service.http.get(f"/api/v1/quotes/{uuid4()}", headers={"X-API-Key": key})


@pytest.mark.parametrize("route", ["quote", "other"])
def test_a_refusal_says_the_limit_and_when_to_come_back(
    server_folder: Path, database_url: str, redis_url: str, route: str
) -> None:
    stranger, key = new_key(database_url), new_key(database_url, SLOW)
    with serving(server_folder, database_url, redis_url) as service:
        known(service, stranger)
        answers = [service.quote(key) if route == "quote" else read(service, key) for _ in range(60)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert {answer.status_code for answer in answers[:20]} == {200 if route == "quote" else 404}
        assert refused
        for answer in refused:
            assert answer.headers["ratelimit-policy"] == '"requests";q=20;w=20'
            assert answer.headers["ratelimit"] == '"requests";r=0;t=1'
            assert answer.headers["retry-after"] == "1"
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["type"] == "/problems/rate-limited"
            assert answer.headers["x-request-id"]
        assert service.figure("quote_rate_limited_total") == len(refused)
        assert service.quote(stranger).status_code == 200  # nobody pays for another's key


@pytest.mark.long("seconds of requests to two workers")
def test_two_workers_share_one_limit(server_folder: Path, database_url: str, redis_url: str) -> None:
    stranger, key = new_key(database_url), new_key(database_url, STEADY)
    with serving(server_folder, database_url, redis_url, workers=2) as service:
        known(service, stranger)
        started = time.monotonic()
        answers = ask_at_once(600, lambda: read(service, key))
        seconds = time.monotonic() - started
        passed = sum(answer.status_code == 404 for answer in answers)
        assert {answer.status_code for answer in answers} == {404, 429}
        assert passed <= STEADY.burst + seconds * STEADY.requests_per_second + 2 * unsettled_tokens_max(STEADY)
        assert passed >= STEADY.burst


@pytest.mark.long("seconds of requests to two workers")
def test_without_redis_each_worker_keeps_its_share_and_nobody_sees_an_error(
    server_folder: Path, database_url: str
) -> None:
    stranger, key = new_key(database_url), new_key(database_url, SLOW)
    with (
        ValkeyServer(server_folder / f"valkey-{uuid4().hex[:8]}", append_only=False) as own,
        serving(server_folder, database_url, own.url, workers=2) as service,
    ):
        known(service, stranger)
        own.stop()
        started = time.monotonic()
        answers = ask_at_once(120, lambda: service.quote(key))
        seconds = time.monotonic() - started
        assert {answer.status_code for answer in answers} == {200, 429}
        passed = sum(answer.status_code == 200 for answer in answers)
        # A full bucket for each worker until it has noticed, and no more than that.
        assert passed <= 2 * SLOW.burst + seconds * SLOW.requests_per_second + 1
        assert {answer.headers["ratelimit-policy"] for answer in answers if answer.status_code == 429} == {
            '"requests";q=20;w=20'
        }
