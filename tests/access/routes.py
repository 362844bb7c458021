"""The routes of the application, and the table of them in docs/endpoints.md, which `python -m tests.readme` writes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from litestar import Litestar, Router
from litestar.routes import ASGIRoute, HTTPRoute, WebSocketRoute

from quote_service.platform.callers.access import Access

TABLE = Path(__file__).parents[2] / "docs" / "endpoints.md"
_ROW = re.compile(r"- `(?P<method>[A-Z]+) (?P<path>[^`]+)`: (?P<roles>[^;]*)(?:; (?P<scopes>.*))?")


class Rule(NamedTuple):
    """One row: whom a method of a path lets in."""

    method: str
    path: str
    roles: frozenset[str]
    scopes: frozenset[str]

    @property
    def is_public(self) -> bool:
        return self.roles == {"public"}

    @property
    def row(self) -> str:
        parts = [", ".join(sorted(names)) for names in (self.roles, self.scopes) if names]
        return f"- `{self.method} {self.path}`: {'; '.join(parts)}"


def rules_of_app(routers: tuple[Router, ...]) -> list[Rule]:
    """What the routes themselves say; a route without an answer stands with no role at all."""
    rules = []
    for route in Litestar(route_handlers=list(routers), openapi_config=None).routes:
        assert not isinstance(route, (ASGIRoute, WebSocketRoute)), f"{route.path}: not reached by the walk over HTTP"
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            access = handler.opt.get("access")
            for method in handler.http_methods - {"OPTIONS"}:
                if not isinstance(access, Access):
                    rules.append(Rule(method, route.path_format, frozenset(), frozenset()))
                elif access.public:
                    rules.append(Rule(method, route.path_format, frozenset({"public"}), frozenset()))
                else:
                    rules.append(
                        Rule(method, route.path_format, frozenset(access.roles), frozenset(access.wanted_scopes))
                    )
    return sorted(rules, key=lambda rule: (rule.path, rule.method))


def rules_of_table() -> list[Rule]:
    """What the documentation says."""
    return [
        Rule(found["method"], found["path"], _names(found["roles"]), _names(found["scopes"] or ""))
        for found in map(_ROW.fullmatch, TABLE.read_text("utf-8").splitlines())
        if found
    ]


def _names(cell: str) -> frozenset[str]:
    return frozenset(name.strip() for name in cell.split(",") if name.strip())
