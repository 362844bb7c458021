"""The service on a port of its own, in a thread of the test process, and people and keys to call it with."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import msgspec
import uvicorn

from quote_service.app import create_asgi
from quote_service.identity.model.people import UserDraft
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.keys.create_api_key import create_api_key
from quote_service.identity.operations.people.create_user import create_user
from quote_service.identity.operations.people.passwords import Passwords
from quote_service.identity.tables.users import account_by_email
from quote_service.platform.callers.access import ROLES, Role
from quote_service.platform.callers.api_keys import ApiKeyDraft
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Key, Settings
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.parts import Parts
from quote_service.serving.lifespan.web import open_web

PATIENCE_SECONDS = 120.0
PASSWORD = "correct horse battery staple"
# Tests ask faster than people do; the limits of people have tests of their own.
UNLIMITED: dict[str, Any] = {f"rate_limit_{who}": None for who in (*ROLES, "guests")}
Result = TypeVar("Result")
_HASHES: dict[str, str] = {}


@dataclass
class Person:
    """Somebody who can log in."""

    id: str
    email: str
    role: Role
    token: str
    password: str = PASSWORD

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class RunningService:
    """One worker that answers at `url`; `http` is a client without credentials."""

    url: str
    parts: Parts
    http: httpx.Client
    people: dict[Role, Person] = field(default_factory=dict)

    def as_role(self, role: Role = "admin") -> dict[str, str]:
        """Headers of a person of this role, made at first need."""
        if role not in self.people:
            self.people[role] = self.new_person(role)
        return self.people[role].headers

    def new_person(self, role: Role) -> Person:
        """A person straight into the database, with a token."""
        email = f"{role}-{secrets.token_hex(6)}@example.com"

        async def work(database: Database) -> Person:
            if PASSWORD not in _HASHES:
                _HASHES[PASSWORD] = await Passwords().hash(PASSWORD)
            async with database.transaction() as connection:
                change = change_by_system("test", now_us())
                draft = UserDraft(email=email, password=PASSWORD, role=role)
                await create_user(Change.within(connection, change), draft, _HASHES[PASSWORD])
                account = await account_by_email(connection, email)
            assert account is not None
            token = self.parts[Credentials].tokens.issue(account, now_us())
            return Person(account.user.id, email, role, token)

        return self.in_database(work)

    def token_of(self, email: str, life_seconds: int | None = None) -> str:
        """A token that this worker signs for somebody who is there."""

        async def work(database: Database) -> str:
            async with database.read() as connection:
                account = await account_by_email(connection, email)
            assert account is not None
            return self.parts[Credentials].tokens.issue(account, now_us(), life_seconds)

        return self.in_database(work)

    def new_key(self, *scopes: str, name: str = "test") -> str:
        """The text of a new key that this worker knows."""

        async def work(database: Database) -> str:
            draft = ApiKeyDraft(name=name, scopes=list(scopes), rate_limit=None)  # type: ignore[arg-type]
            async with database.transaction() as connection:
                return (
                    await create_api_key(Change.within(connection, change_by_system("test", now_us())), draft, "dev")
                ).key

        key = self.in_database(work)
        ring = self.parts[Credentials].ring
        until(lambda: ring.caller_of_key(key.encode(), now_us()) is not None, "the key is known")
        return key

    def in_database(self, work: Callable[[Database], Awaitable[Result]]) -> Result:
        """Run some work on a pool of its own, apart from the service's loop."""
        url = self.parts[Settings].database_url

        async def run() -> Result:
            database = await Database.open(url)
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(run())

    def rows(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        """What a statement finds."""

        async def work(database: Database) -> list[dict[str, Any]]:
            async with database.read() as connection:
                return [dict(row) for row in await connection.fetch(statement, *arguments)]

        return self.in_database(work)

    def audited(self, object_id: str) -> list[dict[str, Any]]:
        """The audit rows of an object, newest first, as an admin sees them."""
        found = self.http.get("/api/v1/audit", params={"object_id": object_id}, headers=self.as_role())
        assert found.status_code == 200, found.text
        return list(found.json()["data"])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


@contextmanager
def running(settings: Settings, port: int = 0) -> Iterator[RunningService]:
    """A worker with these settings, ready to know callers; at a free port unless one is given."""
    started: list[Any] = []
    ready = threading.Event()

    async def serve() -> None:
        async with open_web(settings) as parts:
            config = uvicorn.Config(
                create_asgi(parts), host="127.0.0.1", port=port, lifespan="off", log_config=None, ws="none"
            )
            server = _Server(config, ready)
            started.extend((server, parts))
            await server.serve()

    def run() -> None:
        try:
            asyncio.run(serve())
        finally:
            ready.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(PATIENCE_SECONDS)
    assert started, "the service did not start"
    server, parts = started
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        with httpx.Client(base_url=f"http://{host}:{port}", timeout=PATIENCE_SECONDS) as http:
            until(lambda: parts[Credentials].ring.is_loaded, "the worker knows its callers")
            yield RunningService(f"http://{host}:{port}", parts, http)
    finally:
        # As at SIGTERM: streams end, and the listening socket closes.
        parts[Lifecycle].is_draining = True
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


def until(holds: Callable[[], bool], what: str) -> None:
    """Return as soon as it holds; fail when it does not within `PATIENCE_SECONDS`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:.0f} s: {what}"
        time.sleep(0.01)


def replace_keys(settings: Settings, keys: tuple[Key, ...]) -> Settings:
    """The settings of a worker with other keys for tokens."""
    return msgspec.structs.replace(settings, jwt_keys=keys)


def code_of(answer: httpx.Response) -> str:
    """The code of a problem answer, or the one that OFREP has in its place (tests/ofrep holds which path has which)."""
    if answer.headers["content-type"] == "application/json":
        body = answer.json()
        assert body["errorDetails"]
        return str(body["errorCode"])
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    return str(problem["type"]).removeprefix("/problems/")
