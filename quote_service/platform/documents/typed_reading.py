"""Plain values to typed ones, finding every field that does not fit and not only the first.

msgspec stops at the first fault, and turns numbers into binary floats on their way to a custom type. So containers are
walked here, along the annotations of the structs, and msgspec checks the leaves.

Source: docs/spec/wire.md#time; docs/spec/wire.md#errors.
"""

import re
import types
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from quote_service.platform.documents.exact_json import UnreadableNumber, below
from quote_service.platform.documents.renamed import renamed_fields
from quote_service.platform.money.numbers import ExactNumber, NotANumber, read_number
from quote_service.platform.system.errors import Fault

_UNKNOWN_MAX = 100  # that are reported of one object: a body can hold one every few bytes
_FINER_THAN_MICROSECONDS = re.compile(r"\.[0-9]{6}[0-9]*[1-9]")
_OFFSET_WITHOUT_COLON = re.compile(r"[+-][0-9]{4}\Z")  # which ISO 8601 has, and RFC 3339 has not
_OUR_NUMBERS = re.compile(r"got (ExactNumber|_AsWritten)")
_UNION_ORIGINS = (Union, types.UnionType)


class _Refused:
    """Stands for a value that has been found wanting, so that nothing is built from it."""


REFUSED = _Refused()


