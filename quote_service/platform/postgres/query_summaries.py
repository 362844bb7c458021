"""What a statement does to which tables, in a few words: what its span is named by. No value and no text of it is in them.

Source: docs/spec/operations.md#traces; OpenTelemetry semantic conventions for databases, `db.query.summary`.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

SUMMARY_LETTERS = 255
_TEXTS_KEPT = 2048
_TOKENS = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$"
    r'|(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)(?:\.(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*))*|[(),]|\S',
    re.DOTALL,
)
_OPERATIONS = frozenset(("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"))
_BEFORE_TABLES = frozenset(("FROM", "JOIN", "INTO", "USING", "ONLY", "UPDATE"))
# Locks and conflicts are named by the same word, and so is what an argument is taken from.
_NO_UPDATE_AFTER = frozenset(("FOR", "KEY", "DO"))
_WITH_FROM_INSIDE = frozenset(("EXTRACT", "SUBSTRING", "OVERLAY", "TRIM", "POSITION"))
_NO_TABLES = frozenset(("LATERAL", "SELECT", "ROWS", "VALUES", "ONLY", "SET", "("))


class QuerySummary(NamedTuple):
    """`text` is such as `SELECT orders`; `operation` what the whole statement does, such as `INSERT`."""

    text: str
    operation: str


@lru_cache(maxsize=_TEXTS_KEPT)
def summarize(query: str) -> QuerySummary:
    """The summary of a statement."""
    tokens = [token[0] for token in _TOKENS.finditer(query) if not token[0].startswith(("--", "/*", "'"))]
    words = [token.upper() for token in tokens]
    first = next((word for word in words if word[0].isalpha()), "QUERY")
    if first == "COPY":
        return QuerySummary(f"COPY {tokens[1]}", first)
    operation = _after_with(words) if first == "WITH" else first
    if first != "WITH" and first not in _OPERATIONS:
        return QuerySummary(first, first)
    parts = list(_parts(tokens, words)) or [operation]
    text = parts[0]
    for part in parts[1:]:
        if len(text) + len(part) >= SUMMARY_LETTERS:
            break
        text += f" {part}"
    return QuerySummary(text, operation)


def _parts(tokens: Sequence[str], words: Sequence[str]) -> Iterator[str]:
    """Each operation with the tables that it names; one that reads no table is left out."""
    own = _names_of_with(words)
    callers: list[str] = []
    operation, is_reported = "", False
    for at, word in enumerate(words):
        before = words[at - 1] if at else ""
        if word == "(":
            callers.append(before)
        elif word == ")":
            if callers:
                callers.pop()
        elif word in _OPERATIONS and not (word == "UPDATE" and before in _NO_UPDATE_AFTER):
            operation, is_reported = word, False
        is_place = word in _BEFORE_TABLES and not (word == "UPDATE" and operation != "UPDATE")
        if not is_place or (
            word == "FROM" and (before == "DISTINCT" or (callers and callers[-1] in _WITH_FROM_INSIDE))
        ):
            continue
        name = words[at + 1] if at + 1 < len(words) else ""
        is_function = word != "INTO" and words[at + 2 : at + 3] == ["("]
        if (not name[:1].isalpha() and name[:1] not in '_"') or name in _NO_TABLES or name in own or is_function:
            continue
        if not is_reported:
            yield operation
            is_reported = True
        yield tokens[at + 1]


def _names_of_with(words: Sequence[str]) -> frozenset[str]:
    """What a statement names itself, and no table is."""
    names = set()
    for at, word in enumerate(words):
        if word != "AS" or not any(words[at + step : at + step + 1] == ["("] for step in (1, 2, 3)):
            continue
        begin = at - 1
        if words[begin] == ")":  # the names of its columns stand between
            while begin > 0 and words[begin] != "(":
                begin -= 1
            begin -= 1
        if begin >= 1 and words[begin - 1] in ("WITH", "RECURSIVE", ","):
            names.add(words[begin])
    return frozenset(names)


def _after_with(words: Sequence[str]) -> str:
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if depth == 0 and word in _OPERATIONS:
            return word
    return "WITH"
