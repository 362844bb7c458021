"""JSON as pages have it: with comments, commas too many, line breaks within texts, or wrapped for XML.

Read strictly first. What is mended is only what has one meaning; anything else is no JSON.
"""

import html
import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

_WRAPPINGS = re.compile(
    r"\A\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|"
    r"(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*;?\s*\Z"
)
_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def read_json(text: str) -> Any:
    """Plain values, with fractions as Decimal.

    Raises:
        ValueError: It is no JSON, and cannot be mended.
    """
    bare = _WRAPPINGS.sub("", _WRAPPINGS.sub("", text)).strip().rstrip(";")
    for attempt in (bare, _mended(bare), _mended(html.unescape(bare))):
        try:
            return json.loads(attempt, parse_float=_decimal, parse_constant=_refuse)
        except (ValueError, RecursionError) as refused:
            failure = refused
    raise ValueError(f"is no JSON: {failure}")


def _decimal(literal: str) -> Decimal | None:
    try:
        number = Decimal(literal)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 40 else None


def _refuse(literal: str) -> None:
    """NaN and Infinity are no values."""


def _mended(text: str) -> str:
    """Without comments and commas before a closing bracket, and with line breaks within texts escaped."""
    kept: list[str] = []
    place, end, inside = 0, len(text), False
    while place < end:
        character = text[place]
        if inside:
            if character == "\\" and place + 1 < end:
                kept.append(text[place : place + 2])
                place += 2
                continue
            inside = character != '"'
            kept.append(_CONTROLS.get(character, "" if character < " " else character))
        elif character == '"':
            inside = True
            kept.append(character)
        elif text.startswith("//", place):
            place = _after(text, "\n", place)
            continue
        elif text.startswith("/*", place):
            place = _after(text, "*/", place + 2)
            continue
        elif character in "]}":
            _drop_comma(kept)
            kept.append(character)
        else:
            kept.append(character)
        place += 1
    return "".join(kept)


def _after(text: str, mark: str, place: int) -> int:
    found = text.find(mark, place)
    return len(text) if found < 0 else found + len(mark)


def _drop_comma(kept: list[str]) -> None:
    back = len(kept) - 1
    while back >= 0 and kept[back].isspace():
        back -= 1
    if back >= 0 and kept[back] == ",":
        del kept[back]
