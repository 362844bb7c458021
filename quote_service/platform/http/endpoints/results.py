"""What a handler may return beside the data itself, and the answer that is made of it.

Source: docs/spec/wire.md#paths-and-envelopes; docs/spec/wire.md#etags.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Annotated, Any, Generic, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from quote_service.platform.documents.documents import envelope, write_document
from quote_service.platform.system.preconditions import version_tag

Data = TypeVar("Data")


class Tag(NamedTuple):
    """Where the strong ETag of what is returned comes from: the names of its id and of its version."""

    id: str = "id"
    version: str = "version"


#: Data with an id and a version, answered with its ETag.
Tagged: TypeAlias = Annotated[Data, Tag()]


@dataclass(frozen=True, slots=True)
class Answer(Generic[Data]):
    """Data, and what its answer has of its own.

    Attributes:
        data: What is answered.
        message: Instead of the route's.
        headers: Beside those of the route.
        status: Instead of the route's.
        customer_id: Whom an answer tells of that is kept under an Idempotency-Key: it is erased with the customer.
        noted: What `then` is to know besides.
    """

    data: Data
    message: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    customer_id: UUID | None = None
    noted: Any = None


class Location(NamedTuple):
    """Where what a request created is found.

    Attributes:
        path: With names of the handler's parameters in braces, and of attributes of the data.
        meaning: What is found there.
    """

    path: str
    meaning: str


class Cursor(NamedTuple):
    """How a list is paged.

    Attributes:
        name: Of the list; a cursor of another list is refused.
        key: What the next page starts after: attributes of a row, or a function of it.
    """

    name: str
    key: tuple[str, ...] | Callable[[Any], tuple[Any, ...]]

    def key_of(self, row: Any) -> tuple[Any, ...]:
        """The key of a row."""
        return tuple(getattr(row, name) for name in self.key) if isinstance(self.key, tuple) else self.key(row)


class Written(NamedTuple):
    """An answer as it is sent."""

    status: int
    body: bytes
    headers: dict[str, str]
    customer_id: UUID | None = None


class Writer:
    """Makes answers of what a handler returns.

    Args:
        status: Of the answer.
        message: Of the envelope; None where there is no envelope.
        location: Where what is created is found.
        tag: Of what has versions.
    """

    __slots__ = ("_location", "_message", "_tag", "status")

    def __init__(self, status: int, message: str | None, location: Location | None, tag: Tag | None) -> None:
        self.status = status
        self._message = message
        self._tag = tag
        path = "" if location is None else location.path
        self._location = tuple((text, name) for text, name, _, _ in Formatter().parse(path))

    def write(self, made: Any, given: Mapping[str, Any]) -> Written:
        """The answer for what was made; `given` are the handler's parameters."""
        if isinstance(made, Answer):
            reported = self._written(made.data, made.message or self._message, given)
            headers = {**reported.headers, **made.headers}
            return Written(made.status or reported.status, reported.body, headers, made.customer_id)
        return self._written(made, self._message, given)

    def _written(self, data: Any, message: str | None, given: Mapping[str, Any]) -> Written:
        headers = {}
        if self._location:
            location = ""
            for text, name in self._location:
                location += text if name is None else f"{text}{given[name] if name in given else getattr(data, name)}"
            headers["Location"] = location
        if self._tag is not None:
            headers["ETag"] = version_tag(str(getattr(data, self._tag.id)), getattr(data, self._tag.version))
        body = write_document(data) if message is None else envelope(data, message)
        return Written(self.status, body, headers)
