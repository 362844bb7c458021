"""What an answer shows and a request cannot write: it may be sent back with the rest.

Whoever changes one member of what a GET shows sends all of it, `version` and `created_at` included.

Source: docs/spec/wire.md#sending-back-what-is-shown.
"""

from typing import Any, TypeVar, get_args, get_origin
from uuid import UUID

import msgspec

from quote_service.platform.documents.documents import read_value
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.documents.renamed import renamed_fields
from quote_service.platform.documents.typed_reading import fields_of
from quote_service.platform.system.errors import Invalid

Document = TypeVar("Document", bound=msgspec.Struct)


def read_replacement(body: bytes, kind: type[Document], shown: type[msgspec.Struct], object_id: UUID) -> Document:
    """Read a JSON body as `read_document` does, passing over what only answers have.

    Raises:
        Malformed, Invalid: As `read_document`; also for the `id` of something else.
    """
    return read_value(written_members(body, kind, shown, object_id), kind)


def written_members(body: bytes, kind: type[msgspec.Struct], shown: type[msgspec.Struct], object_id: UUID) -> Any:
    """A JSON body, without what only answers have.

    Args:
        body: What was sent.
        kind: What can be written.
        shown: What a GET answers, whose members that `kind` has not are passed over, at every level.
        object_id: Of what is replaced.

    Raises:
        Malformed: The body is no JSON document.
        Invalid: It has the `id` of something else.
    """
    document = parse_json(body)
    if isinstance(document, dict) and "id" in document and document["id"] != str(object_id):
        raise Invalid.at("/id", "is not the id of what is replaced; leave it out")
    _leave_out(document, kind, shown)
    return document


def _leave_out(value: Any, kind: Any, shown: Any) -> None:
    """Take away in place: an object knows which of its names stood twice."""
    kind, shown = _plain(kind), _plain(shown)
    if isinstance(value, list) and get_origin(kind) is list and get_origin(shown) is list:
        for entry in value:
            _leave_out(entry, *get_args(kind), *get_args(shown))
    elif isinstance(value, dict) and _is_struct(kind) and _is_struct(shown):
        known, answered = _hints(kind), _hints(shown)
        for name in (answered.keys() - known.keys()) & value.keys():
            del value[name]
        for name in answered.keys() & known.keys() & value.keys():
            _leave_out(value[name], known[name], answered[name])


def _plain(hint: Any) -> Any:
    """The hint without what is noted of it."""
    return getattr(hint, "__origin__", hint) if hasattr(hint, "__metadata__") else hint


def _is_struct(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)


def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    hints = {wire_name: hint for _, wire_name, hint in fields_of(kind)}
    return hints | {name: hints[former] for former, name in renamed_fields(kind).items()}
