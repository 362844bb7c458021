"""Every page that a link leads to, one of each kind, as a person of some role comes by it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit
from uuid import UUID, uuid4

import httpx

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.settings import Settings
from tests.access.running import RunningService, until
from tests.signals.stored import Stored
from tests.web.competition import Competition
from tests.web.deciding import learn, suggest
from tests.web.experiments import run_experiments
from tests.web.signing_in import Visitor
from tests.web.test_actions import place_order

_LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')
_ID = re.compile(r"/(?:[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+)(?=/|$)")
# Files, which no page is.
_FILES = re.compile(r"/(csv|export)$")
# What a search may hold makes another page only here.
_KINDS = re.compile(r"^(?:.*&)?(?:type|report)=([A-Za-z_]+)")
STARTS = (
    "/admin",
    "/admin/style",
    "/account",
    "/admin/rules?name=nothing-is-called-so",
    "/admin/analytics?report=commission",
)


@dataclass
class Walk:
    """One path of each kind, with its answer, and what was shown and could not be opened."""

    answers: dict[str, httpx.Response] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)


def walk(visitor: Visitor, starts: tuple[str, ...] = STARTS) -> Walk:
    """Open what every page links to, one of each kind."""
    found, waiting = Walk(), list(starts)
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(path)
        if kind in found.answers or kind in found.refused:
            continue
        answer = visitor.http.get(path)
        if answer.status_code != 200:
            found.refused[kind] = answer.status_code
            continue
        found.answers[kind] = answer
        found.paths.append(path)
        for link in _LINK.findall(answer.text):
            parts = urlsplit(urljoin(path, link.replace("&amp;", "&")))
            if not parts.netloc and parts.path.startswith(("/admin", "/account")) and not _FILES.search(parts.path):
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


def kind_of(path: str) -> str:
    """What pages of one kind have in common: ids are left out, and of a search all but the type."""
    parts = urlsplit(path)
    kind = _KINDS.match(parts.query)
    is_new = parts.path.endswith(("/new", "/analytics"))
    return _ID.sub("/-", parts.path) + (f"?{kind[1]}" if kind and is_new else "?name" if "name=" in parts.query else "")


def furnish(service: RunningService) -> None:
    """One of each thing that the demonstration has none of."""
    headers = service.as_role("admin")

    def make(path: str, body: object) -> None:
        made = service.http.post(f"/api/v1/{path}", json=body, headers=headers)
        assert made.status_code in (200, 201, 202), (path, made.text)

    place_order(service)
    make("api-keys", {"name": "checkout", "scopes": ["quote:write"]})
    make("webhooks", {"url": "https://shop.example/hook", "event_types": ["order.placed"]})
    draft = {"name": "small-summer", "type": "SMALL_BASKET_FEE", "currency": "TRY"}
    rule = {"action": "create", "draft": {**draft, "configuration": {"threshold": 50, "fee": 5}}}
    make("change-sets", {"name": "Summer", "rules": [rule]})
    now = datetime.now(UTC)
    make(
        "analytics/replay",
        {"from": (now - timedelta(days=7)).isoformat(), "to": now.isoformat(), "draft_rules": [rule["draft"]]},
    )
    run_experiments(service)
    rival = Competition(service, "Corner Shop")
    tea = next(each for each in rival.products() if each["name"].startswith("Black tea"))
    rival.sell(tea, (9, 99.0), (0, 101.5))
    rival.offer("Black tea, loose", 12.0)
    make("signal-thresholds", {"kind": "low_inventory", "product_id": tea["id"], "threshold": 20})
    stored = Stored(service.parts[Settings].database_url)
    stored.signal("competitor_price_drop", UUID(tea["id"]))
    stored.ask(dead_letter)
    rival.propose()
    lamp = rival.product("Reading lamp, small", "100.00", cost=70)
    policy = {"product_id": lamp["id"], "currency": "TRY", "mode": "suggest", "floor_price": 80}
    make("price-policies", {**policy, "highest_margin_percent": 60})
    learn(service, lamp["id"], -1.5, 100_00)
    suggest(service, lamp["id"])
    clusters = [{"name": each["name"], "product_ids": [each["id"]]} for each in (lamp, tea)]
    change = {"currency": "TRY", "design": "clusters", "change_percent": 5, "days": 14}
    make("price-experiments", {"name": "A little more expensive", **change, "clusters": clusters})
    until(lambda: "Black tea" in service.http.get("/store").text, "the catalog is there")


async def dead_letter(connection: Connection) -> UUID:
    """Put something aside that no consumer understands; its id."""
    letter_id: UUID = await connection.fetchval(
        "INSERT INTO event_dead_letters (consumer_group, topic, event_id, raw, state, last_error) "
        "VALUES ('behaviour', 'user-behavior', $1, '?', 'dead', 'it is no event') RETURNING id",
        uuid4(),
    )
    return letter_id
