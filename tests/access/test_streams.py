"""A stream ends with the credentials it was opened with, on every worker; that of another caller goes on.

Source: docs/spec/access.md#people.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import msgspec
import pytest

from quote_service.identity.operations.access_tokens import AccessTokens
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.keys.key_ring import KeyRing
from quote_service.identity.operations.people.passwords import Passwords
from quote_service.identity.streams.open_streams import OpenStreams
from quote_service.platform.callers.access import Caller, Scope, granted
from quote_service.platform.callers.api_keys import key_digest
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from tests.access.conftest import JWT_KEYS
from tests.access.running import PATIENCE_SECONDS, Person, RunningService, running
from tests.conftest import eventually
from tests.flash_sales.sales import SALES, a_sale

USERS = "/api/v1/users"


@pytest.fixture(scope="module")
def other(settings: Settings) -> Iterator[RunningService]:
    """A second worker on the same database."""
    with running(settings) as started:
        yield started


@pytest.fixture(scope="module")
def stream_path(service: RunningService) -> str:
    made = service.http.post(SALES, json=a_sale(), headers=service.as_role())
    assert made.status_code == 201, made.text
    return f"{SALES}/{made.json()['data']['id']}/figures/stream"


class Listening:
    """Somebody who listens to a stream on a thread of its own until it ends."""

    def __init__(
        self, service: RunningService, path: str, headers: dict[str, str], threads: ThreadPoolExecutor
    ) -> None:
        self._client = httpx.Client(base_url=service.url, timeout=PATIENCE_SECONDS)
        self._answer = self._client.send(self._client.build_request("GET", path, headers=headers), stream=True)
        assert self._answer.status_code == 200
        self._lines = self._answer.iter_lines()
        self.hears_an_event()
        self._threads = threads
        self._ending: Future[None] | None = None

    def hears_an_event(self) -> None:
        assert any(line == "event: figures" for line in self._lines), "the stream has ended"

    def listen_on(self) -> None:
        self._ending = self._threads.submit(self._listen)

    def _listen(self) -> None:
        for _ in self._lines:
            pass

    def has_ended(self) -> bool:
        """Whether the stream ends while one waits patiently; a fault that ended it is raised."""
        assert self._ending is not None
        return wait([self._ending], PATIENCE_SECONDS).done == {self._ending} and self._ending.result() is None

    def close(self) -> None:
        # Whoever still reads is woken by the end of the connection.
        self._client.close()


@contextmanager
def listening(services: tuple[RunningService, ...], path: str, headers: dict[str, str]) -> Iterator[list[Listening]]:
    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(len(services)))
        opened = []
        for service in services:
            opened.append(Listening(service, path, headers, threads))
            stack.callback(opened[-1].close)
        yield opened


def patch(fields: dict[str, Any]) -> Callable[[RunningService, Person], httpx.Response]:
    return lambda service, person: service.http.patch(f"{USERS}/{person.id}", json=fields, headers=service.as_role())


ENDS: dict[str, Callable[[RunningService, Person], httpx.Response]] = {
    "demoted": patch({"role": "user"}),
    "deactivated": lambda service, person: service.http.delete(f"{USERS}/{person.id}", headers=service.as_role()),
    "another password": patch({"password": "quite another password"}),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_stream_ends_with_the_right_to_it_on_every_worker(
    service: RunningService,
    other: RunningService,
    stream_path: str,
    end: Callable[[RunningService, Person], httpx.Response],
) -> None:
    person, stays = service.new_person("analyst"), service.new_person("analyst")
    with (
        listening((service, other), stream_path, stays.headers) as kept,
        listening((service, other), stream_path, person.headers) as streams,
    ):
        for stream in streams:
            stream.listen_on()
        assert end(service, person).status_code in (200, 204)
        for stream in streams:
            assert stream.has_ended()
        for stream in kept:
            stream.hears_an_event()
    for worker in (service, other):
        assert worker.http.get(stream_path, headers=person.headers).status_code == 401


def test_a_stream_ends_when_its_token_expires(service: RunningService, stream_path: str) -> None:
    person = service.new_person("analyst")
    short = service.token_of(person.email, life_seconds=3)
    with listening((service,), stream_path, {"Authorization": f"Bearer {short}"}) as (stream,):
        stream.listen_on()
        assert stream.has_ended()
    assert service.http.get(stream_path, headers={"Authorization": f"Bearer {short}"}).status_code == 401


@pytest.mark.parametrize("loss", ["revoked", "without its scope", "expired"])
async def test_a_key_that_is_gone_ends_the_wait_for_an_event_that_never_comes(loss: str) -> None:
    credentials = Credentials(KeyRing(), AccessTokens(JWT_KEYS), Passwords())
    digest, expires_at_us = key_digest(b"qs_dev_lost"), now_us() + 100_000 if loss == "expired" else None
    scopes: frozenset[Scope] = frozenset({"quote:read"})
    caller = Caller(kind="key", id="1", name="qs_dev_lost", scopes=scopes, expires_at_us=expires_at_us)
    another = (key_digest(b"qs_dev_kept"), Caller(kind="key", id="2", name="qs_dev_kept", scopes=scopes))
    credentials.ring.replace([(digest, caller), another], {}, 1)
    streams, said = OpenStreams(credentials), Said()
    sent = [
        streams.while_admitted([(b"x-api-key", key)], granted(scopes=("quote:read",)), said.events())
        for key in (b"qs_dev_lost", b"qs_dev_kept")
    ]
    assert [await anext(stream) for stream in sent] == [b"first", b"first"]
    coming = asyncio.ensure_future(anext(sent[0], b"the end"))
    await eventually(lambda: said.waits > 0, "it waits for an event")
    if loss == "revoked":
        credentials.ring.replace([another], {}, 2)
    elif loss == "without its scope":
        lesser = msgspec.structs.replace(caller, scopes=frozenset({"quote:write"}))
        credentials.ring.replace([(digest, lesser), another], {}, 2)
    assert await asyncio.wait_for(coming, PATIENCE_SECONDS) == b"the end"
    assert (said.closed, len(streams)) == (1, 1)
    await sent[1].aclose()
    assert (said.closed, len(streams)) == (2, 0)
    credentials.passwords.close()


class Said:
    """Streams that say one thing and then wait for ever; how many wait, and how many have been closed."""

    def __init__(self) -> None:
        self.waits = self.closed = 0

    async def events(self) -> AsyncGenerator[bytes, None]:
        try:
            yield b"first"
            self.waits += 1
            await asyncio.Event().wait()
        finally:
            self.closed += 1


async def test_a_fault_of_the_stream_itself_is_no_end() -> None:
    credentials = Credentials(KeyRing(), AccessTokens(JWT_KEYS), Passwords())
    caller = Caller(kind="key", id="1", name="qs_dev_kept", scopes=frozenset({"quote:read"}))
    credentials.ring.replace([(key_digest(b"qs_dev_kept"), caller)], {}, 1)

    async def failing() -> AsyncGenerator[bytes, None]:
        yield b"first"
        raise TimeoutError("of the stream's own")

    stream = OpenStreams(credentials).while_admitted(
        [(b"x-api-key", b"qs_dev_kept")], granted(scopes=("quote:read",)), failing()
    )
    assert await anext(stream) == b"first"
    with pytest.raises(TimeoutError, match="of the stream's own"):
        await anext(stream)
    credentials.passwords.close()
