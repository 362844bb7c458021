"""The query of a list: `limit`, an opaque `cursor` and filters named as the fields.

A cursor is the key of the last row of a page (keyset pagination: a page costs the same however deep it lies), with the
name of its list, so that a cursor of one list is refused by another. It is not secret: it holds nothing that the
page did not show, and every value in it is checked against its type like any other input.

Source: docs/spec/wire.md#lists.
"""

import base64
import binascii
import re
from datetime import datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, NamedTuple, TypeVar, Union, cast, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec

from quote_service.platform.documents.exact_json import below, content_faults, parse_json
from quote_service.platform.documents.renamed import renamed_fields, without_renaming
from quote_service.platform.documents.typed_reading import REFUSED, TypedReader, differs_from_former, sentence_of
from quote_service.platform.system.errors import Fault, Invalid, Malformed

LIMIT_DEFAULT = 50
LIMIT_MAX = 200
_CURSOR_LENGTH_MAX = 1024
_NAMES_MAX = 100
_WHOLE = re.compile(r"-?[0-9]{1,20}")

Filters = TypeVar("Filters", bound=msgspec.Struct)
Key = TypeVar("Key", bound=tuple[Any, ...])


class NoFilters(msgspec.Struct, frozen=True):
    """A list that is not filtered."""


class Page(NamedTuple, Generic[Filters, Key]):
    """What a list was asked for: at most `limit` rows after the row with the key `after` (None: from the start)."""

    filters: Filters
    limit: int
    after: Key | None

    @property
    def after_id(self) -> Any:
        """The key of a list that has but one value to it."""
        return None if self.after is None else self.after[0]


def read_page(query: bytes, name: str, filters: type[Filters], key: type[Key]) -> Page[Filters, Key]:
    """Read the query string of a list.

    Args:
        query: As it stands in the URL (`request.scope["query_string"]`).
        name: The list's name, such as "commission-rates".
        filters: A struct with one optional field a filter; a text in the query is read as the field's type.
        key: The type of the sort key, such as `tuple[datetime, UUID]`.

    Raises:
        Invalid: With every parameter that is unknown, repeated or unreadable, as `/query/<name>`.
    """
    given, faults = read_names(query)
    limit, after = read_limit(given, faults), None
    if (text := given.pop("cursor", None)) is not None:
        after = read_cursor(text, name, key)
        if after is None:
            faults.append(Fault("/query/cursor", "is not a cursor of this list"))
    return Page(_read_filters(given, faults, filters), limit, after)


def read_filters(query: bytes, filters: type[Filters]) -> Filters:
    """Read the query string of what is no list: as `read_page`, without `limit` and `cursor`.

    Raises:
        Invalid: As above.
    """
    return _read_filters(*read_names(query), filters)


def write_cursor(name: str, key: tuple[Any, ...]) -> str:
    """The cursor behind a row, made of its sort key."""
    return base64.urlsafe_b64encode(msgspec.json.encode([name, *key])).decode().rstrip("=")


def read_limit(given: dict[str, str], faults: list[Fault]) -> int:
    """The most rows of a page, taken out of what is given; one more fault where it is none."""
    text = given.pop("limit", None)
    if text is None:
        return LIMIT_DEFAULT
    if text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= LIMIT_MAX:
        return int(text)
    faults.append(Fault("/query/limit", f"must be a whole number from 1 to {LIMIT_MAX}"))
    return LIMIT_DEFAULT


def read_cursor(text: str, name: str, key: type[Key]) -> Key | None:
    """The key in a cursor; None where it is no cursor of this list."""
    if len(text) > _CURSOR_LENGTH_MAX or not text.isascii():
        return None
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        parts = parse_json(packed)
    except (binascii.Error, ValueError, Malformed):
        return None
    if not isinstance(parts, list) or parts[:1] != [name] or any(content_faults(parts)):
        return None
    reader = TypedReader()
    found = reader.read(parts[1:], key, "")
    return None if found is REFUSED else cast("Key", found)


def _read_filters(given: dict[str, str], faults: list[Fault], filters: type[Filters]) -> Filters:
    found = read_named(given, faults, filters)
    faults += [Fault(below("/query", unknown), "is not a known parameter") for unknown in given]
    if faults or found is None:
        raise Invalid.because(tuple(faults))
    return found


def read_named(given: dict[str, str], faults: list[Fault], filters: type[Filters]) -> Filters | None:
    """The parameters that a struct names, taken out of what is given; more faults, and None, where one is unreadable."""
    values, known = {}, len(faults)
    renamed = renamed_fields(filters)
    for field in msgspec.structs.fields(filters):
        name = renamed.get(field.encode_name, field.encode_name)
        former = given.pop(field.encode_name, None)
        sent = name if name in given else field.encode_name
        text = given.pop(name, former)
        if text is None:
            if field.required:
                faults.append(Fault(f"/query/{name}", "is required"))
            continue
        if former is not None and former != text:
            faults.append(Fault(f"/query/{name}", differs_from_former(field.encode_name)))
            continue
        value = _read_text(text, _given_type(without_renaming(field.type)), f"/query/{sent}", faults)
        if value is not REFUSED:
            values[field.name] = value
    return filters(**values) if len(faults) == known else None


def _read_text(text: str, kind: Any, pointer: str, faults: list[Fault]) -> Any:
    """A text of a query as a type; REFUSED, and one more fault, where it is none."""
    outline = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if outline is datetime:
        reader = TypedReader()
        value = reader.read(text, kind, pointer)
        faults += reader.faults
        return value
    # msgspec would take 5.0 and 1e2 for whole numbers too.
    if outline is int and not _WHOLE.fullmatch(text):
        faults.append(Fault(pointer, "must be a whole number"))
        return REFUSED
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as refused:
        faults.append(Fault(pointer, sentence_of(str(refused))))
        return REFUSED


def _given_type(hint: Any) -> Any:
    """The type of a filter that is given: msgspec would read the text `null` as one that is not, and find everything."""
    kinds = [kind for kind in get_args(hint) if kind is not NoneType] if get_origin(hint) in (Union, UnionType) else []
    return kinds[0] if len(kinds) == 1 else hint


def read_names(query: bytes) -> tuple[dict[str, str], list[Fault]]:
    """Every parameter of a query, and a fault for each that cannot be taken as it is."""
    try:
        pairs = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_NAMES_MAX, separator="&"
        )
    except ValueError:  # not ASCII, not UTF-8 when unescaped, or too many
        raise Invalid.at("/query", "the query cannot be read") from None
    given: dict[str, str] = {}
    faults = []
    for name, text in pairs:
        parameter = below("/query", name)
        if name in given:
            faults.append(Fault(parameter, "is given more than once"))
        elif "\x00" in text:
            faults.append(Fault(parameter, "must not contain U+0000"))
        else:
            given[name] = text
    return given, faults
