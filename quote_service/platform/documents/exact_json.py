"""JSON bytes to plain Python values, exactly: no number becomes a binary float, nothing repeated is lost.

Integers come as int, other numbers as ExactNumber with the digits that were written. What JSON allows and this service
does not (a name given twice, a number past all bounds, text that PostgreSQL cannot hold) comes with a pointer to it.

Source: docs/spec/wire.md#money; docs/spec/wire.md#errors; docs/spec/access.md#bounds-on-requests.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from quote_service.platform.documents.exact_documents import read_integer
from quote_service.platform.money.numbers import ExactNumber, NotANumber, read_number
from quote_service.platform.system.errors import Fault, Malformed

DEPTH_MAX = 64
#: Of a document whose bound is not another: what stands in it is read in no time that grows past that.
VALUES_MAX = 100_000
MAGNITUDE_MAX = 308  # as far as a double of the reader's reaches; amounts have narrower bounds of their own
_INTEGER_LENGTH_MAX = 64
# Ends that are missing are of no interest here: the parser finds them.
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)


class UnreadableNumber(str):
    """A JSON number that is too long or too large to be held."""

    __slots__ = ()


class RepeatedNames(dict[str, Any]):
    """An object in which names stand more than once; `repeated` are those names."""

    repeated: list[str]


def parse_json(body: bytes, values_max: int | None = VALUES_MAX) -> Any:
    """Read one JSON document.

    Args:
        body: The bytes that were sent.
        values_max: How many members and entries it may have together; None for what is of our own making.

    Raises:
        Malformed: It is not UTF-8, not JSON (NaN and Infinity are not), nested deeper than DEPTH_MAX, or has more values.
    """
    if values_max is not None and _has_more_values(body, values_max):
        raise Malformed(f"the body has more than {values_max} values")
    try:
        document = json.loads(
            body.decode("utf-8"),
            parse_float=_read_float,
            parse_int=_read_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_read_object,
        )
    except UnicodeDecodeError as broken:
        raise Malformed(f"the body is not UTF-8 at byte {broken.start}") from None
    except json.JSONDecodeError as broken:
        where = f"line {broken.lineno}, column {broken.colno}"
        raise Malformed(f"the body is not valid JSON: {broken.msg} at {where}") from None
    except RecursionError:
        raise Malformed(f"the body is nested deeper than {DEPTH_MAX} levels") from None
    _check_depth(document)
    return document


def content_faults(value: Any, pointer: str = "") -> Iterator[Fault]:
    """What is wrong with a parsed document whatever its type: names, texts and numbers that cannot be kept."""
    return iter(()) if _is_clean(value) else _content_faults(value, pointer)


def _content_faults(value: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(value, UnreadableNumber):
        yield Fault(pointer, "the number is too long or too large")
    elif isinstance(value, str):
        if (detail := _text_fault(value)) is not None:
            yield Fault(pointer, detail)
    elif isinstance(value, dict):
        if isinstance(value, RepeatedNames):
            yield from (Fault(below(pointer, name), "is given more than once") for name in value.repeated)
        for name, entry in value.items():
            member = below(pointer, name)
            if (detail := _text_fault(name)) is not None:
                yield Fault(member, f"its name {detail}")
            yield from _content_faults(entry, member)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _content_faults(entry, f"{pointer}/{index}")


def below(pointer: str, name: str) -> str:
    """The JSON Pointer of a member (RFC 6901, 3). Text that cannot be sent is shown as it can."""
    escaped = name.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{escaped.encode('utf-8', 'replace').decode()}"


def _has_more_values(body: bytes, values_max: int) -> bool:
    # Behind each comma stands another value, and one in each container; text is looked at only where it decides.
    return _marks(body) > values_max and _marks(_TEXT.sub(b"", body)) > values_max


def _marks(body: bytes) -> int:
    return body.count(b",") + body.count(b"{") + body.count(b"[")


def _is_clean(value: Any) -> bool:
    """Whether there is nothing to find: far cheaper than looking for what, and nearly always so."""
    level = [value]
    while level:
        texts = [each for each in level if isinstance(each, str)]
        containers = [each for each in level if isinstance(each, (dict, list))]
        names = "".join([name for each in containers if isinstance(each, dict) for name in each])
        if (
            _text_fault("".join(texts)) is not None
            or _text_fault(names) is not None
            or any(isinstance(each, (UnreadableNumber, RepeatedNames)) for each in (*texts, *containers))
        ):
            return False
        level = [entry for each in containers for entry in (each.values() if isinstance(each, dict) else each)]
    return True


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) == len(pairs):
        return document
    seen: set[str] = set()
    repeated = RepeatedNames(document)
    # dict.fromkeys keeps the order of the document and names each only once.
    repeated.repeated = list(dict.fromkeys(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]
    return repeated


def _read_integer(literal: str) -> int | ExactNumber | UnreadableNumber:
    # Beyond this int() itself is slow, and past 4300 digits it raises.
    if len(literal) <= _INTEGER_LENGTH_MAX:
        return read_integer(literal)
    return UnreadableNumber(literal[:_INTEGER_LENGTH_MAX])


def _read_float(literal: str) -> ExactNumber | UnreadableNumber:
    try:
        number = read_number(literal)
    except NotANumber:
        return UnreadableNumber(literal[:_INTEGER_LENGTH_MAX])
    return UnreadableNumber(literal) if abs(number.adjusted()) > MAGNITUDE_MAX else number


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not a JSON number")


def _text_fault(text: str) -> str | None:
    if "\x00" in text:
        return "must not contain U+0000"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "must not contain half a surrogate pair"
    return None


def _check_depth(document: Any) -> None:
    level, depth = [document], 0
    while level:
        if depth > DEPTH_MAX:
            raise Malformed(f"the body is nested deeper than {DEPTH_MAX} levels")
        containers = [value for value in level if isinstance(value, (dict, list))]
        level = [entry for value in containers for entry in (value.values() if isinstance(value, dict) else value)]
        depth += 1
