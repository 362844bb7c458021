"""SQL by name: `sql/<subject>.sql` beside the module that runs it holds queries that each start with `-- name: <name>`.

What several queries have in common stands there once: `:columns_of_rates` in a query is the text of that name.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

_HEADING = re.compile(r"^-- name: *(\w+) *$", re.MULTILINE)
# A cast has two colons, and one in a text or a JSON path stands behind something else.
_NAMED = re.compile(r"(?<![^\s(]):(\w+)")
_NONE: Mapping[str, str] = MappingProxyType({})


class QueryMissing(LookupError):
    """No such file or no such query, or two of one name: a mistake in the code, found when it is imported."""


class _Queries(dict[str, str]):
    def __init__(self, subject: str, queries: Mapping[str, str]) -> None:
        super().__init__(queries)
        self._subject = subject

    def __missing__(self, name: str) -> str:
        raise QueryMissing(f"{self._subject}.sql has no query {name}; it has {', '.join(self)}")


def load_queries(beside: str, subject: str, shared: Mapping[str, str] = _NONE) -> Mapping[str, str]:
    """The queries of one file by name; take them out at import, so that a missing one is found there.

    Args:
        beside: The module that runs them, its `__file__`; the folder `sql` stands beside it.
        subject: The name of the file.
        shared: Texts that its queries may name, beside those that stand before them in the file.

    Raises:
        QueryMissing: Here for the file, or for a text that one of its queries names; at the look-up for a query.
    """
    path = Path(beside).parent / "sql" / f"{subject}.sql"
    if not path.is_file():
        raise QueryMissing(f"there is no {path.name}")
    before, *rest = _HEADING.split(path.read_text("utf-8"))
    names, texts = rest[::2], [text.strip().removesuffix(";") for text in rest[1::2]]
    twice = {name for name in names if names.count(name) > 1}
    if twice or not names or any(line and not line.startswith("--") for line in before.splitlines()):
        raise QueryMissing(f"{path.name} must be made of queries under distinct names: {sorted(twice)}")
    queries: dict[str, str] = {}
    for name, text in zip(names, texts, strict=True):
        queries[name] = _put_together(text, _Queries(subject, {**shared, **queries}))
    return MappingProxyType(_Queries(subject, queries))


def _put_together(text: str, named: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda found: named[found[1]], text)
