"""The README's tables and examples: what they should hold, and reading what they do.

`python -m tests.readme` writes the tables anew; read the difference before it is committed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from litestar import Litestar

from quote_service.api.openapi import openapi_document
from quote_service.api.routes import ROUTERS
from quote_service.settings import SETTINGS, Settings, shown_value

README = Path(__file__).parents[1] / "README.md"
_EXAMPLES = re.compile(r"^```json POST (?P<path>\S+)\n(?P<bodies>.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A body that the README says can be posted there, as it is written."""

    path: str
    body: str


def examples() -> list[Example]:
    """Every example of a block that names its path, in the order of the README."""
    return [
        Example(found["path"], body) for found in _EXAMPLES.finditer(text()) for body in _documents(found["bodies"])
    ]


def text() -> str:
    return README.read_text("utf-8")


def block(opening: str) -> str:
    """What stands in the first fenced block of this language and nothing more."""
    _, _, rest = text().partition(f"```{opening}\n")
    return rest.partition("```\n")[0]


def table(name: str) -> str:
    """The table between the marks of this name."""
    found = _marked(name).search(text())
    assert found is not None, f"the README has no table of {name}"
    return found["table"]


def settings_table() -> str:
    """Every setting: variable, default, meaning."""
    rows = []
    for setting in SETTINGS:
        default = shown_value(setting, getattr(Settings(), setting.field))
        secret = " (secret)" if setting.is_secret else ""
        rows.append(f"| `{setting.variable}` | {f'`{default}`' if default else '-'} | {setting.meaning}{secret} |\n")
    return "| Variable | Default | Meaning |\n| --- | --- | --- |\n" + "".join(rows)


def endpoints_table() -> str:
    """Every operation of the OpenAPI document, by subject."""
    document = openapi_document(Litestar(route_handlers=list(ROUTERS), openapi_config=None))
    parts = ["| | | |\n| --- | --- | --- |\n"]
    for tag in document["tags"]:
        parts.append(f"| **{tag['name']}** | | |\n")
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation["tags"]:
                    parts.append(f"| {method.upper()} | `{path}` | {operation['summary']} |\n")
    return "".join(parts)


TABLES = {"endpoints": endpoints_table, "settings": settings_table}


def rewrite_tables() -> None:
    """Put the tables as they should be in place of those that are there."""
    written = text()
    for name, make in TABLES.items():
        made = make()
        written = _marked(name).sub(lambda found, made=made: found["opening"] + made + found["closing"], written)
    README.write_text(written, "utf-8")


def _marked(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<opening><!-- {name}: [^\n]*-->\n)(?P<table>.*?)(?P<closing><!-- end -->)", re.DOTALL)


def _documents(bodies: str) -> Iterator[str]:
    decoder = json.JSONDecoder()
    place = 0
    while place < len(bodies.rstrip()):
        _, end = decoder.raw_decode(bodies, place)
        yield bodies[place:end]
        place = end + len(bodies[end:]) - len(bodies[end:].lstrip())


def shows(shown: Any, actual: Any) -> bool:
    """Whether a shortened answer shows nothing but what the whole one holds; `...` ends a text that differs each time."""
    if isinstance(shown, dict):
        return isinstance(actual, dict) and all(
            name in actual and shows(value, actual[name]) for name, value in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(actual, list) and len(shown) == len(actual) and all(map(shows, shown, actual))
    if isinstance(shown, str) and shown.endswith("..."):
        return isinstance(actual, str)
    return bool(shown == actual and type(shown) is type(actual))


if __name__ == "__main__":
    rewrite_tables()
