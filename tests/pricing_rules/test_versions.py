"""Versions of pricing rules over HTTP: every sentence of docs/spec/pricing-rules.md#versions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from quote_service.platform.system.new_ids import new_id
from tests.fixtures.service import Service
from tests.pricing_rules.drafts import PATH, code, created, delivery, new_name, pointers, tax


def test_a_new_name_makes_version_1(admin: httpx.Client) -> None:
    before = datetime.now(UTC)
    draft = delivery()
    answer = admin.post(PATH, json=draft)
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    assert (data["version"], data["name"], data["is_active"], data["revision"]) == (1, draft["name"], True, 1)
    assert before <= datetime.fromisoformat(data["effective_from"]) <= datetime.now(UTC)
    assert data["effective_to"] is None
    assert data["created_by"]
    assert answer.headers["location"] == f"{PATH}/{data['id']}"
    read = admin.get(answer.headers["location"])
    assert read.headers["etag"] == answer.headers["etag"]
    assert not read.headers["etag"].startswith("W/")
    assert {**read.json()["data"], "warnings": data["warnings"]} == data


def test_a_name_is_taken_even_by_an_inactive_rule(admin: httpx.Client) -> None:
    draft = delivery()
    made = created(admin, draft)
    assert code(admin.post(PATH, json=draft)) == (409, "name-taken")
    assert admin.delete(f"{PATH}/{made['id']}").status_code == 204
    assert code(admin.post(PATH, json=draft)) == (409, "name-taken")


def test_numbers_come_back_with_their_digits(admin: httpx.Client) -> None:
    body = (
        '{"name": "NAME", "type": "DELIVERY_FEE", "currency": "TRY", "region": "TR/X",'
        ' "configuration": {"base_fee": 10.50, "per_km": "2.500", "free_km": 1.0, "max_fee": 40},'
        ' "conditions": {"min_subtotal": 20.00, "weekdays": ["mon", 2]}}'
    ).replace("NAME", new_name())
    answer = admin.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text
    text = admin.get(answer.headers["location"]).text
    for written in ('"base_fee":10.50', '"per_km":"2.500"', '"free_km":1.0', '"max_fee":40', '"min_subtotal":20.00'):
        assert written in text
    assert answer.json()["data"]["conditions"] == {"min_subtotal": 20.0, "weekdays": ["mon", 2]}


def test_put_adds_a_version_and_changes_no_row(admin: httpx.Client) -> None:
    draft = delivery()
    first = created(admin, draft)
    old = admin.get(f"{PATH}/{first['id']}")
    answer = admin.put(f"{PATH}/{first['id']}", json={**draft, "configuration": {"base_fee": 12}})
    assert answer.status_code == 200, answer.text
    second = answer.json()["data"]
    assert (second["version"], second["configuration"]) == (2, {"base_fee": 12})
    assert second["id"] != first["id"]
    assert answer.headers["location"] == f"{PATH}/{second['id']}"
    assert admin.get(answer.headers["location"]).headers["etag"] == answer.headers["etag"]
    again = admin.get(f"{PATH}/{first['id']}")
    assert (again.content, again.headers["etag"]) == (old.content, old.headers["etag"])


def test_name_and_type_cannot_change(admin: httpx.Client) -> None:
    draft = tax()
    made = created(admin, draft)
    other = {**delivery(), "region": draft["region"]}
    assert pointers(admin.put(f"{PATH}/{made['id']}", json=other)) == ["/name", "/type"]
    assert pointers(admin.put(f"{PATH}/{made['id']}", json={**other, "name": draft["name"]})) == ["/type"]
    assert pointers(admin.put(f"{PATH}/{made['id']}", json={**draft, "name": new_name()})) == ["/name"]
    assert len(admin.get(f"{PATH}/versions", params={"name": draft["name"]}).json()["data"]) == 1


def test_put_on_a_version_that_is_not_the_newest(admin: httpx.Client) -> None:
    draft = delivery()
    made = created(admin, draft)
    tag = admin.get(f"{PATH}/{made['id']}").headers["etag"]
    assert admin.put(f"{PATH}/{made['id']}", json=draft).status_code == 200
    assert code(admin.put(f"{PATH}/{made['id']}", json=draft)) == (409, "version-conflict")
    assert code(admin.put(f"{PATH}/{made['id']}", json=draft, headers={"If-Match": tag})) == (409, "version-conflict")


def test_a_stale_tag_changes_nothing(admin: httpx.Client) -> None:
    draft = delivery()
    made = created(admin, draft)
    path = f"{PATH}/{made['id']}"
    tag = admin.get(path).headers["etag"]
    assert code(admin.put(path, json=draft, headers={"If-Match": '"other"'})) == (412, "precondition-failed")
    assert code(admin.delete(path, headers={"If-Match": '"other"'})) == (412, "precondition-failed")
    assert admin.get(path).json()["data"]["is_active"] is True
    assert admin.delete(path, headers={"If-Match": tag}).status_code == 204
    assert code(admin.put(path, json=draft, headers={"If-Match": tag})) == (412, "precondition-failed")
    fresh = admin.get(path).headers["etag"]
    assert admin.put(path, json=draft, headers={"If-Match": fresh}).status_code == 200


@pytest.mark.long("a hundred races of two writers")
@pytest.mark.parametrize("conditional", [True, False])
def test_of_two_writers_of_one_version_exactly_one_wins(
    service: Service, admin: httpx.Client, conditional: bool
) -> None:
    draft = delivery()
    newest = created(admin, draft)
    with service.admin() as one, service.admin() as other, ThreadPoolExecutor(2) as threads:
        for turn in range(100):
            path = f"{PATH}/{newest['id']}"
            headers = {"If-Match": admin.get(path).headers["etag"]} if conditional else {}

            def put(
                client: httpx.Client, fee: int, path: str = path, headers: dict[str, str] = headers
            ) -> httpx.Response:
                return client.put(path, json={**draft, "configuration": {"base_fee": fee}}, headers=headers)

            answers = list(threads.map(put, (one, other), (2 * turn, 2 * turn + 1)))
            (won,) = [answer for answer in answers if answer.status_code == 200]
            (lost,) = [answer for answer in answers if answer.status_code != 200]
            assert lost.status_code in (409, 412), lost.text
            newest = won.json()["data"]
            assert newest["version"] == turn + 2
    versions = admin.get(f"{PATH}/versions", params={"name": draft["name"], "limit": 200}).json()["data"]
    assert [row["version"] for row in versions] == list(range(101, 0, -1))


def test_delete_sets_that_version_inactive(admin: httpx.Client) -> None:
    draft = delivery()
    first = created(admin, draft)
    second = admin.put(f"{PATH}/{first['id']}", json=draft).json()["data"]
    answer = admin.delete(f"{PATH}/{second['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    read = admin.get(f"{PATH}/{second['id']}").json()["data"]
    assert (read["is_active"], read["revision"]) == (False, 2)
    assert admin.get(f"{PATH}/{first['id']}").json()["data"]["is_active"] is True
    assert admin.delete(f"{PATH}/{second['id']}").status_code == 204
    assert admin.get(f"{PATH}/{second['id']}").json()["data"]["revision"] == 2


def test_versions_are_listed_newest_first_in_pages(admin: httpx.Client) -> None:
    draft = delivery()
    newest = created(admin, draft)
    for _ in range(4):
        newest = admin.put(f"{PATH}/{newest['id']}", json=draft).json()["data"]
    seen: list[int] = []
    parameters: dict[str, Any] = {"name": draft["name"], "limit": 2}
    while True:
        page = admin.get(f"{PATH}/versions", params=parameters).json()
        seen += [row["version"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        parameters["cursor"] = page["next_cursor"]
    assert seen == [5, 4, 3, 2, 1]
    assert pointers(admin.get(f"{PATH}/versions")) == ["/query/name"]
    assert code(admin.get(f"{PATH}/versions", params={"name": new_name()})) == (404, "not-found")
    assert pointers(admin.get(f"{PATH}/versions", params={"name": draft["name"], "type": "TAX"})) == ["/query/type"]


def test_rollback_makes_the_next_version_from_an_old_one(admin: httpx.Client) -> None:
    draft = delivery(configuration={"base_fee": 10, "max_fee": 20}, conditions={"express": True})
    first = created(admin, draft)
    second = admin.put(f"{PATH}/{first['id']}", json={**draft, "configuration": {"base_fee": 12}}).json()["data"]
    admin.delete(f"{PATH}/{first['id']}")
    answer = admin.post(f"{PATH}/{first['id']}/rollback")
    assert answer.status_code == 201, answer.text
    third = answer.json()["data"]
    assert answer.headers["location"] == f"{PATH}/{third['id']}"
    assert admin.get(answer.headers["location"]).headers["etag"] == answer.headers["etag"]
    assert (third["version"], third["is_active"]) == (3, True)
    for name in ("configuration", "conditions", "effective_from", "effective_to", "currency", "region", "priority"):
        assert third[name] == first[name]
    assert admin.get(f"{PATH}/{second['id']}").json()["data"]["version"] == 2
    assert code(admin.post(f"{PATH}/{new_id()}/rollback")) == (404, "not-found")


def test_rollback_and_post_are_repeatable(admin: httpx.Client) -> None:
    draft = delivery()
    key = {"Idempotency-Key": new_id()}
    first, again = (admin.post(PATH, json=draft, headers=key) for _ in range(2))
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.headers["location"], again.headers["etag"]) == (first.headers["location"], first.headers["etag"])
    key = {"Idempotency-Key": new_id()}
    path = f"{first.headers['location']}/rollback"
    one, two = (admin.post(path, headers=key) for _ in range(2))
    assert one.json()["data"]["version"] == 2
    assert two.content == one.content


def test_diff_shows_field_by_field_what_changed(admin: httpx.Client) -> None:
    draft = delivery(configuration={"base_fee": 10.5, "max_fee": 20}, conditions={"customer_tiers": ["gold", "tin"]})
    first = created(admin, draft)
    changed = {
        **draft,
        "effective_from": first["effective_from"],
        "configuration": {"base_fee": 10.50, "per_km": 2, "max_fee": 30},
        "conditions": {"customer_tiers": ["gold"]},
        "priority": 5,
    }
    second = admin.put(f"{PATH}/{first['id']}", json=changed).json()["data"]
    expected: list[dict[str, Any]] = [
        {"pointer": "/configuration/max_fee", "before": 20, "after": 30},
        {"pointer": "/configuration/per_km", "after": 2},
        {"pointer": "/conditions/customer_tiers/1", "before": "tin"},
        {"pointer": "/priority", "before": 0, "after": 5},
    ]
    for to in (second["id"], 2):
        data = admin.get(f"{PATH}/{first['id']}/diff", params={"to": to}).json()["data"]
        assert sorted(data["changes"], key=lambda change: change["pointer"]) == sorted(
            expected, key=lambda change: str(change["pointer"])
        )
        assert data["compared"] == {"id": first["id"], "version": 1}
        assert data["to"] == {"id": second["id"], "version": 2}
    assert admin.get(f"{PATH}/{first['id']}/diff", params={"to": 1}).json()["data"]["changes"] == []


def test_diff_is_within_one_rule(admin: httpx.Client) -> None:
    one, other = created(admin, delivery()), created(admin, delivery())
    path = f"{PATH}/{one['id']}/diff"
    assert pointers(admin.get(path, params={"to": other["id"]})) == ["/query/to"]
    assert pointers(admin.get(path)) == ["/query/to"]
    for bad in ("", "-1", "0", "zero", "'; DROP TABLE pricing_rules; --", "99999999999"):
        assert pointers(admin.get(path, params={"to": bad})) == ["/query/to"]
    assert pointers(admin.get(path, params={"to": "1", "from": "2"})) == ["/query/from"]
    for missing in ("2", "2147483647", new_id()):
        assert code(admin.get(path, params={"to": missing})) == (404, "not-found")


def test_what_is_not_there_is_404(admin: httpx.Client) -> None:
    path = f"{PATH}/{new_id()}"
    for answer in (
        admin.get(path),
        admin.put(path, json=delivery()),
        admin.delete(path),
        admin.get(f"{path}/diff?to=1"),
    ):
        assert code(answer) == (404, "not-found")


def test_every_change_is_in_the_audit_log(admin: httpx.Client) -> None:
    draft = delivery()
    first = created(admin, draft)
    second = admin.put(f"{PATH}/{first['id']}", json=draft).json()["data"]
    third = admin.post(f"{PATH}/{first['id']}/rollback").json()["data"]
    admin.delete(f"{PATH}/{third['id']}")
    for row, action in ((first, "rule.create"), (second, "rule.replace"), (third, "rule.rollback")):
        entries = admin.get("/api/v1/audit", params={"object_id": row["id"]}).json()["data"]
        assert entries[-1]["action"] == action
        assert entries[-1]["after"]["version"] == row["version"]
    deactivated = admin.get("/api/v1/audit", params={"object_id": third["id"]}).json()["data"][0]
    assert deactivated["action"] == "rule.deactivate"
    assert (deactivated["before"]["is_active"], deactivated["after"]["is_active"]) == (True, False)
