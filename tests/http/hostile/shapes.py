"""What can be sent, taken from the service's own description: so a new route, field or parameter is attacked as well."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

NOWHERE = str(UUID(int=0))
_PARAMETER = re.compile(r"{([^}]+)}")
# Nothing of these is for callers: where code lies, what it is written in, what it says to whom.
_LEAKS = re.compile(
    r"Traceback|site-packages|quote_service[/.]|\.py\b|asyncpg|litestar|msgspec|uvicorn|redis\.|PostgresError|SQLSTATE"
    r"|syntax error at|relation \"|column \"|invalid input syntax|ERR |WRONGTYPE|Exception\b",
    re.IGNORECASE,
)


class Operation(NamedTuple):
    """A method of a path; `example` is a body that works, None where there is none."""

    method: str
    path: str
    name: str
    example: Any
    queries: tuple[str, ...]
    is_public: bool
    takes_csv: bool
    needs_key: bool

    @property
    def nowhere(self) -> str:
        """The path with ids that lead nowhere."""
        return _PARAMETER.sub(NOWHERE, self.path)

    def paths_with(self, text: str) -> Iterator[str]:
        """The path with the text in the place of each parameter in turn."""
        for name in _PARAMETER.findall(self.path):
            yield _PARAMETER.sub(NOWHERE, self.path.replace(f"{{{name}}}", text))


def operations_of(document: dict[str, Any]) -> list[Operation]:
    """Every operation that is answered at once."""
    return [
        Operation(
            method=method.upper(),
            path=path,
            name=reported["operationId"],
            example=reported.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example"),
            queries=tuple(each["name"] for each in reported.get("parameters", ()) if each["in"] == "query"),
            is_public={} in reported["security"],
            needs_key=any(
                each["name"] == "Idempotency-Key" and each.get("required") for each in reported.get("parameters", ())
            ),
            takes_csv="text/csv" in reported.get("requestBody", {}).get("content", {}),
        )
        for path, methods in document["paths"].items()
        for method, reported in methods.items()
        if "text/event-stream" not in reported["responses"].get("200", {}).get("content", {})
    ]


def with_each(example: Any, kind: type | tuple[type, ...], value: Any) -> Iterator[tuple[str, Any]]:
    """The example with `value` in the place of each leaf of a kind in turn, and the pointer to that place."""
    for place in _leaves(example, kind):
        changed = copy.deepcopy(example)
        holder = changed
        for step in place[:-1]:
            holder = holder[step]
        holder[place[-1]] = value
        yield "/" + "/".join(map(str, place)), changed


def _leaves(value: Any, kind: type | tuple[type, ...], place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _leaves(entry, kind, (*place, name))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _leaves(entry, kind, (*place, index))
    elif isinstance(value, kind) and not isinstance(value, bool):
        yield place


def leaks_of(text: str) -> list[str]:
    """What an answer says that it should not."""
    return _LEAKS.findall(text)
