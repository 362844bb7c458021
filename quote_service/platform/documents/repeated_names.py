"""Whether a JSON object says a name twice: the decoders keep the last of them, so somebody else may read another basket.

The quick decoder proves most bodies clean by counting names. This looks at the rest (nulls, fields that are not ours),
at a tenth of what a full second reading costs.

Source: docs/spec/wire.md#errors.
"""

import re
from typing import Any

import msgspec

_CONTAINERS_MAX = 50
_NAME_END = re.compile(rb'"[ \t\r\n]*:')


def may_repeat_names(body: bytes, containers_known: int) -> bool:
    """Whether a body has to be read in full: some object says a name twice, or it is too odd to tell.

    Names that are read twice are kept once, so the objects then have fewer members than the body has names; a text that
    looks like one (`":`) makes them too many, and is odd.

    Args:
        body: JSON that a decoder has taken, though perhaps skipping parts of it.
        containers_known: How many objects and lists the decoder found use for. Many more than these may be deeply
            nested, which only the full reading bounds.
    """
    if body.count(b"{") + body.count(b"[") > containers_known + _CONTAINERS_MAX:
        return True
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return True
    names = body.count(b'":')
    if names != body.count(b":"):  # a colon stands in a text, or behind a blank
        names = len(_NAME_END.findall(body))
    return _members_of(document) != names


def _members_of(document: Any) -> int:
    count, level = 0, [document]
    while level:
        objects = [each for each in level if isinstance(each, dict)]
        lists = [each for each in level if isinstance(each, list)]
        count += sum(map(len, objects))
        level = [
            entry
            for entries in (*(each.values() for each in objects), *lists)
            for entry in entries
            if isinstance(entry, (dict, list))
        ]
    return count
