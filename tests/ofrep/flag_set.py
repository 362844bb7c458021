"""The flags that the black-box suite wants a server to have, and how this service has them.

    OFREP_URL=http://127.0.0.1:1031 OFREP_HEADERS='{"X-API-Key": "..."}' pytest tests/ofrep/test_black_box.py

points the suite at any server. It needs the flags below, written in the server's own way: `WANTED` says what each has to
answer. `OFREP_CHANGE` is a command that sets the value of a flag: it is run with the key and the new value, as JSON, behind
it; without it the tests about changes are skipped.
"""

from __future__ import annotations

from typing import Any

PREFIX = "suite."
#: What a flag answers to everybody, whatever the context.
STATIC: dict[str, Any] = {
    "suite.bool-true": True,
    "suite.bool-false": False,
    "suite.string": "hello",
    "suite.string-empty": "",
    "suite.integer": 10,
    "suite.integer-zero": 0,
    "suite.float": 0.5,
    "suite.float-whole": 10.0,
    "suite.float-zero": 0.0,
    "suite.object": {"title": "Pics", "count": 100, "nested": {"on": True, "list": [1, "b"]}},
    "suite.object-empty": {},
}
#: True for half of the targeting keys, and needs one.
SPLIT = "suite.split"
#: The values "A" and "B" under the variants "a" and "b", for half of the targeting keys each.
ARMS = "suite.arms"
#: "in" where the context's `country` is TR, and "out" elsewhere; hashes nothing.
TARGETED = "suite.targeted"
#: Off, a string without a value for anybody.
OFF = "suite.off"
#: A string that `OFREP_CHANGE` sets.
CHANGED = "suite.changed"
#: There is no such flag.
UNKNOWN = "suite.unknown"
WANTED = sorted([*STATIC, SPLIT, ARMS, TARGETED, OFF, CHANGED])

_TYPES = {bool: "BOOLEAN", str: "STRING", int: "NUMBER", float: "NUMBER", dict: "JSON"}


def flags_of_this_service() -> list[dict[str, Any]]:
    """The drafts of these flags."""
    arms = [{"key": "a", "value": "A", "weight": 1}, {"key": "b", "value": "B", "weight": 1}]
    drafts: list[dict[str, Any]] = [
        {"key": key, "type": _TYPES[type(value)], "value": value} for key, value in STATIC.items()
    ]
    drafts += [
        {"key": SPLIT, "type": "BOOLEAN", "value": True, "rollout": {"percentage": 50}},
        {"key": ARMS, "type": "STRING", "value": "none", "rollout": {"variants": arms}},
        {"key": TARGETED, "type": "STRING", "value": "in", "default_value": "out", "rollout": {"regions": ["TR"]}},
        {"key": OFF, "type": "STRING", "value": "on", "is_enabled": False},
        {"key": CHANGED, "type": "STRING", "value": "first"},
    ]
    return [{"is_enabled": True, **draft} for draft in drafts]
