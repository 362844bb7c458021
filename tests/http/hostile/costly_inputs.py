"""Inputs whose reading may cost more than their length: every way in, filled with what parsers stumble over.

Each is made in any length, so that its cost can be held against that of a shorter one.

Source: docs/spec/access.md#bounds-on-requests; CWE-407.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import msgspec

from tests.fixtures.serve import a_basket

Make = Callable[[int], bytes]

HEADERS = [
    *(
        "Accept",
        "Accept-Charset",
        "Accept-Encoding",
        "Accept-Language",
        "Access-Control-Request-Headers",
        "Authorization",
    ),
    *("Baggage", "Cache-Control", "Connection", "Content-Disposition", "Content-Encoding", "Content-Type", "Cookie"),
    *("Expect", "Forwarded", "HX-Request", "HX-Target", "Idempotency-Key", "If-Match", "If-Modified-Since"),
    *("If-None-Match", "Keep-Alive", "Last-Event-ID", "Origin", "Prefer", "Range", "Referer", "Sec-Fetch-Site", "TE"),
    *("Traceparent", "Tracestate", "Upgrade", "User-Agent", "Via", "X-API-Key", "X-CSRF-Token", "X-Forwarded-For"),
    *("X-Forwarded-Host", "X-Forwarded-Proto", "X-Request-ID"),
]
HEADER_BYTES = 60_000
# What a value begins with, what it is filled with, and what it ends in, where the worst is found out at the end.
VALUES = {
    "letters": ("", "a", ""),
    "blanks": ("a", " ", "a"),
    "commas": ("", ",", "x"),
    "semicolons": ("a", ";", "x"),
    "pairs": ("", "a=1;", "x"),
    "a list": ("", "a;q=0.1,", "!"),
    "quotes": ("", '"', ""),
    "an open quote": ('x="', "\\", '"'),
    "escapes in quotes": ('x="', '\\"', ""),
    "octal escapes": ('x="', "\\134", '"'),
    "tags": ("", '"a",', "x"),
    "weak tags": ("", 'W/"a" ,', "x"),
    "percents": ("", "%", ""),
    "points": ("Bearer ", "a.", ""),
    "hyphens": ("00-", "a-", "!"),
    "addresses": ("", "10.0.0.1, ", "x"),
    "ranges": ("bytes=", "0-1,", "x"),
    "brackets": ("", "(", ")"),
    "bytes": ("", "\xff", ""),
}
QUERY_BYTES = 7_900
# What a query begins with, and what it is filled with.
QUERIES = {
    "parameters": ("", "a=1&"),
    "one parameter": ("", "limit=1&"),
    "names": ("", "a[b]=&"),
    "percents": ("", "%"),
    "escapes": ("", "%41"),
    "bytes": ("", "a=%ff&"),
    "ampersands": ("", "&"),
    "equals": ("", "="),
    "blanks": ("", "+"),
    "a cursor": ("cursor=", "A"),
    "a search": ("search=", "ab%20"),
    "a text": ("q=", "%25_"),
    "a code": ("state=a&code=", "a."),
    "a way on": ("next=", "%2F"),
}
FORMS = {
    "percents": b"%",
    "escapes": b"%41",
    "fields": b"a=1&",
    "names": b"a%5Bb%5D=&",
    "bytes": b"a=%ff&",
    "ampersands": b"&",
    "equals": b"=",
    "blanks": b"+",
    "letters": b"a",
}
BODY_BYTES = 128 * 1024


class Json(NamedTuple):
    """A member `x` of an object: what it begins with, what it is filled with, and what it ends in."""

    begin: str
    fill: str
    end: str


BODIES = {
    "members": Json("", '"m{}":1,', '"x":1'),
    "members that look like ours": Json("", '"currency{}":1,', '"x":1'),
    "one member": Json("", '"x":1,', '"x":1'),
    "members twice": Json("", '"m{}":1,"m{}":1,', '"x":1'),
    "depth": Json('"x":', "[", ""),
    "objects": Json('"x":[', '{"a":1},', "1]"),
    "lists": Json('"x":[', "[],", "1]"),
    "numbers": Json('"x":[', "1,", "1]"),
    "fractions": Json('"x":[', "1.5,", "1]"),
    "a long number": Json('"x":', "9", ""),
    "a long fraction": Json('"x":1.', "9", ""),
    "a long exponent": Json('"x":1e', "9", ""),
    "escapes": Json('"x":"', "\\n", '"'),
    "escaped letters": Json('"x":"', "\\u00e9", '"'),
    "halves of pairs": Json('"x":"', "\\ud800", '"'),
    "quotes": Json('"x":"', '\\"', '"'),
    "names in a text": Json('"x":"', '\\":', '"'),
    "blanks": Json('"x":', " ", "1"),
    "lines": Json('"items":[', '{"quantity":1},', "1]"),
    "texts of nothing": Json('"x":[', '"",', '"\\u0000"]'),
    "no end": Json('"x":[', "1,", ""),
    "no JSON": Json("", "{", ""),
}


def header_value(kind: str) -> Make:
    begin, fill, end = VALUES[kind]
    return lambda length: f"{begin}{fill * (length // len(fill))}{end}".encode("latin-1")


def json_body(kind: str, around: dict[str, object]) -> Make:
    """A document with such a member behind those of `around`."""
    begin, fill, end = BODIES[kind]
    head = msgspec.json.encode(around)[:-1].decode()

    def make(length: int) -> bytes:
        filling = "".join(fill.replace("{}", f"{number:x}") for number in range(length // len(fill)))
        return f"{head},{begin}{filling}{end}}}".encode()

    return make


def basket() -> dict[str, object]:
    return a_basket(customer_id=str(UUID(int=1)))
