"""The flags of a quote in the one form in which they are signed, which every JSON reader can restore.

An admin's literals are shown as they were written (`10.0`, `1e2`, the members of an object in their order), but a reader
may keep neither the digits nor the order. What is signed has numbers in their shortest plain form, and the members of
objects inside a flag's value sorted by UTF-16 code units, as RFC 8785 sorts them.

Source: docs/spec/quotes.md#signature.
"""

import re
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.documents.literals import json_literal

_NUMBER_OR_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?')
# Wide enough for every literal that a flag may hold, so that no digit is rounded away.
_WIDE = Context(prec=2000)


@lru_cache(maxsize=4096)
def plain_flags(flags: str) -> str:
    """The JSON of the flags in their signed form: 10.0 -> 10, 1E+2 -> 100, {"b":1,"a":2} -> {"a":2,"b":1}.

    Few different texts come by here, as many as there are combinations of flag outcomes.
    """
    if flags.count("{") > 1:  # an object among the values, or a text that looks like one
        flags = json_literal(_sorted(parse_exact(flags)))
    return _NUMBER_OR_TEXT.sub(lambda found: plain_number_text(found[0]), flags)


def plain_number_text(literal: str) -> str:
    """A number's shortest plain decimal form; a text in quotes stays as it is. There is one zero."""
    if literal.startswith('"'):
        return literal
    number = Decimal(literal)
    return f"{number.normalize(_WIDE):f}" if number else "0"


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value, key=_utf16)}
    return [_sorted(entry) for entry in value] if isinstance(value, list) else value


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be")