class TypedReader:
    """Reads values along annotations; `faults` grows in the order of the annotations."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def read(self, value: Any, hint: Any, pointer: str) -> Any:
        """The value as the hint wants it, or REFUSED with at least one more fault."""
        if isinstance(value, UnreadableNumber):
            return REFUSED  # content_faults has reported it
        origin = get_origin(hint)
        if origin is Annotated:
            return self._read_annotated(value, hint, pointer)
        if origin in _UNION_ORIGINS:
            return self._read_union(value, hint, pointer)
        if origin is Literal:
            return self._read_choice(value, get_args(hint), pointer)
        if origin in (list, tuple, set, frozenset) or hint in (list, set, frozenset):
            return self._read_entries(value, origin or hint, get_args(hint), pointer)
        if origin is dict or hint is dict:
            return self._read_mapping(value, get_args(hint) or (str, Any), pointer)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            return self._read_struct(value, hint, pointer)
        if hint is Any or hint is object:
            return value
        return self._read_leaf(value, hint, pointer)

    def _fault(self, pointer: str, detail: str) -> _Refused:
        self.faults.append(Fault(pointer, detail))
        return REFUSED

    def _read_struct(self, value: Any, kind: type[msgspec.Struct], pointer: str) -> Any:
        if not isinstance(value, dict):
            return self._fault(pointer, "must be an object")
        members: dict[str, Any] = {}
        renamed = renamed_fields(kind)
        for field, wire_name, hint in fields_of(kind):
            name = renamed.get(wire_name, wire_name)
            given = wire_name if name not in value else name
            if given in value:
                members[field.name] = self.read(value[given], hint, below(pointer, given))
                if given != wire_name and value.get(wire_name, value[name]) != value[name]:
                    members[field.name] = self._fault(below(pointer, name), differs_from_former(wire_name))
            elif field.required:
                members[field.name] = self._fault(below(pointer, name), "is required")
        config = kind.__struct_config__
        if config.forbid_unknown_fields:
            known = {wire_name for _, wire_name, _ in fields_of(kind)} | {config.tag_field, *renamed.values()}
            for name in islice((name for name in value if name not in known), _UNKNOWN_MAX):
                self._fault(below(pointer, name), "is not a known field")
        if any(member is REFUSED for member in members.values()):
            return REFUSED
        try:
            return kind(**members)
        except (ValueError, TypeError) as refused:  # of a __post_init__, whose messages are fit for a client
            return self._fault(pointer, str(refused))

    def _read_entries(
        self, value: Any, kind: Callable[[list[Any]], Any], arguments: tuple[Any, ...], pointer: str
    ) -> Any:
        if not isinstance(value, list):
            return self._fault(pointer, "must be a list")
        hint = arguments[0] if arguments else Any
        if kind is tuple and arguments[1:] != (...,):
            if len(value) != len(arguments):
                return self._fault(pointer, f"must be a list of {len(arguments)}")
            hints = arguments
        else:
            hints = (hint,) * len(value)
        entries = [
            self.read(entry, each, f"{pointer}/{index}")
            for index, (entry, each) in enumerate(zip(value, hints, strict=True))
        ]
        return REFUSED if any(entry is REFUSED for entry in entries) else kind(entries)

    def _read_mapping(self, value: Any, arguments: tuple[Any, ...], pointer: str) -> Any:
        if not isinstance(value, dict):
            return self._fault(pointer, "must be an object")
        names = {name: self.read(name, arguments[0], below(pointer, name)) for name in value}
        entries = {name: self.read(entry, arguments[1], below(pointer, name)) for name, entry in value.items()}
        if any(part is REFUSED for part in (*names.values(), *entries.values())):
            return REFUSED
        return {names[name]: entry for name, entry in entries.items()}

    def _read_union(self, value: Any, hint: Any, pointer: str) -> Any:
        members = get_args(hint)
        if value is None and type(None) in members:
            return None
        kinds = tuple(member for member in members if member not in (type(None), msgspec.UnsetType))
        if len(kinds) == 1:
            return self.read(value, kinds[0], pointer)
        return self._read_leaf(value, Union[kinds], pointer)  # noqa: UP007 (made at run time)

    def _read_choice(self, value: Any, choices: tuple[Any, ...], pointer: str) -> Any:
        # By type as well: True is equal to 1.
        if any(type(value) is type(choice) and value == choice for choice in choices):
            return value
        return self._fault(pointer, f"must be one of {', '.join(map(str, choices))}")

    def _read_annotated(self, value: Any, hint: Any, pointer: str) -> Any:
        inner, *notes = get_args(hint)
        constraints = [note for note in notes if isinstance(note, msgspec.Meta)]
        kind = get_origin(inner) or inner
        if kind in (list, tuple, set, frozenset, dict):
            outline = dict[str, Any] if kind is dict else list[Any]
            if isinstance(value, (list, dict)):
                checked = self._read_leaf(value, Annotated[(outline, *constraints)], pointer)
                if checked is REFUSED:
                    return REFUSED
            return self.read(value, inner, pointer)
        if isinstance(inner, type) and issubclass(inner, Decimal):
            return self.read(value, inner, pointer)
        if inner in (int, float, str, datetime):
            return self._read_leaf(value, hint, pointer)
        return self.read(value, inner, pointer)

    def _read_leaf(self, value: Any, hint: Any, pointer: str) -> Any:
        kind = get_args(hint)[0] if get_origin(hint) is Annotated else hint
        try:
            if isinstance(kind, type) and issubclass(kind, Decimal):
                return read_number(value)
            if kind is float and isinstance(value, (int, Decimal)) and not isinstance(value, bool):
                value = float(value)
            if kind is datetime and isinstance(value, str):
                return _read_instant(value, hint)
            return msgspec.convert(value, hint, dec_hook=_read_custom)
        except UnicodeEncodeError:
            return REFUSED  # half a surrogate pair: content_faults has reported it
        except NotANumber as refused:
            return self._fault(pointer, str(refused))
        except msgspec.ValidationError as refused:
            return self._fault(pointer, sentence_of(str(refused)))


def _read_custom(kind: type, value: Any) -> Any:
    if issubclass(kind, ExactNumber):
        return read_number(value)
    raise TypeError(f"{kind.__name__} cannot be read from JSON")


def _read_instant(text: str, hint: Any) -> datetime:
    if _FINER_THAN_MICROSECONDS.search(text):
        raise msgspec.ValidationError("must not be finer than microseconds")
    if _OFFSET_WITHOUT_COLON.search(text):
        raise msgspec.ValidationError("Invalid RFC3339 encoded datetime")
    instant: datetime = msgspec.convert(text, hint)
    try:
        return instant.astimezone(UTC) if instant.tzinfo else instant
    except OverflowError:
        raise msgspec.ValidationError("the instant is out of range") from None


NOT_A_UUID = "must be a UUID"


def differs_from_former(name: str) -> str:
    """Why a field cannot be accepted that was sent under both its names."""
    return f"differs from {name}, its former name; send one of them"


def sentence_of(message: str) -> str:
    """msgspec's message without its own path and marks; the pointer says where."""
    plain = _OUR_NUMBERS.sub("got a decimal number", message.split(" - at `")[0].replace("`", ""))
    if "datetime with a timezone component" in plain:
        return "a time needs its offset from UTC, or Z"
    if plain == "Invalid UUID" or plain.startswith(("Expected uuid,", "Expected uuid |")):
        return NOT_A_UUID
    if plain.startswith("Invalid RFC3339"):
        return "is not an RFC 3339 date and time"
    return plain[:1].lower() + plain[1:]


@cache
def fields_of(kind: type[msgspec.Struct]) -> tuple[tuple[msgspec.structs.FieldInfo, str, Any], ...]:
    """The fields of a struct, each with its name in JSON and its type."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple((field, field.encode_name, hints[field.name]) for field in msgspec.structs.fields(kind))
