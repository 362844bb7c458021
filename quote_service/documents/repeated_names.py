"""Whether a JSON object says a name twice: the decoders keep the last of them, so somebody else may read another basket.

The quick decoder proves most bodies clean by counting names. This looks at the rest (nulls, fields that are not ours),
at a tenth of what a full second reading costs.

Source: docs/spec/wire.md#errors.
"""

import json
from typing import Any

_CONTAINERS_MAX = 50


class _NameRepeated(Exception):
    """Ends the reading at the first object that says a name twice."""


def may_repeat_names(body: bytes, containers_known: int) -> bool:
    """Whether a body has to be read in full: some object says a name twice, or it is too odd to tell.

    Args:
        body: JSON that a decoder has taken, though perhaps skipping parts of it.
        containers_known: How many objects and lists the decoder found use for. Many more than these may be deeply
            nested, which only the full reading bounds.
    """
    if body.count(b"{") + body.count(b"[") > containers_known + _CONTAINERS_MAX:
        return True
    try:
        # Numbers are of no interest here, and int() refuses long ones.
        json.loads(body, object_pairs_hook=_refuse_repeated, parse_int=float)
    except (_NameRepeated, ValueError, RecursionError):
        return True
    return False


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise _NameRepeated
