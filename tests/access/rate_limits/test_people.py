"""People are limited in rate as keys are: each by the setting of the role, on every way in, over all workers.

Source: docs/spec/access.md#rate-limits; docs/spec/quotes.md#limits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from quote_service.identity.model.people import UserDraft
from quote_service.identity.operations.access_tokens import AccessTokens
from quote_service.identity.operations.people.create_user import create_user
from quote_service.identity.operations.rate_limits import unsettled_tokens_max
from quote_service.identity.tables.users import account_by_email
from quote_service.platform.callers.access import Role
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Key
from quote_service.platform.settings.rate_limit import RateLimit
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from tests.fixtures.serve import JWT_SECRET, Served, a_basket, in_database, served
from tests.telemetry.serving import ask_at_once

SHOPPER = RateLimit(requests_per_second=1, burst=20)
Ask = Callable[[httpx.Client], httpx.Response]

WAYS: dict[str, Ask] = {
    "quote": lambda client: client.post("/api/v1/quote", json=a_basket()),
    "purchase": lambda client: client.post(
        f"/api/v1/flash-sales/{uuid4()}/purchases",
        content=b'{"product_id":"0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b","quantity":1,"expected_price":1}',
        headers={"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"},
    ),
    "batch": lambda client: client.post("/api/v1/quotes/batch", json={"baskets": [a_basket()]}),
    "other": lambda client: client.get("/api/v1/auth/me"),
}


@pytest.fixture(scope="module")
def two_workers(server_folder: Path, database_url: str, redis_url: str) -> Iterator[Served]:
    """Shoppers are limited here, and analysts are not."""
    limit = f"{SHOPPER.requests_per_second}/{SHOPPER.burst}"
    with served(server_folder, database_url, redis_url, workers=2, rate_limit_user=limit) as running:
        yield running


def person(running: Served, role: Role) -> httpx.Client:
    """Somebody who is logged in, with a connection of its own for each request: the kernel may choose any worker."""

    async def work(database: Database) -> str:
        draft = UserDraft(email=f"{uuid4()}@example.com", password="correct horse battery", role=role)
        async with database.transaction() as connection:
            await create_user(
                Change.within(connection, change_by_system("test", now_us())), draft, "no hash: never logs in"
            )
            account = await account_by_email(connection, draft.email)
        assert account is not None
        return AccessTokens((Key("k1", JWT_SECRET),)).issue(account, now_us())

    return httpx.Client(
        base_url=running.url,
        timeout=30,
        headers={"Authorization": f"Bearer {in_database(running.database_url, work)}", "Connection": "close"},
    )


@pytest.mark.parametrize("ask", WAYS.values(), ids=WAYS)
def test_a_person_is_limited_on_every_way_in_over_all_workers(two_workers: Served, ask: Ask) -> None:
    with person(two_workers, "user") as one, person(two_workers, "user") as other:
        started = time.monotonic()
        answers = ask_at_once(120, lambda: ask(one))
        seconds = time.monotonic() - started
        refused = [answer for answer in answers if answer.status_code == 429]
        passed = len(answers) - len(refused)
        assert SHOPPER.burst <= passed
        assert passed <= SHOPPER.burst + seconds * SHOPPER.requests_per_second + 2 * unsettled_tokens_max(SHOPPER)
        for answer in refused:
            assert answer.headers["ratelimit-policy"] == '"requests";q=20;w=20'
            assert answer.headers["ratelimit"].startswith('"requests";r=0;t=')
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.json()["type"] == "/problems/rate-limited"
        assert ask(other).status_code != 429  # nobody pays for another


def test_a_role_without_a_limit_is_not_refused(two_workers: Served) -> None:
    with person(two_workers, "analyst") as one:
        assert {answer.status_code for answer in ask_at_once(300, lambda: WAYS["other"](one))} == {200}
