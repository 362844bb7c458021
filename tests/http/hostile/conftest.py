"""A service of its own for those who mean it harm, as it runs in production, and what its callers have in hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from quote_service.identity.model.people import UserDraft
from quote_service.identity.operations.access_tokens import AccessTokens
from quote_service.identity.operations.people.create_user import create_user
from quote_service.identity.tables.users import account_by_email
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Key
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from tests.fixtures.serve import Served, in_database, served, until
from tests.http.hostile.fronts import front, fronts  # noqa: F401 (fixtures)
from tests.http.hostile.shapes import Operation, operations_of

JWT_SECRET = hashlib.sha256(b"jwt").digest()


@pytest.fixture(scope="module")
def running(server_folder: Path, database_url: str, redis_url: str) -> Iterator[Served]:
    with served(server_folder, database_url, redis_url) as started:
        yield started
        # Whatever was answered: nothing of it was a mistake of ours.
        output = started.started.output()
        assert not [line for line in output.splitlines() if '"request_failed"' in line or "hot handler failed" in line]


@pytest.fixture(scope="module")
def admin(running: Served) -> Iterator[httpx.Client]:
    """An admin whose requests have each a key of their own where one is needed."""
    with running.admin() as client:
        yield client


@pytest.fixture(scope="module")
def checkout(running: Served) -> Iterator[httpx.Client]:
    with running.checkout() as client:
        yield client


@pytest.fixture(scope="module")
def operations(running: Served) -> list[Operation]:
    """Everything that the service says it can be asked."""
    return operations_of(httpx.get(f"{running.url}/docs/openapi.json").json())


@pytest.fixture(scope="module")
def shopper(running: Served) -> Iterator[httpx.Client]:
    """A customer who has logged in."""

    async def work(database: Database) -> str:
        person = UserDraft(email=f"{uuid4()}@example.com", password="correct horse battery", role="user")
        async with database.transaction() as connection:
            await create_user(
                Change.within(connection, change_by_system("test", now_us())), person, "no hash: never logs in"
            )
            account = await account_by_email(connection, person.email)
        assert account is not None
        return AccessTokens((Key("k1", JWT_SECRET),)).issue(account, now_us())

    token = in_database(running.database_url, work)
    with httpx.Client(base_url=running.url, timeout=30, headers={"Authorization": f"Bearer {token}"}) as client:
        until(lambda: client.get("/api/v1/auth/me").status_code == 200, "the shopper is known")
        yield client
