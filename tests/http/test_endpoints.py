"""What a handler's signature says of its route, and what is refused when it is declared."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import ImproperlyConfiguredException
from litestar.params import FromPath

from quote_service.platform.callers.access import ADMINS
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, Writing
from quote_service.platform.http.endpoints.endpoint import Endpoint, delete, get, post
from quote_service.platform.http.endpoints.parameters import OptionalBody, RawBody
from quote_service.platform.http.endpoints.results import Answer, Cursor, Location, Tag, Tagged, Writer
from quote_service.platform.http.openapi.described import VERSIONED, Described
from quote_service.platform.http.problems import PROBLEM_HANDLERS
from quote_service.platform.system.errors import Conflict, Fault
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.preconditions import Precondition


class Draft(msgspec.Struct, frozen=True):
    """What is sent."""

    name: str = "none"


class Record(msgspec.Struct, frozen=True):
    """What is answered."""

    id: str
    version: int = 3


def described(endpoint: Endpoint) -> Described:
    found: Described = endpoint.opt["described"]
    return found


def test_a_creating_handler_describes_body_answer_key_and_headers() -> None:
    @post(access=ADMINS, message="Made", location=Location("/things/{id}", "The thing."))
    async def make(change: CreatingChange, data: Draft) -> Tagged[Record]:
        return Record("1")

    assert described(make) == Described(
        body=Draft, answer=Record, message="Made", repeatable=True, headers={**VERSIONED, "Location": "The thing."}
    )
    assert make.status_code == 201


def test_what_a_change_of_one_object_describes() -> None:
    @post("/{thing_id:uuid}/stop", status_code=200, access=ADMINS, message="Stopped")
    async def stop(
        connection: Writing, thing_id: FromPath[UUID], data: OptionalBody[Draft], precondition: Precondition
    ) -> Tagged[Answer[Record]]:
        return Answer(Record("1"), "Stopped for good")

    found = described(stop)
    assert (found.answer, found.body, found.body_is_required, found.conditional) == (Record, Draft, False, True)


def test_a_page_is_a_list_and_none_is_no_answer() -> None:
    @get(access=ADMINS, cursor=Cursor("things", ("id",)))
    async def find(connection: Reading, page: Page[Draft, tuple[UUID]]) -> list[Record]:
        return []

    @delete("/{thing_id:uuid}", access=ADMINS)
    async def remove(connection: Writing, thing_id: FromPath[UUID]) -> None: ...

    assert (described(find).form, described(find).answer, described(find).query) == ("list", Record, Draft)
    assert (described(remove).form, remove.status_code) == ("nothing", 204)


def test_a_page_without_a_cursor_is_refused() -> None:
    async def find(page: Page[Draft, tuple[UUID]]) -> list[Record]:
        return []

    with pytest.raises(TypeError, match="cursor"):
        get(access=ADMINS)(find)


def test_a_parameter_of_no_known_type_is_refused() -> None:
    async def find(what: "int | str") -> Record:
        return Record("1")

    with pytest.raises(TypeError, match="nothing is known"):
        get(access=ADMINS)(find)


def test_a_parameter_that_the_path_has_not_is_refused() -> None:
    @get("/{other_id:uuid}", access=ADMINS)
    async def show(thing_id: FromPath[UUID]) -> Record:
        return Record("1")

    with pytest.raises(ImproperlyConfiguredException, match="thing_id"):
        Litestar([show], openapi_config=None, logging_config=None)


async def sent_to(endpoint: Endpoint, body: bytes) -> httpx.Response:
    """What is answered to a body at `/things`."""
    app: Any = Litestar(
        [endpoint],
        state=State({"parts": Parts()}),
        exception_handlers=PROBLEM_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        return await client.post("/things", content=body)


async def test_a_body_as_it_was_sent_is_described_by_what_is_declared() -> None:
    def made_of(data: RawBody) -> int:
        return len(data)

    @post("/things", access=ADMINS, message="Made", body=Draft, dependencies={"size": made_of})
    async def make(data: RawBody, size: int) -> Record:
        return Record(data.decode(), size)

    assert (described(make).body, described(make).answer) == (Draft, Record)
    answer = await sent_to(make, b" {not JSON} ")
    assert answer.json()["data"] == {"id": " {not JSON} ", "version": 12}


def test_a_body_that_is_read_is_not_had_as_it_was_sent() -> None:
    def check(data: RawBody) -> None: ...

    async def read(data: Draft) -> Record:
        return Record(data.name)

    async def made(data: Draft, size: int) -> Record:
        return Record(data.name, size)

    with pytest.raises(TypeError, match="as it was sent"):
        post(access=ADMINS, check=check)(read)
    with pytest.raises(TypeError, match="as it was sent"):
        post(access=ADMINS, dependencies={"data": lambda: Draft(), "size": check})(made)


async def test_what_is_around_a_handler_sees_its_refusals_and_then_what_it_noted() -> None:
    seen: list[object] = []

    @asynccontextmanager
    async def around(data: Draft) -> AsyncIterator[None]:
        seen.append(data.name)
        try:
            yield
        except Conflict as refusal:
            seen.append(refusal.detail)
            raise

    def afterwards(made: Answer[Record]) -> None:
        seen.append(made.noted)

    @post("/things", access=ADMINS, message="Made", within=around, then=afterwards)
    async def make(data: Draft) -> Answer[Record]:
        if data.name == "taken":
            raise Conflict("It is taken")
        return Answer(Record(data.name), noted="new")

    assert (await sent_to(make, b'{"name":"x"}')).status_code == 201
    assert (await sent_to(make, b'{"name":"taken"}')).status_code == 409
    assert seen == ["x", "new", "taken", "It is taken"]


async def test_what_runs_before_takes_the_body_by_its_type() -> None:
    def faults(draft: Draft | Record, pointer: str = "/name") -> tuple[Fault, ...]:
        return (Fault(pointer, f"is wrong: {draft}"),)

    @post("/things", access=ADMINS, faults=faults)
    async def make(data: Draft) -> Record:
        raise AssertionError(data)

    answer = await sent_to(make, b'{"name":"x"}')
    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [{"pointer": "/name", "detail": f"is wrong: {Draft('x')}"}],
    )


def test_an_answer_is_written_with_location_tag_and_what_it_has_of_its_own() -> None:
    writer = Writer(201, "Made", Location("/of/{owner}/things/{id}", ""), Tag())
    reported = writer.write(Answer(Record("7"), "Made again", {"X-More": "1"}, 202), {"owner": "5"})
    assert (reported.status, reported.headers) == (202, {"Location": "/of/5/things/7", "ETag": '"7.3"', "X-More": "1"})
    assert msgspec.json.decode(reported.body)["message"] == "Made again"
