"""From a request to its answer: read, check, open, call the handler, write, close.

Source: docs/decisions/endpoints.md; docs/spec/wire.md#idempotency-keys.
"""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response

from quote_service.platform.http.answers import JSON, page_answer
from quote_service.platform.http.endpoints.connections import Created
from quote_service.platform.http.endpoints.description import tag_in
from quote_service.platform.http.endpoints.parameters import Sources, Step
from quote_service.platform.http.endpoints.results import Cursor, Location, Writer
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database


class Work:
    """One route's way, worked out when it is declared."""

    def __init__(
        self,
        handler: Callable[..., Awaitable[Any]],
        sources: Sources,
        before: tuple[Step, ...],
        within: Step | None,
        after: tuple[Step, ...],
        writer: Writer,
        cursor: Cursor | None,
    ) -> None:
        self._handler = handler
        self._reads = tuple(sources.reads.items())
        self._late = tuple(sources.late.items())
        self._body = sources.body
        self._opened = sources.opened
        self._connection = sources.connection
        self._before = before
        self._within = within
        self._after = after
        self._writer = writer
        self._cursor = cursor
        self._path = tuple(sources.path)
        takes = tuple(inspect.signature(handler).parameters)
        # Where the handler takes all that is read, nothing has to be picked.
        made = (step.makes for step in before if step.makes is not None)
        read = {*sources.path, *sources.reads, *sources.late, *made}
        read |= {"data"} if sources.body is not None else set()
        read |= {sources.connection} if sources.opened is not None else set()
        self._picked = None if read == {*takes} else takes

    async def answer(self, request: AnyRequest) -> Response[Any]:
        """The answer to one request."""
        found = request.scope["path_params"]
        given: dict[str, Any] = {name: found[name] for name in self._path}
        for name, read in self._reads:
            given[name] = read(request)
        if self._body is not None:
            given["data"] = self._body.read(await request.body())
        for step in self._before:
            made = await step.run(given)
            if step.makes is not None:
                given[step.makes] = made
        if self._within is None:
            return await self._answered(request, given)
        async with await self._within.run(given):
            return await self._answered(request, given)

    async def _answered(self, request: AnyRequest, given: dict[str, Any]) -> Response[Any]:
        if isinstance(self._opened, Created):
            return await self._created(request, given, self._opened)
        if self._opened is None:
            made = await self._call(request, given)
        else:
            async with self._opened.by(parts_of(request)[Database]) as connection:
                made = await self._call(request, given, connection)
        for step in self._after:
            await step.run({**given, "made": made})
        return self._written(given, made)

    async def _created(self, request: AnyRequest, given: dict[str, Any], created: Created) -> Response[Any]:
        async with creating(request, secret=created.secret) as creation:
            if creation.replay is not None:
                return creation.replay
            made = await self._call(request, given, creation.connection)
            reported = self._writer.write(made, given)
            answer = creation.answer(reported.status, reported.body, reported.headers, customer_id=reported.customer_id)
        for step in self._after:
            await step.run({**given, "made": made})
        return answer

    def _call(
        self, request: AnyRequest, given: dict[str, Any], connection: "Connection | None" = None
    ) -> Awaitable[Any]:
        for name, read in self._late:
            given[name] = read(request)
        if connection is not None:
            author = given.get(self._connection)
            given[self._connection] = Change.within(connection, author) if author is not None else connection
        if self._picked is None:  # as most do
            return self._handler(**given)
        return self._handler(**{name: given[name] for name in self._picked})

    def _written(self, given: dict[str, Any], made: Any) -> Response[Any]:
        if isinstance(made, Response):
            return made
        if made is None or self._writer.status == 204:
            return Response(None, status_code=self._writer.status)
        if self._cursor is not None:
            return page_answer(given["page"], self._cursor.name, made, self._cursor.key_of)
        reported = self._writer.write(made, given)
        return Response(reported.body, status_code=reported.status, media_type=JSON, headers=reported.headers)


def writer_of(returned: Any, described: Described, location: Location | None, status: int) -> Writer:
    """How what a handler returns is written."""
    return Writer(status, described.message if described.form == "one" else None, location, tag_in(returned))
