"""Routes whose handler's signature is their description.

    @post("/adjustments", access=ADMINS, message="Adjustment posted", location=_TRANSACTION)
    async def post_adjustment(change: CreatingChange, data: AdjustmentDraft) -> TransactionRecord:
        \"\"\"Post an adjustment.\"\"\"
        return await adjust(change, data)

Parameters come from the path (`FromPath`), the query (`query`, or `page` of a list), the body (`data`), the request (`Caller`,
`Author`, `Precondition`), the database (connections.py) and the parts of the process, each by its type. What is sent is read
first, then `dependencies` are made and `check` and `faults` are run, then the connection is opened, within `within`. `then` runs
when it is closed, and not where an answer is given again.

Source: docs/decisions/endpoints.md.
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Required, TypedDict, Unpack

from litestar import Response
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import HTTPRouteHandler
from litestar.types import Empty

from quote_service.platform.callers.access import Access
from quote_service.platform.http.endpoints.description import described_by
from quote_service.platform.http.endpoints.parameters import Sources, Step
from quote_service.platform.http.endpoints.results import Cursor, Location
from quote_service.platform.http.endpoints.work import Work, writer_of
from quote_service.platform.http.lists.listing import Listing
from quote_service.platform.http.openapi.described import Form, Refused
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.system.errors import Fault, Invalid, QuoteServiceError


class Declared(TypedDict, total=False):
    """What a signature does not say.

    Attributes:
        access: Whom the route lets in.
        status_code: By default 201 of POST, 204 of DELETE, otherwise 200.
        location: Where what is created is found.
        cursor: Of a route with a `page`: how its list is paged.
        listing: Of a route with a `ListRequest`: its list.
        dependencies: Functions that make parameters of the handler, by name, of any others; in order, before the connection.
        faults: What is wrong with what was sent, beside its types; with parameters as the handler's, the body by its type.
        check: The same, of what raises.
        within: Makes an async context manager around connection and handler: what bounds how many work at once, or counts
            what is refused. With parameters as `dependencies`.
        then: Runs after the commit; `made` is what the handler returned.
        request_max_body_size: In bytes.

    The others are those of `Described`, and options of the route (guard.py, request_bodies.py, unread_input.py).
    """

    access: Required[Access]
    status_code: int
    location: Location
    cursor: Cursor
    listing: Listing[Any]
    dependencies: Mapping[str, Callable[..., Any]]
    faults: Callable[..., Iterable[Fault]]
    check: Callable[..., Any]
    within: Callable[..., AbstractAsyncContextManager[None]]
    then: Callable[..., Any]
    request_max_body_size: int
    message: str
    answer: Any
    example: Any
    body: Any
    body_is_required: bool
    body_example: Any
    body_examples: Mapping[str, str]
    also: Mapping[str, str]
    form: Form
    query: Any
    repeatable: bool
    key_is_required: bool
    conditional: bool
    problems: tuple[type[QuoteServiceError], ...]
    headers: Mapping[str, str]
    request_headers: Mapping[str, str]
    unchanged: bool
    refused: Refused
    tag: str
    media_types: tuple[str, ...]
    is_import: bool
    counts_itself: bool
    passes_over: bool


_OPTIONS = frozenset({"media_types", "is_import", "counts_itself", "passes_over"})


class Endpoint(HTTPRouteHandler):
    """A route of the framework, with a handler of ours behind it."""

    def __init__(self, method: Any, path: str, declared: Declared) -> None:
        self._declared = declared
        super().__init__(
            path,
            http_method=method,
            status_code=declared.get("status_code"),
            request_max_body_size=declared.get("request_max_body_size", Empty),
            opt={
                "access": declared["access"],
                **{name: reported for name, reported in declared.items() if name in _OPTIONS},
            },
        )

    def __call__(self, fn: Callable[..., Any]) -> "Endpoint":
        """Take the handler: what the framework calls reads for it, opens, calls it and writes."""
        declared = self._declared
        del self._declared  # the framework copies routes with all that they hold
        sources = Sources(declared.get("cursor"), declared.get("listing"))
        dependencies = declared.get("dependencies", {})
        sources.of_handler(fn, dependencies)
        made = {*dependencies, "made"}

        def step(function: Callable[..., Any], makes: str | None = None) -> Step:
            return Step(function, sources.of_step(function, made), makes, inspect.iscoroutinefunction(function))

        before = [step(function, name) for name, function in dependencies.items()]
        before += [step(declared["check"])] if "check" in declared else []
        before += [step(refusing(declared["faults"]))] if "faults" in declared else []
        within = step(declared["within"]) if "within" in declared else None
        after = [step(declared["then"])] if "then" in declared else []
        returned = inspect.signature(fn).return_annotation
        described = described_by(returned, sources, declared)
        self.opt["described"] = described
        writer = writer_of(returned, described, declared.get("location"), self.status_code)
        work = Work(fn, sources, tuple(before), within, tuple(after), writer, declared.get("cursor"))
        super().__call__(_as_handler(fn, work, self.status_code))
        self._path = tuple(sources.path)
        return self

    def create_kwargs_model(self, path_parameters: dict[str, Any]) -> Any:
        """As the framework's, once its path has what the handler takes of it."""
        if missing := {*self._path} - path_parameters.keys():
            raise ImproperlyConfiguredException(f"{self.fn.__qualname__} takes {missing}, which its path has not")
        return super().create_kwargs_model(path_parameters)


def refusing(faults: Callable[..., Iterable[Fault]]) -> Callable[..., None]:
    """A function that raises for every fault that another finds."""

    @functools.wraps(faults)
    def refuse(*given: Any, **named: Any) -> None:
        if found := tuple(faults(*given, **named)):
            raise Invalid.because(found)

    return refuse


def _as_handler(fn: Callable[..., Any], work: Work, status: int) -> Callable[..., Any]:
    """What the framework sees: a function of the request, which is all that it has to read for it."""

    async def handle(request: AnyRequest) -> Response[bytes]:
        return await work.answer(request)

    if status == 204:
        handle.__annotations__["return"] = Response[None]
    handle.__name__, handle.__qualname__, handle.__module__ = fn.__name__, fn.__qualname__, fn.__module__
    handle.__doc__ = fn.__doc__
    return handle


def get(path: str = "/", **declared: Unpack[Declared]) -> Endpoint:
    """A route that reads."""
    return Endpoint("GET", path, declared)


def post(path: str = "/", **declared: Unpack[Declared]) -> Endpoint:
    """A route that creates, or does something: 201 unless it says otherwise."""
    return Endpoint("POST", path, declared)


def put(path: str = "/", **declared: Unpack[Declared]) -> Endpoint:
    """A route that replaces."""
    return Endpoint("PUT", path, declared)


def patch(path: str = "/", **declared: Unpack[Declared]) -> Endpoint:
    """A route that changes some fields."""
    return Endpoint("PATCH", path, declared)


def delete(path: str = "/", **declared: Unpack[Declared]) -> Endpoint:
    """A route that removes: 204 unless it says otherwise."""
    return Endpoint("DELETE", path, declared)
