"""Somebody who drafts change sets, and things that they change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from tests.access.running import Person, RunningService, code_of
from tests.catalog.shop import a_price, a_product
from tests.commission_rates.rates import a_rate

SETS = "/api/v1/change-sets"


def a_rule(**fields: Any) -> dict[str, Any]:
    """A delivery fee for a place that no other test delivers to."""
    return {
        "name": f"delivery {uuid4()}",
        "type": "DELIVERY_FEE",
        "configuration": {"base_fee": 10.00},
        "currency": "TRY",
        "region": f"TR/city-{uuid4()}",
        **fields,
    }


def a_flag(**fields: Any) -> dict[str, Any]:
    return {"key": f"flag-{uuid4()}", "type": "NUMBER", "value": 1.5, "is_enabled": True, **fields}


@dataclass
class Desk:
    """One person at the API."""

    service: RunningService
    person: Person

    def other(self) -> Desk:
        """Somebody else with the same role."""
        return Desk(self.service, self.service.new_person("pricing_manager"))

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        place = path if path.startswith("/api") else f"/api/v1{path}"
        more = {} if body is None else {"json": body}
        return self.service.http.request(method, place, headers={**self.person.headers, **headers}, **more)

    def done(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The data of an answer that is a success."""
        answer = self.ask(method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json()["data"] if answer.content else None

    def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str, list[str]]:
        """Status, code and pointers of a refusal."""
        answer = self.ask(method, path, body, **headers)
        assert answer.is_error, answer.text
        return answer.status_code, code_of(answer), [each["pointer"] for each in answer.json().get("errors", [])]

    def rule(self, **fields: Any) -> dict[str, Any]:
        return dict(self.done("POST", "/pricing-rules", a_rule(**fields)))

    def rate(self, **fields: Any) -> dict[str, Any]:
        return dict(self.done("POST", "/commission-rates", a_rate(**fields)))

    def flag(self, **fields: Any) -> dict[str, Any]:
        return dict(self.done("POST", "/feature-flags", a_flag(**fields)))

    def product(self, **fields: Any) -> dict[str, Any]:
        return dict(self.done("POST", "/products", a_product(**fields)))

    def drafted(self, **changes: Any) -> dict[str, Any]:
        return dict(self.done("POST", SETS, {"name": f"set {uuid4()}", **changes}))

    def shown(self, change_set: dict[str, Any]) -> dict[str, Any]:
        return dict(self.done("GET", f"{SETS}/{change_set['id']}"))

    def published(self, change_set: dict[str, Any], **body: Any) -> dict[str, Any]:
        return dict(self.done("POST", f"{SETS}/{change_set['id']}/publish", body or None))

    def active_rules(self, name: str) -> list[dict[str, Any]]:
        """The active versions of a rule, newest first."""
        return self._rules(name, is_active="true")

    def rules_in_force(self, name: str) -> list[dict[str, Any]]:
        """The version of a rule that counts now, if one does."""
        return self._rules(name, active_at=datetime.now(UTC).isoformat())

    def _rules(self, name: str, **query: str) -> list[dict[str, Any]]:
        params = {"name": name, **query}
        answer = self.service.http.get("/api/v1/pricing-rules", params=params, headers=self.person.headers)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])

    def flag_now(self, flag_id: str) -> dict[str, Any]:
        return dict(self.done("GET", f"/feature-flags/{flag_id}"))

    def rate_now(self, rate_id: str) -> dict[str, Any]:
        return dict(self.done("GET", f"/commission-rates/{rate_id}"))

    def price_now(self, product: dict[str, Any]) -> Any:
        return self.done("GET", f"/products/{product['id']}")["prices"][0]["current_price"]


def draft_of(record: dict[str, Any], *, flag: bool = False) -> dict[str, Any]:
    """What was sent of a rate or a flag, as far as it is shown."""
    names = ("key", "type", "value", "is_enabled", "rollout") if flag else (
        "commission_type", "seller_id", "category_id", "logistics_provider", "rate", "region", "currency", "priority",
    )  # fmt: skip
    return {name: record[name] for name in names if record.get(name) is not None}


def everything(desk: Desk) -> dict[str, Any]:
    """One of each thing, and a set that changes all of them and creates, replaces and ends."""
    things: dict[str, Any] = {
        "rule": desk.rule(),
        "ended_rule": desk.rule(),
        "rate": desk.rate(rate=10),
        "ended_rate": desk.rate(rate=7),
        "flag": desk.flag(),
        "ended_flag": desk.flag(),
        "product": desk.product(prices=[a_price()]),
    }
    things["new_rule"], things["new_rate"], things["new_flag"] = a_rule(), a_rate(rate=3), a_flag()
    del things["new_rate"]["effective_from"]
    rule, rate, flag = things["rule"], things["rate"], things["flag"]
    replaced = {name: rule[name] for name in ("name", "type", "currency", "region")}
    things["changes"] = {
        "rules": [
            {"action": "replace", "draft": {**replaced, "configuration": {"base_fee": 12.50}}},
            {"action": "end", "name": things["ended_rule"]["name"]},
            {"action": "create", "draft": things["new_rule"]},
        ],
        "rates": [
            {"action": "replace", "rate_id": rate["id"], "draft": {**draft_of(rate), "rate": 12}},
            {"action": "end", "rate_id": things["ended_rate"]["id"]},
            {"action": "create", "draft": things["new_rate"]},
        ],
        "flags": [
            {"action": "replace", "draft": {**draft_of(flag, flag=True), "value": 2.5}},
            {"action": "end", "key": things["ended_flag"]["key"]},
            {"action": "create", "draft": things["new_flag"]},
        ],
        "prices": [{"product_id": things["product"]["id"], "currency": "TRY", "price": 89.90}],
    }
    return things


def state_now(desk: Desk, things: dict[str, Any]) -> dict[str, Any]:
    """What of these things counts now, by what people wrote of it."""
    rules = {
        name: [(rule["configuration"], rule["effective_to"]) for rule in desk.rules_in_force(things[name]["name"])]
        for name in ("rule", "ended_rule", "new_rule")
    }
    rates = {
        name: (rate["rate"], rate["is_active"], rate["effective_from"], rate["effective_to"])
        for name in ("rate", "ended_rate")
        for rate in [desk.rate_now(things[name]["id"])]
    }
    flags = {
        name: (flag["value"], flag["is_enabled"], flag["is_archived"])
        for name in ("flag", "ended_flag")
        for flag in [desk.flag_now(things[name]["id"])]
    }
    return {**rules, **rates, **flags, "price": desk.price_now(things["product"])}
