"""Strong ETags on single resources, `If-Match` on what changes them, and `If-None-Match` on what is asked for again.

A handler reads the precondition and hands it to its flow, which holds it against the row that it has locked::

    stored = await end_rate(connection, change_of(request), rate_id, precondition_of(request))
    return answer(stored, headers=etag_header(stored.id, stored.version))

Source: docs/spec/wire.md#etags; RFC 9110, 8.8.3, 13.1.1 and 13.1.2.
"""

import re
from typing import Any

from litestar.connection import ASGIConnection

from quote_service.platform.system.preconditions import UNCONDITIONAL, Precondition, version_tag

# Weak tags are read so that a list with one is still a list, but a strong comparison never matches them.
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_TAG_LIST = re.compile(rf"[ \t,]*(?:{_TAG.pattern}[ \t]*(?:,[ \t,]*|$))+")


def etag_header(object_id: str, version: int) -> dict[str, str]:
    """The `ETag` header of one version of one object."""
    return {"ETag": version_tag(object_id, version)}


def precondition_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Precondition:
    """What the request's `If-Match` asks; several such headers are one list."""
    values = connection.headers.getall("if-match", [])
    return read_if_match(",".join(values)) if values else UNCONDITIONAL


def read_if_match(value: str) -> Precondition:
    """Read an `If-Match` field: `*`, or a list of tags. What is neither matches no version, so that it writes nothing."""
    text = value.strip()
    if text == "*":
        return Precondition(tags=frozenset(), any_version=True)
    if not _TAG_LIST.fullmatch(text):
        return Precondition(tags=frozenset())
    return Precondition(tags=frozenset(tag for tag in _TAG.findall(text) if not tag.startswith("W/")))


def matches_if_none_match(connection: ASGIConnection[Any, Any, Any, Any], tag: str) -> bool:
    """Whether the caller has what bears this strong tag: `If-None-Match` is `*`, or names it, weak or strong.

    What is neither `*` nor a list of tags matches nothing.
    """
    text = ",".join(connection.headers.getall("if-none-match", [])).strip()
    if text == "*":
        return True
    return bool(_TAG_LIST.fullmatch(text)) and tag in (each.removeprefix("W/") for each in _TAG.findall(text))
