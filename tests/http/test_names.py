"""One idea has one name on the wire, and former names work for a release.

Source: docs/spec/wire.md#names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from quote_service.platform.documents.renamed import GONE_IN, NAMES
from tests.access.running import code_of
from tests.catalog.shop import a_product, pointers
from tests.change_sets.desk import a_flag, a_rule
from tests.commission_rates.rates import a_rate
from tests.flash_sales.sales import a_sale
from tests.http.openapi.described import document

FORMER = {former: new for new, names in NAMES.items() for former in names}
# The same words where they mean something else: since when something has been so, and a customer's bucket of a flag.
OTHER_MEANINGS = {
    ("BusReach", "since"),
    ("LiveSales", "since"),
    ("SecondFactor", "since"),
    ("Evaluation", "bucket"),
    ("GET /ofrep/v1/events", "since"),
}
ZONE = "Europe/Istanbul"
MISSING = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"


def fields() -> Iterator[tuple[str, str, dict[str, Any], set[str]]]:
    """Every field and parameter: of what, its name, what is said of it, and the names beside it."""
    for holder, schema in document()["components"]["schemas"].items():
        for shape in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())):
            for name, reported in shape.get("properties", {}).items():
                yield holder, name, reported, set(shape["properties"])
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            given = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
            for parameter in given:
                yield f"{method.upper()} {path}", parameter["name"], parameter, {each["name"] for each in given}


def test_a_former_name_is_declared_and_stands_beside_the_new_one() -> None:
    met = set()
    for holder, name, reported, beside in fields():
        if name not in FORMER or (holder, name) in OTHER_MEANINGS:
            assert not reported.get("deprecated"), (holder, name)
            continue
        assert reported.get("deprecated") is True, (
            f"{holder} has {name}: call it {FORMER[name]} (docs/spec/wire.md#names)"
        )
        new = reported["description"].split("`")[1]
        assert reported["description"] == f"Former name of `{new}`, until release {GONE_IN}."
        assert name in NAMES[new], (holder, name)
        assert new in beside, (holder, name)
        met.add(name)
    assert met == FORMER.keys()


def test_both_editions_of_the_description_say_so(anonymous: httpx.Client) -> None:
    for path in ("/docs/openapi.json", "/docs/openapi-3.0.json"):
        record = anonymous.get(path).json()["components"]["schemas"]["FlagRecord"]
        assert record["properties"]["state"]["deprecated"] is True
        assert {"status", "updated_at"} <= set(record["required"])
        assert not {"state", "changed_at"} & set(record["required"])


def renamed_parameters() -> list[tuple[str, str, str, list[str]]]:
    """Each renamed parameter of a query: the path, the former and the new name, and two values that it takes."""
    found = []
    for path, operations in document()["paths"].items():
        parameters = {each["name"]: each for each in operations.get("get", {}).get("parameters", ())}
        for former, reported in parameters.items():
            if reported.get("deprecated"):
                new = reported["description"].split("`")[1]
                schemas = [reported["schema"], *reported["schema"].get("anyOf", ())]
                values: list[str] = next((each["enum"] for each in schemas if "enum" in each), [])
                if any(each.get("format") == "date-time" for each in schemas):
                    values = ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"]
                found.append((path, former, new, list(values or [ZONE, "UTC"])[:2]))
    return found


@pytest.mark.parametrize(("path", "former", "new", "values"), renamed_parameters(), ids=lambda each: str(each)[:60])
def test_a_query_takes_either_name(admin: httpx.Client, path: str, former: str, new: str, values: list[str]) -> None:
    one, other = values
    place = path
    for name in ("{product_id}", "{sale_id}", "{endpoint_id}"):
        place = place.replace(name, MISSING)

    def asked(**query: str) -> tuple[int, list[str]]:
        answer = admin.get(place, params=query)
        return answer.status_code, pointers(answer) if answer.status_code == 422 else []

    assert asked(**{former: one}) == asked(**{new: one}) == asked(**{former: one, new: one})
    assert asked(**{new: one})[0] in ((200, 404) if "{" in path else (200,)) or former == "bucket"
    assert asked(**{former: one, new: other}) == (422, [f"/query/{new}"])
    assert asked(**{former: "neither"})[0] == 422


def both_names(value: Any) -> set[str]:
    """The new names in an answer; wherever one stands, its former name says the same beside it."""
    if isinstance(value, list):
        return {name for each in value for name in both_names(each)}
    if not isinstance(value, dict):
        return set()
    found = {name for name, formers in NAMES.items() for former in formers if name in value and former in value}
    assert all(value[name] == value[former] for name in found for former in NAMES[name] if former in value)
    return found | both_names(list(value.values()))


SHOWN: dict[str, tuple[Callable[[], dict[str, Any]], set[str]]] = {
    "commission-rates": (a_rate, {"updated_at", "updated_by"}),
    "pricing-rules": (
        lambda: a_rule(conditions={"time_zone": ZONE, "weekdays": [1]}),
        {"updated_at", "updated_by", "time_zone"},
    ),
    "feature-flags": (a_flag, {"updated_at", "updated_by", "status"}),
    "flash-sales": (a_sale, {"updated_at", "updated_by", "status"}),
    "change-sets": (
        lambda: {"name": "spring", "flags": [{"action": "create", "draft": a_flag()}]},
        {"updated_at", "updated_by"},
    ),
    "products": (a_product, {"updated_by"}),
    "categories": (lambda: {"name": f"category {uuid4()}"}, {"updated_by"}),
    "sellers": (lambda: {"name": f"seller {uuid4()}"}, {"updated_by"}),
    "customers": (dict, {"updated_by"}),
    "competitors": (lambda: {"name": f"competitor {uuid4()}", "note": "by feed"}, {"updated_by", "note"}),
}


@pytest.mark.parametrize("path", SHOWN)
def test_answers_lists_and_the_audit_log_have_both_names(admin: httpx.Client, path: str) -> None:
    draft, expected = SHOWN[path]
    made = admin.post(f"/api/v1/{path}", json=draft(), headers={"Idempotency-Key": str(uuid4())})
    assert made.status_code == 201, made.text
    object_id = made.json()["data"]["id"]
    shown = admin.get(f"/api/v1/{path}/{object_id}").json()["data"]
    assert both_names(shown) == expected
    assert shown["updated_at"]
    listed = admin.get(f"/api/v1/{path}", params={"limit": 200}).json()["data"]
    assert {"updated_at", *expected} - {"time_zone"} <= next(row for row in listed if row["id"] == object_id).keys()
    (row,) = admin.get("/api/v1/audit", params={"object_id": object_id}).json()["data"]
    assert both_names(row["after"]) == expected


def test_a_body_takes_either_name_and_not_both_of_different_values(admin: httpx.Client) -> None:
    def made(**conditions: Any) -> httpx.Response:
        return admin.post("/api/v1/pricing-rules", json=a_rule(conditions={"weekdays": ["friday"], **conditions}))

    for sent in ({"timezone": ZONE}, {"time_zone": ZONE}, {"time_zone": ZONE, "timezone": ZONE}):
        conditions = made(**sent).json()["data"]["conditions"]
        assert (conditions["time_zone"], conditions["timezone"]) == (ZONE, ZONE)
    refused = made(time_zone=ZONE, timezone="UTC")
    assert (refused.status_code, code_of(refused)) == (422, "validation-error")
    assert refused.json()["errors"] == [
        {
            "pointer": "/conditions/time_zone",
            "detail": "differs from timezone, its former name; send one of them",
        }
    ]
    window = {"from": "20:00", "to": "02:00"}
    assert pointers(made(time_of_day={**window, "timezone": 5})) == ["/conditions/time_of_day/timezone"]
    assert pointers(made(time_of_day={**window, "time_zone": 5})) == ["/conditions/time_of_day/time_zone"]
    assert pointers(made(timezone="Atlantis")) == pointers(made(time_zone="Atlantis")) == ["/conditions/time_zone"]


def test_what_is_shown_is_sent_back_with_both_names(admin: httpx.Client) -> None:
    made = admin.post("/api/v1/pricing-rules", json=a_rule(conditions={"time_zone": ZONE, "weekdays": [1]}))
    shown = made.json()["data"]
    place = f"/api/v1/pricing-rules/{shown['id']}"
    changed = {**shown, "conditions": {"weekdays": [1], "time_zone": "UTC"}}
    assert pointers(admin.put(place, json={**shown, "conditions": {**shown["conditions"], "time_zone": "UTC"}})) == [
        "/conditions/time_zone"
    ]
    after = admin.put(place, json=changed).json()["data"]
    assert after["conditions"]["timezone"] == "UTC"
    diff = admin.get(f"/api/v1/pricing-rules/{shown['id']}/diff", params={"to": after["id"]}).json()["data"]
    assert [each["pointer"] for each in diff["changes"] if "zone" in each["pointer"]] == ["/conditions/time_zone"]


@pytest.mark.parametrize("name", ["note", "reason_note"])
def test_a_price_change_takes_either_name(admin: httpx.Client, name: str) -> None:
    product = admin.post("/api/v1/products", json=a_product()).json()["data"]
    place = f"/api/v1/products/{product['id']}/price"
    answer = admin.put(place, json={"price": 90, "currency": "TRY", name: "Spring"})
    assert answer.is_success, answer.text
    assert (answer.json()["data"]["note"], answer.json()["data"]["reason_note"]) == ("Spring", "Spring")
    both = admin.put(place, json={"price": 80, "currency": "TRY", "note": "a", "reason_note": "b"})
    assert pointers(both) == ["/note"]


@pytest.mark.parametrize("name", ["from", "since"])
def test_an_event_replay_begins_by_either_name(admin: httpx.Client, name: str) -> None:
    place = "/api/v1/event-bus/replays"
    asked = admin.post(place, json={"consumer_group": "behaviour", name: "2020-01-01T00:00:00Z"})
    assert pointers(asked) == ["/from"]
    assert pointers(admin.post(place, json={"consumer_group": "behaviour"})) == ["/from"]


def test_a_rate_limit_without_burst_has_twice_as_much(admin: httpx.Client) -> None:
    draft = {"name": f"shop {uuid4()}", "scopes": ["quote:read"], "rate_limit": {"requests_per_second": 7}}
    made = admin.post("/api/v1/api-keys", json=draft)
    assert made.json()["data"]["rate_limit"] == {"requests_per_second": 7, "burst": 14}
