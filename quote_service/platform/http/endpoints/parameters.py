"""Where each parameter of a handler comes from: by its name, or by its type.

Source: docs/decisions/endpoints.md.
"""

import inspect
from collections.abc import Callable, Container, Iterable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, TypeAlias, TypeVar, get_args, get_origin

from litestar import Request
from litestar.params import FromPath

from quote_service.platform.callers.access import Caller
from quote_service.platform.callers.sessions import Visit
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.callers import caller_of, change_of, visit_of
from quote_service.platform.http.cursors import Page, read_filters, read_page
from quote_service.platform.http.endpoints.connections import Created, Opened
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.lists.listing import Listing, ListRequest
from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.changes import Author
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.preconditions import Precondition

Read = Callable[[AnyRequest], Any]
_FROM_PATH = FromPath[str].__metadata__  # type: ignore[attr-defined]
_BY_TYPE: Mapping[Any, Read] = {
    Request: lambda request: request,
    Caller: caller_of,
    Author: change_of,
    Parts: parts_of,
    Precondition: precondition_of,
    Visit: visit_of,
}


class _OrDefault:
    """A body that may be left out."""


class _AsSent:
    """A body that is not read here."""


_Body = TypeVar("_Body")
#: The body; where there is none, the struct with all its defaults.
OptionalBody: TypeAlias = Annotated[_Body, _OrDefault()]
#: The body as it was sent, for what is read another way; what it has to be is declared as `body`.
RawBody: TypeAlias = Annotated[bytes, _AsSent()]


class BodyOf(NamedTuple):
    """What the body is read as, and whether there must be one; `kind` is bytes of one that is not read here."""

    kind: Any
    is_required: bool

    @classmethod
    def of(cls, kind: Any, marks: Iterable[object]) -> "BodyOf":
        """What a parameter of this type, with these marks, is read as."""
        if any(isinstance(mark, _AsSent) for mark in marks):
            return _SENT
        is_optional = any(isinstance(mark, _OrDefault) for mark in marks)
        return cls(get_args(kind)[0] if is_optional else kind, not is_optional)

    def read(self, body: bytes) -> Any:
        """The body, or what stands for none.

        Raises:
            Malformed, Invalid: As `read_document`.
        """
        if self.kind is bytes:
            return body
        return read_document(body, self.kind) if body or self.is_required else self.kind()


_SENT = BodyOf(bytes, is_required=True)


class Sources:
    """Where the parameters of a handler, and of what runs before and after it, come from.

    Attributes:
        path: Types of path parameters by name.
        reads: What is read of the request by name, the query first.
        body: What the body is read as.
        query: The struct of the query's parameters.
        is_page: Whether a page of a list is asked for.
        opened: How the connection is opened, and `connection` the name of its parameter; of a change its author is read
            under that name.
        late: Parameters that are read once the connection is open: the instant of a change is within its transaction.
    """

    def __init__(self, cursor: Cursor | None, listing: Listing[Any] | None) -> None:
        self._cursor = cursor
        self._listing = listing
        self.path: dict[str, Any] = {}
        self.reads: dict[str, Read] = {}
        self.late: dict[str, Read] = {}
        self.body: BodyOf | None = None
        self.query: Any = None
        self.is_page = False
        self.is_conditional = False
        self.opened: Opened | Created | None = None
        self.connection = ""

    def of_handler(self, function: Callable[..., Any], made: Container[str]) -> None:
        """Find the source of each parameter of the handler but those that are `made` on the way.

        Raises:
            TypeError: A parameter has a type that nothing is known to come from.
        """
        for parameter in inspect.signature(function).parameters.values():
            if parameter.name not in made:
                self._find(parameter)
        self.late = {name: self.reads.pop(name) for name, read in [*self.reads.items()] if read is change_of}

    def of_step(self, function: Callable[..., Any], made: Container[str]) -> dict[str, str]:
        """Find those of what runs before the handler or after it: by its parameter, the name that it has here.

        What the handler takes as well is the same: by its name, and the body by its type. What has a default keeps it.

        Raises:
            TypeError: As of a handler; or it takes the body as it was sent, which is read or made here as something else.
        """
        taken = {}
        for parameter in inspect.signature(function).parameters.values():
            name = self._name(parameter)
            if parameter.annotation == RawBody and (name in made or self.body not in (None, _SENT)):
                raise TypeError(
                    f"{function.__qualname__} takes the body as it was sent, and `{name}` is something else"
                )
            is_known = name in made or name in self.reads or name in self.path or (name == "data" and self.body)
            if name in self.late:
                self.reads[name] = self.late.pop(name)
            elif not is_known and parameter.default is not inspect.Parameter.empty:
                continue
            elif not is_known:
                self._find(parameter)
            taken[parameter.name] = name
        return taken

    def _name(self, parameter: inspect.Parameter) -> str:
        if self.body is None:
            return parameter.name
        kinds = get_args(parameter.annotation) or (parameter.annotation,)
        return "data" if self.body.kind in kinds else parameter.name

    def _find(self, parameter: inspect.Parameter) -> None:
        name, kind = parameter.name, parameter.annotation
        marks = kind.__metadata__ if get_origin(kind) is Annotated else ()
        opened = next((mark for mark in marks if isinstance(mark, (Opened, Created))), None)
        if opened is not None:
            self.opened, self.connection = opened, name
            if get_args(kind)[0] is Change:
                self.reads[name] = change_of
        elif marks == _FROM_PATH:
            self.path[name] = kind
        elif name == "data":
            self.body = BodyOf.of(kind, marks)
        elif name == "query":
            self.query = kind
            self.reads = {name: lambda request: read_filters(request.scope["query_string"], kind), **self.reads}
        elif get_origin(kind) is Page:
            self.reads = {name: self._page(*get_args(kind)), **self.reads}
        else:
            self.is_conditional |= kind is Precondition
            self.reads[name] = self._by_type(kind)

    def _page(self, filters: Any, key: Any) -> Read:
        if self._cursor is None:
            raise TypeError("a route that is asked for a page has a `cursor`")
        name = self._cursor.name
        self.query, self.is_page = filters, True
        return lambda request: read_page(request.scope["query_string"], name, filters, key)

    def _by_type(self, kind: Any) -> Read:
        outline = get_origin(kind) or kind
        if outline is ListRequest:
            listing = self._listing
            if listing is None:
                raise TypeError("a route that is asked for a declared list has a `listing`")
            return lambda request: ListRequest(listing, request)
        if outline in _BY_TYPE:
            return _BY_TYPE[outline]
        if outline is UnionType and get_args(kind)[1:] == (NoneType,):
            part = get_args(kind)[0]
            return lambda request: parts_of(request).find(part)
        if isinstance(kind, type):
            return lambda request: parts_of(request)[kind]
        raise TypeError(f"nothing is known to come as {kind}")


class Step(NamedTuple):
    """What runs before or after the handler.

    Attributes:
        function: What is run.
        takes: By its parameter, the name that it has here.
        makes: The parameter that it makes, if one.
        is_awaited: Whether it is a coroutine function.
    """

    function: Callable[..., Any]
    takes: Mapping[str, str]
    makes: str | None
    is_awaited: bool

    async def run(self, given: Mapping[str, Any]) -> Any:
        """What it returns."""
        made = self.function(**{parameter: given[name] for parameter, name in self.takes.items()})
        return await made if self.is_awaited else made
