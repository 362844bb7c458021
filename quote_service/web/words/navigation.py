"""The areas of the admin, in the order of the menu.

Source: docs/spec/web.md#areas.
"""

from typing import NamedTuple

from quote_service.access.words.access import Role


class Area(NamedTuple):
    """An area: its path, its name, the letter that leads to it after `g`, and the roles that see it beside admins."""

    path: str
    name: str
    letter: str
    roles: tuple[Role, ...] = ("pricing_manager", "analyst")


class AreaGroup(NamedTuple):
    """Areas that belong together in the menu."""

    name: str
    areas: tuple[Area, ...]


MENU = (AreaGroup("", (Area("/admin", "Overview", "o"), Area("/admin/playground", "Quote playground", "p"))),)
AREAS = tuple(area for group in MENU for area in group.areas)
