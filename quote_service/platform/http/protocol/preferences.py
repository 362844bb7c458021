"""What a client prefers, in `Prefer` (RFC 7240).

Source: docs/spec/wire.md#unknown-fields; RFC 7240, 2 and 4.4.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

#: Of an answer to a request that asked for strict handling (RFC 7240, 3).
STRICTLY: Final[Mapping[str, str]] = MappingProxyType({"Preference-Applied": "handling=strict"})

_LENGTH_MAX = 4096  # of all preferences together; nobody prefers more


def wants_strict(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a field that nobody reads is to be refused, as raw headers say."""
    return prefers([value for name, value in headers if name == b"prefer"], "handling", "strict")


def prefers(fields: list[bytes], name: str, value: str) -> bool:
    """Whether a preference has this value. Of one that is given more than once only the first counts.

    Args:
        fields: The values of all `Prefer` fields, in their order.
        name: The preference, in lower case.
        value: The value, in lower case.
    """
    text = b",".join(fields).decode("latin-1")
    if len(text) > _LENGTH_MAX or name not in text.lower():
        return False
    for preference in _split(text, ","):
        given, _, said = _split(preference, ";")[0].partition("=")
        if given.strip().lower() == name:
            return _unquoted(said.strip()).lower() == value
    return False


def _split(text: str, separator: str) -> list[str]:
    """The parts between separators that stand outside quotes."""
    parts, start, is_quoted, is_escaped = [], 0, False, False
    for index, letter in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif is_quoted and letter == "\\":
            is_escaped = True
        elif letter == '"':
            is_quoted = not is_quoted
        elif letter == separator and not is_quoted:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def _unquoted(word: str) -> str:
    if len(word) < 2 or not (word.startswith('"') and word.endswith('"')):
        return word
    letters = iter(word[1:-1])
    return "".join(next(letters, "") if letter == "\\" else letter for letter in letters)
