"""Admin bodies and answers: typed documents in, exact JSON out.

Source: docs/spec/wire.md#paths-and-envelopes.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar, cast

import msgspec

from quote_service.platform.documents.exact_json import content_faults, parse_json
from quote_service.platform.documents.renamed import with_both_names
from quote_service.platform.documents.typed_reading import REFUSED, TypedReader
from quote_service.platform.system.errors import Fault, Invalid

Document = TypeVar("Document")
FAULTS_MAX = 100  # a body can hold a fault every few bytes, and the answer repeats each


class Row(NamedTuple):
    """One entry of a bulk request: its position, and what was read or every fault (pointers from the whole body)."""

    position: int
    value: Any
    faults: tuple[Fault, ...]


def read_document(body: bytes, kind: type[Document]) -> Document:
    """Read a JSON body as an instance of a struct (or any annotation made of structs, lists and dicts).

    Raises:
        Malformed: The body is no JSON document.
        Invalid: With every field that cannot be accepted, in the order of the struct; at most FAULTS_MAX of them.
    """
    return read_value(parse_json(body), kind)


def read_value(value: Any, kind: type[Document], pointer: str = "") -> Document:
    """As `read_document`, for a part that is parsed already (a field declared Any); `pointer` says where it stood.

    Raises:
        Invalid: As above.
    """
    read, faults = _read(value, kind, pointer)
    if faults:
        raise Invalid.because(faults[:FAULTS_MAX])
    return cast("Document", read)


def read_rows(body: bytes, kind: type[Any]) -> list[Row]:
    """Read a JSON list, each entry on its own: a bad one does not spoil the others.

    Raises:
        Malformed: The body is no JSON document.
        Invalid: It is no list.
    """
    entries = parse_json(body)
    if not isinstance(entries, list):
        raise Invalid.at("", "must be a list")
    return list(read_rows_of(entries, kind, ""))


def read_around(body: bytes, kind: type[Document], name: str) -> tuple[Document, list[Any]]:
    """As `read_document`, of an object whose list `name` is left for `read_rows_of`: its entries as they are parsed.

    Raises:
        Malformed, Invalid: As above; what is wrong within the entries is for whoever reads them.
    """
    value = parse_json(body)
    entries = value.get(name) if isinstance(value, dict) else None
    if not isinstance(entries, list):
        return read_value(value, kind), []
    return read_value({**value, name: []}, kind), entries


def read_rows_of(entries: Iterable[Any], kind: type[Any], pointer: str) -> Iterator[Row]:
    """As `read_rows`, one after the other, for a list that is parsed already; `pointer` says where it stood."""
    for index, entry in enumerate(entries):
        value, faults = _read(entry, kind, f"{pointer}/{index}")
        yield Row(index, None if faults else value, faults[:FAULTS_MAX])


def write_document(value: Any) -> bytes:
    """The JSON of an answer or an event: renamed fields under both names, decimals as numbers with their digits, instants as RFC 3339, UUIDs as text.

    Instants come out with `Z` because all that are held are in UTC: bodies are read so, and PostgreSQL answers so.
    """
    return _ENCODER.encode(with_both_names(value))


def document_text(value: Any) -> str:
    """As `write_document`, for a JSON column."""
    return write_document(value).decode()


def envelope(data: Any, message: str) -> bytes:
    """A success answer; `data` may be `msgspec.Raw` for bytes that are JSON already."""
    return _ENCODER.encode({"success": True, "message": message, "data": with_both_names(data)})


def list_envelope(rows: Iterable[Any], next_cursor: str | None) -> bytes:
    """One page of a list; `next_cursor` is None on the last."""
    return _ENCODER.encode(
        {"success": True, "data": [with_both_names(row) for row in rows], "next_cursor": next_cursor}
    )


def listed_envelope(
    rows: Iterable[Any], next_cursor: str | None, previous_cursor: str | None, total: Any | None
) -> bytes:
    """One page of a declared list; a cursor is None where there is no such page, and `total` where it is not asked for."""
    shown = [with_both_names(row) for row in rows]
    document = {"success": True, "data": shown, "next_cursor": next_cursor, "previous_cursor": previous_cursor}
    return _ENCODER.encode(document if total is None else {**document, "total": total})


def row_line(row: Any) -> bytes:
    """A row as a line of its own."""
    return write_document(row) + b"\n"


def _read(value: Any, kind: Any, pointer: str) -> tuple[Any, tuple[Fault, ...]]:
    reader = TypedReader()
    read = reader.read(value, kind, pointer)
    # A place that is of the wrong type and holds odd text too is named once.
    found = {fault.pointer: fault for fault in (*reader.faults, *content_faults(value, pointer))}
    assert found or read is not REFUSED  # what is refused without a fault would be lost
    return read, tuple(found.values())


def _write_custom(value: Any) -> Any:
    if isinstance(value, Decimal):  # a subclass: msgspec writes only Decimal itself
        return msgspec.Raw(str(value).encode())
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_ENCODER = msgspec.json.Encoder(enc_hook=_write_custom, decimal_format="number", uuid_format="canonical")
