"""Examples of docs/getting-started.md and of the specification, generated tables, and .env.example.

`python -m tests.readme` writes the tables and .env.example again; read the difference before it is committed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec
from litestar import Litestar

from loadtests.bench.headlines import KINDS, read_headlines
from quote_service.platform.http.openapi.openapi import openapi_document
from quote_service.platform.settings import SETTINGS, Keys, Setting, Settings, shown_value
from quote_service.routes import ROUTERS
from tests.access.routes import rules_of_app

PROJECT = Path(__file__).parents[1]
README = PROJECT / "README.md"
START = PROJECT / "docs" / "getting-started.md"
RULES = PROJECT / "docs" / "spec" / "pricing-rules.md"
COMMISSION = PROJECT / "docs" / "spec" / "commission.md"
FLAGS = PROJECT / "docs" / "spec" / "feature-flags.md"
PRODUCTION = PROJECT / "docs" / "production.md"
ENDPOINTS = PROJECT / "docs" / "endpoints.md"
SETTINGS_PAGE = PROJECT / "docs" / "settings.md"
PERFORMANCE = PROJECT / "docs" / "performance.md"
FIGURES = PROJECT / "docs" / "figures.json"
ENV_EXAMPLE = PROJECT / ".env.example"
_ENV_HEAD = """\
# Every setting of the quote service, with its default where there is one; what is commented out is the default already.
# `python -m tests.readme` writes this file from quote_service/platform/settings/fields.
#
#   (umask 077; cp .env.example .env)                 # readable by you alone
#   quote-service secrets >> .env                     # the three lists of keys; later lines win
#
# Without the command at hand: docker run --rm quote-service secrets >> .env
# A shell reads it with: set -a; . ./.env; set +a
#
# docker-compose.yml hands .env to the service and the worker too, where there is one. It has secrets and addresses of its own,
# in files: for it they stay empty here.
"""
_EXAMPLES = re.compile(r"^```json POST (?P<path>\S+)\n(?P<bodies>.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A body that a page says can be posted there, as it is written."""

    path: str
    body: str


def examples() -> list[Example]:
    """Every example of a block that names its path, in the order of the pages."""
    return [
        Example(found["path"], body)
        for page in (RULES, COMMISSION, FLAGS)
        for found in _EXAMPLES.finditer(text(page))
        for body in _documents(found["bodies"])
    ]


def text(document: Path = README) -> str:
    return document.read_text("utf-8")


def table(document: Path) -> str:
    """The table of a document that is made."""
    name, _ = TABLES[document]
    found = _marked(name).search(text(document))
    assert found is not None, f"{document.name} has no table of {name}"
    return found["table"]


def settings_table() -> str:
    """Every setting: variable, default, meaning."""
    rows = []
    for setting in SETTINGS:
        default = shown_value(setting, getattr(Settings(), setting.field))
        secret = " (secret)" if setting.is_secret else ""
        rows.append(f"- `{setting.variable}{f'={default}' if default else ''}`: {setting.meaning}{secret}\n")
    return "".join(rows)


def env_example() -> str:
    """A file of environment variables with every setting: what `serve` needs is left empty, the rest commented out."""
    parts = [_ENV_HEAD]
    for setting in SETTINGS:
        is_made = Keys in get_args(setting.type)
        how = "# Made with: quote-service secrets\n" if is_made else ""
        line = f"{setting.variable}={shown_value(setting, setting.default)}"
        is_needed = is_made or setting.field in ("database_url", "redis_url")
        parts.append(f"\n# {setting.meaning}{_bounds(setting)}\n{how}{line if is_needed else f'# {line}'}\n")
    return "".join(parts)


def _bounds(setting: Setting) -> str:
    [meta] = (note for note in get_args(setting.type) if isinstance(note, msgspec.Meta))
    if meta.ge is not None and meta.le is not None:
        return f" ({meta.ge} to {meta.le})"
    return "" if meta.ge is None else f" ({meta.ge} at least)"


def endpoints_table() -> str:
    """Every operation of the OpenAPI document, by subject, with the roles and scopes that may call it."""
    document = openapi_document(Litestar(route_handlers=list(ROUTERS), openapi_config=None))
    rules = {(rule.method, rule.path): rule for rule in rules_of_app(ROUTERS)}
    parts = list[str]()
    for tag in document["tags"]:
        parts.append(f"\n**{tag['name']}**\n\n")
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation["tags"]:
                    parts.append(f"{rules[method.upper(), path].row}\n")
    return "".join(parts)


def measured_table() -> str:
    """What was measured last, how far the rounds lay apart, and below it when, of which version, where and how."""
    rows, runs = [], dict[str, int]()
    for key, found in read_headlines(FIGURES).items():
        how = f"{found.measured_on}, version {found.version}; {found.machine}; {found.how}"
        run = runs.setdefault(how, len(runs) + 1)
        spread = (
            ""
            if found.least is None or found.most is None
            else f"{_number(found.least, key)} to {_number(found.most, key)}"
        )
        rows.append(f"| {KINDS[key].what} | {_number(found.median, key)}{KINDS[key].unit} | {spread} | {run} |\n")
    heads = "| What | Median | Rounds | Run |\n| --- | --- | --- | --- |\n"
    return heads + "".join(rows) + "\n" + "".join(f"{run}. {how}\n" for how, run in runs.items())


def _number(value: float, key: str) -> str:
    return f"{value:.{KINDS[key].digits}f}"


#: The name of each document's table, and what makes it.
TABLES = {
    ENDPOINTS: ("endpoints", endpoints_table),
    SETTINGS_PAGE: ("settings", settings_table),
    PERFORMANCE: ("figures", measured_table),
}


def rewrite_tables() -> None:
    """Write the tables and .env.example as they should be."""
    for document, (name, make) in TABLES.items():
        document.write_text(_marked(name).sub(partial(_filled, make()), text(document)), "utf-8")
    ENV_EXAMPLE.write_text(env_example(), "utf-8")


def _filled(table: str, found: re.Match[str]) -> str:
    return f"{found['opening']}{table}{found['closing']}"


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
