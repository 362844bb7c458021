"""Lists, objects and forms of the admin do what the API does, for whom the API does it. Source: docs/spec/web.md."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from quote_service.web.model.subjects.registry import SUBJECTS
from tests.access.running import RunningService
from tests.web.conftest import SignIn
from tests.web.signing_in import Visitor, text_of

FEE = {"variant": "DELIVERY_FEE", "/currency": "TRY", "/region": "TR", "/configuration/base_fee": "10.50"}


def new_key(visitor: Visitor, path: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', visitor.see(path))
    assert found is not None
    return found[1]


def create_rule(visitor: Visitor, **fields: str) -> str:
    name = f"fee-{uuid4().hex[:8]}"
    made = visitor.send("/admin/rules/new", **{**FEE, "/name": name, "key": uuid4().hex, **fields})
    assert made.status_code == 303, text_of(made.text)
    return made.headers["location"].partition("?")[0]


@pytest.mark.parametrize("area", SUBJECTS)
def test_a_list_is_shown_to_whom_the_api_shows_it(service: RunningService, signed_in: SignIn, area: str) -> None:
    for role in ("admin", "pricing_manager", "analyst"):
        shown = signed_in(role).http.get(f"/admin/{area}")
        api = service.http.get(SUBJECTS[area].path, headers=service.as_role(role)).status_code
        assert (shown.status_code == 200) == (api == 200), (role, shown.status_code, api)
    assert signed_in("user").http.get(f"/admin/{area}").status_code == 403


@pytest.mark.parametrize("area", SUBJECTS)
def test_every_filter_is_one_that_the_api_knows(signed_in: SignIn, area: str) -> None:
    visitor = signed_in("admin")
    for each in SUBJECTS[area].filters:
        for choice in each.choices or (("TAX" if each.name == "type" else "11111111-1111-4111-8111-111111111111"),):
            answer = visitor.http.get(f"/admin/{area}", params={each.name: choice})
            assert answer.status_code in (200, 422), text_of(answer.text)
            if each.choices:
                assert answer.status_code == 200, (each, choice, text_of(answer.text))


@pytest.mark.parametrize("area", SUBJECTS)
def test_what_belongs_to_an_object_is_asked_for_as_the_api_has_it(service: RunningService, area: str) -> None:
    paths = service.http.get("/docs/openapi.json").json()["paths"]
    subject = SUBJECTS[area]
    for part in subject.beside:
        pattern = re.compile(re.escape(subject.path) + r"/\{[a-z_]+\}" + re.escape(part.path))
        (path,) = [each for each in paths if pattern.fullmatch(each)]
        names = {each["name"] for each in paths[path]["get"].get("parameters", ())}
        assert ("limit" in names) == part.is_paged, part


def test_a_filter_that_the_api_refuses_says_why(signed_in: SignIn) -> None:
    answer = signed_in("admin").http.get("/admin/orders", params={"customer_id": "<script>"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'value="&lt;script&gt;"' in answer.text


def test_a_rule_is_made_shown_changed_and_ended(service: RunningService, signed_in: SignIn) -> None:
    visitor = signed_in("pricing_manager")
    path = create_rule(visitor)
    assert "10.50" in text_of(visitor.see(path))
    version = re.search(r'name="version" value="([^"]+)"', visitor.see(f"{path}/edit"))
    assert version is not None
    rule = service.http.get(f"/api/v1/pricing-rules/{path.rsplit('/', 1)[1]}", headers=service.as_role("admin")).json()
    changed = {**FEE, "/name": rule["data"]["name"], "/configuration/base_fee": "12.25"}
    saved = visitor.send(f"{path}/edit", **changed, version=version[1].replace("&#34;", '"'))
    assert saved.status_code == 303, text_of(saved.text)
    newer = saved.headers["location"]
    assert "12.25" in text_of(visitor.see(newer))
    shown = visitor.see(newer)
    version = re.search(r'name="version" value="([^"]+)"', shown)
    assert version is not None
    ended = visitor.send(f"{newer.partition('?')[0]}/do/end", version=version[1].replace("&#34;", '"'))
    assert ended.status_code == 303, text_of(ended.text)
    rule_id = newer.partition("?")[0].rsplit("/", 1)[1]
    ended_rule = service.http.get(f"/api/v1/pricing-rules/{rule_id}", headers=service.as_role("admin")).json()["data"]
    assert ended_rule["is_active"] is False


def test_two_who_change_one_rule_are_notified_of_each_other(signed_in: SignIn) -> None:
    one, other = signed_in("pricing_manager"), signed_in("admin")
    path = create_rule(one)
    name = re.search(r"<h1>(fee-[0-9a-f]+)</h1>", one.see(path))
    assert name is not None
    fields = {**FEE, "/name": name[1]}
    versions = []
    for visitor in (one, other):
        found = re.search(r'name="version" value="([^"]+)"', visitor.see(f"{path}/edit"))
        assert found is not None
        versions.append(found[1].replace("&#34;", '"'))
    assert (
        one.send(f"{path}/edit", **{**fields, "/configuration/base_fee": "11"}, version=versions[0]).status_code == 303
    )
    late = other.send(f"{path}/edit", **{**fields, "/configuration/base_fee": "99"}, version=versions[1])
    assert late.status_code in (409, 412)
    assert 'value="99"' in late.text


def test_a_form_that_is_sent_twice_makes_one_object(service: RunningService, signed_in: SignIn) -> None:
    visitor = signed_in("admin")
    name, key = f"fee-{uuid4().hex[:8]}", new_key(visitor, "/admin/rules/new?type=DELIVERY_FEE")
    sent = [visitor.send("/admin/rules/new", **{**FEE, "/name": name, "key": key}) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [303, 303]
    assert sent[0].headers["location"] == sent[1].headers["location"]


def test_a_fault_stands_with_its_field(signed_in: SignIn) -> None:
    visitor = signed_in("admin")
    answer = visitor.send(
        "/admin/rules/new", **{**FEE, "/name": "x", "key": uuid4().hex, "/configuration/base_fee": "-3"}
    )
    assert answer.status_code == 422
    assert 'name="/configuration/base_fee" value="-3"' in answer.text
    assert re.search(r'id="field-configuration-base_fee" aria-invalid="true"', answer.text)


def test_a_draft_is_tried_before_it_is_saved(service: RunningService, signed_in: SignIn) -> None:
    name = f"fee-{uuid4().hex[:8]}"
    tried = signed_in("pricing_manager").send(
        "/admin/rules/new", **{**FEE, "/name": name, "key": uuid4().hex, "to": "playground"}
    )
    assert tried.status_code == 200
    assert name in tried.text
    assert "Quote playground" in tried.text
    rules = service.http.get("/api/v1/pricing-rules", params={"name": name}, headers=service.as_role("admin"))
    assert rules.json()["data"] == []


def test_whoever_only_reads_is_offered_no_change(signed_in: SignIn) -> None:
    path = create_rule(signed_in("admin"))
    analyst = signed_in("analyst")
    shown = analyst.see(path)
    assert "/edit" not in shown
    assert "/do/" not in shown
    assert analyst.http.get(f"{path}/edit").status_code == 404
    assert analyst.http.get("/admin/rules/new").status_code == 404
    refused = analyst.send(f"{path}/do/end", version="*")
    assert refused.status_code == 403


def test_a_key_is_shown_once(signed_in: SignIn) -> None:
    visitor = signed_in("admin")
    made = visitor.send("/admin/api-keys/new", **{"/name": "till 7", "/scopes": "quote:write", "key": uuid4().hex})
    assert made.status_code == 200, text_of(made.text)
    key = re.search(r"qs_[a-z]+_\w+", text_of(made.text))
    assert key is not None
    listed = visitor.see("/admin/api-keys")
    assert "till 7" in listed
    assert key[0] not in listed


def test_a_flag_is_turned_off_at_once(service: RunningService, signed_in: SignIn) -> None:
    visitor = signed_in("pricing_manager")
    key = f"flag-{uuid4().hex[:8]}"
    made = visitor.send(
        "/admin/flags/new",
        **{
            "/key": key,
            "/type": "BOOLEAN",
            "/value": "true",
            "/is_enabled": "true",
            "/rollout/percentage": "5",
            "key": uuid4().hex,
        },
    )
    assert made.status_code == 303, text_of(made.text)
    path = made.headers["location"].partition("?")[0]
    assert "Turn it off now" in visitor.see(path)
    assert visitor.send(f"{path}/do/kill").status_code == 303
    flag: Any = service.http.get(f"/api/v1/feature-flags/key/{key}", headers=service.as_role("admin")).json()["data"]
    assert flag["is_enabled"] is False
    assert "Turn it off now?" not in visitor.see(path)


@pytest.mark.parametrize(
    "path",
    [
        "/admin/rules/nothing",
        "/admin/rules/0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
        "/admin/audit/0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
        "/admin/rules/x/do/explode",
    ],
)
def test_what_is_not_there_is_404(signed_in: SignIn, path: str) -> None:
    visitor = signed_in("admin")
    answer = visitor.send(path) if "/do/" in path else visitor.http.get(path)
    assert answer.status_code == 404


def test_names_are_texts_wherever_they_stand(service: RunningService, signed_in: SignIn) -> None:
    name = "<img src=x onerror=alert(1)>"
    draft = {"name": name, "type": "TAX", "configuration": {"rate": 1}, "region": "FR"}
    made = service.http.post("/api/v1/pricing-rules", json=draft, headers=service.as_role("admin")).json()["data"]
    visitor = signed_in("admin")
    for path in ("/admin/rules", f"/admin/rules/{made['id']}", f"/admin/rules/{made['id']}/edit", "/admin/audit"):
        shown = visitor.see(path)
        assert name not in shown


def test_the_fields_of_a_shape_come_once_it_is_chosen(signed_in: SignIn) -> None:
    visitor = signed_in("pricing_manager")
    path = "/admin/shape?draft=ChangeSetDraft&pointer=/rules/n3/draft&shape="
    assert 'name="/rules/n3/draft/configuration/base_fee"' in visitor.see(f"{path}DELIVERY_FEE")
    assert "<input" not in visitor.see(path)
    for wrong in ("draft=Nothing&pointer=/rules", "draft=ChangeSetDraft&pointer=/nothing/0"):
        assert visitor.http.get(f"/admin/shape?{wrong}").status_code == 404


def test_a_change_set_is_made_from_fields(service: RunningService, signed_in: SignIn) -> None:
    visitor, name = signed_in("pricing_manager"), f"fee-{uuid4().hex[:8]}"
    fields = {
        "/name": "Spring",
        "/rules/n1/action": "create",
        "/rules/n1/draft/name": name,
        "/rules/n1/draft/type": "DELIVERY_FEE",
        "/rules/n1/draft/currency": "TRY",
        "/rules/n1/draft/configuration/base_fee": "14.50",
        "/flags/n2/action": "create",
        "/flags/n2/draft/type": "NUMBER",
        "/flags/n2/draft/key": name,
        "/flags/n2/draft/value": "1.5",
    }
    made = visitor.send("/admin/change-sets/new", **fields, key=uuid4().hex)
    assert made.status_code == 303, text_of(made.text)
    set_id = made.headers["location"].partition("?")[0].rsplit("/", 1)[1]
    held = service.http.get(f"/api/v1/change-sets/{set_id}", headers=service.as_role("admin")).json()["data"]
    assert held["rules"][0]["draft"]["configuration"]["base_fee"] == 14.5
    assert held["flags"][0]["draft"]["value"] == 1.5
    assert f'name="/rules/0/draft/name" value="{name}"' in visitor.see(f"/admin/change-sets/{set_id}/edit")
