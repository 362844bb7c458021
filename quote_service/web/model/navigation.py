"""The areas of the admin, in the order of the menu.

Source: docs/spec/web.md#areas.
"""

from typing import NamedTuple

from quote_service.platform.callers.access import Role
from quote_service.web.model.person import Person
from quote_service.web.model.subjects.access import AUDIT, KEYS, PEOPLE, WEBHOOKS
from quote_service.web.model.subjects.catalog import CAMPAIGNS, FLASH_SALES, INVENTORY, PRODUCTS
from quote_service.web.model.subjects.competition import COMPETITORS, LISTINGS, SOURCES
from quote_service.web.model.subjects.intelligence import DECISIONS, MODELS, POLICIES, PRICE_EXPERIMENTS, SIGNALS
from quote_service.web.model.subjects.pricing import CHANGE_SETS, FLAGS, RATES, REPLAYS, RULES
from quote_service.web.model.subjects.selling import CUSTOMERS, LEDGER, ORDERS, SELLERS
from quote_service.web.model.subjects.subject import Subject


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


def _of(subject: Subject, letter: str) -> Area:
    return Area(f"/admin/{subject.area}", subject.many, letter, subject.readers)


INTELLIGENCE_AREAS = (
    Area("/admin/market", "Market", "x"),
    _of(SIGNALS, "g"),
    _of(DECISIONS, "z"),
    _of(POLICIES, "1"),
    _of(MODELS, "2"),
    Area("/admin/price-performance", "Performance", "4"),
    _of(PRICE_EXPERIMENTS, "5"),
    _of(COMPETITORS, "v"),
    _of(SOURCES, "q"),
    _of(LISTINGS, "j"),
)
MENU = (
    AreaGroup("", (Area("/admin", "Overview", "o"), Area("/admin/playground", "Quote playground", "p"))),
    AreaGroup("Pricing", (_of(RULES, "r"), _of(RATES, "c"), _of(FLAGS, "f"), _of(CHANGE_SETS, "h"))),
    AreaGroup("Analytics", (Area("/admin/analytics", "Figures", "y"), _of(REPLAYS, "b"))),
    AreaGroup("Catalog", (_of(PRODUCTS, "d"), _of(INVENTORY, "i"), _of(CAMPAIGNS, "m"), _of(FLASH_SALES, "s"))),
    AreaGroup("Price intelligence", INTELLIGENCE_AREAS),
    AreaGroup("Selling", (_of(ORDERS, "e"), _of(CUSTOMERS, "u"), _of(SELLERS, "t"), _of(LEDGER, "l"))),
    AreaGroup(
        "Access",
        (
            _of(PEOPLE, "n"),
            _of(KEYS, "k"),
            _of(WEBHOOKS, "w"),
            _of(AUDIT, "a"),
            Area("/admin/event-bus", "Event bus", "3", ()),
        ),
    ),
)
AREAS = tuple(area for group in MENU for area in group.areas)


def menu_of(person: Person) -> tuple[AreaGroup, ...]:
    """The menu as a person sees it: groups of which nothing is left are left out."""
    groups = (
        group._replace(areas=tuple(area for area in group.areas if person.is_one_of(*area.roles))) for group in MENU
    )
    return tuple(group for group in groups if group.areas)


def is_of_area(path: str, areas: tuple[Area, ...]) -> bool:
    """Whether a page belongs to one of these areas."""
    return any(path == area.path or path.startswith(f"{area.path}/") for area in areas)
