"""`quote-service flags import`: what it says, and that it writes all or nothing.

Source: docs/spec/feature-flags.md#import.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.rulebook.feature_flags.model.imports.growthbook import translate_growthbook
from quote_service.rulebook.feature_flags.model.imports.translated import Translated
from quote_service.rulebook.feature_flags.model.imports.unleash import translate_unleash
from quote_service.serving.cli import main
from tests.feature_flags.conftest import FLAGS, created, eventually_asked, new_key

CUSTOMER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
FIFTY = {"name": "flexibleRollout", "parameters": {"rollout": "50", "stickiness": "default", "groupId": "g"}}


def toggle(**members: Any) -> dict[str, Any]:
    return {"name": new_key(), "enabled": True, "strategies": [FIFTY], **members}


def of_unleash(feature: dict[str, Any], **document: Any) -> Translated:
    [moved] = translate_unleash({"features": [feature], **document})
    return moved


def of_growthbook(feature: dict[str, Any], customer_field: str = "id") -> Translated:
    [moved] = translate_growthbook(parse_exact(json.dumps({"features": {"feature": feature}})), customer_field)
    return moved


@pytest.mark.parametrize(
    ("strategy", "lost"),
    [
        ({"name": "gradualRolloutRandom", "parameters": {"percentage": "10"}}, "the strategy gradualRolloutRandom"),
        ({"name": "remoteAddress", "parameters": {"IPs": "10.0.0.1"}}, "the strategy remoteAddress"),
        ({**FIFTY, "parameters": {"rollout": "50", "stickiness": "random"}}, "by chance"),
        ({**FIFTY, "parameters": {"rollout": "12.5", "stickiness": "userId"}}, "the share '12.5'"),
        ({**FIFTY, "constraints": [{"contextName": "appName", "operator": "IN", "values": ["a"]}]}, "appName"),
        ({**FIFTY, "constraints": [{"contextName": "country", "operator": "NOT_IN", "values": ["TR"]}]}, "NOT_IN"),
        ({**FIFTY, "constraints": [{"contextName": "country", "operator": "IN", "values": ["XX"]}]}, "XX"),
        (
            {**FIFTY, "constraints": [{"contextName": "tier", "operator": "IN", "values": ["a"], "inverted": True}]},
            "inverted",
        ),
        ({**FIFTY, "segments": [7]}, "the segment 7"),
        ({"name": "userWithId", "parameters": {"userIds": "ayse,mehmet"}}, "no customer ids"),
    ],
)
def test_what_a_flag_cannot_say_is_lost_with_the_reason(strategy: dict[str, Any], lost: str) -> None:
    moved = of_unleash(toggle(strategies=[strategy]))
    assert moved.draft is None
    assert any(lost in reason for reason in moved.lost), moved.lost


@pytest.mark.parametrize(
    ("members", "lost"),
    [
        ({"strategies": [FIFTY, {**FIFTY, "parameters": {"rollout": "10"}}]}, "2 strategies"),
        ({"strategies": [{**FIFTY, "disabled": True}]}, "switched off"),
        ({"dependencies": [{"feature": "parent"}]}, "depends on another toggle"),
        ({"archived": True}, "archived"),
        ({"name": "a name with spaces"}, "key"),
        ({"variants": [{"name": "a", "weight": 1}, {"name": "b", "weight": 1}]}, "another group or field"),
        (
            {"strategies": [], "variants": [{"name": "a", "weight": 1, "payload": {"type": "json", "value": "{"}}]},
            "no json",
        ),
    ],
)
def test_so_is_what_no_flag_can_be(members: dict[str, Any], lost: str) -> None:
    moved = of_unleash(toggle(**members))
    assert moved.draft is None
    assert any(lost in reason for reason in moved.lost), moved.lost


def test_constraints_and_segments_become_whom_a_rollout_is_for() -> None:
    tier = {"contextName": "customer_tier", "operator": "IN", "values": ["gold"]}
    after = {"contextName": "currentTime", "operator": "DATE_AFTER", "value": "2026-01-01T00:00:00.000Z"}
    country = {"contextName": "country", "operator": "IN", "values": ["TR", "DE"]}
    segment = {"id": 7, "name": "abroad", "constraints": [country]}
    moved = of_unleash(
        toggle(strategies=[{**FIFTY, "constraints": [tier, after], "segments": [7]}]), segments=[segment]
    )
    assert moved.draft is not None, moved.lost
    rollout = moved.draft.rollout
    assert rollout is not None
    assert (rollout.customer_tiers, rollout.regions, str(rollout.percentage)) == (["gold"], ["TR", "DE"], "50")
    assert rollout.starts_at is not None
    assert rollout.starts_at.isoformat() == "2026-01-01T00:00:00+00:00"
    assert any("delivery address" in note for note in moved.notes)


def test_users_by_id_are_overrides() -> None:
    named = {"name": "userWithId", "parameters": {"userIds": f"{CUSTOMER}, {CUSTOMER.upper()}"}}
    alone, beside = of_unleash(toggle(strategies=[named])), of_unleash(toggle(strategies=[named, FIFTY]))
    for moved, percentage in ((alone, 0), (beside, 50)):
        assert moved.draft is not None, moved.lost
        assert moved.draft.rollout is not None
        assert moved.draft.rollout.percentage == percentage
        assert {str(customer): key for customer, key in (moved.draft.rollout.overrides or {}).items()} == {
            CUSTOMER: "on"
        }


def test_an_export_of_unleash_is_put_together() -> None:
    name = new_key()
    document = {
        "features": [{"name": name, "type": "release", "project": "default"}],
        "featureStrategies": [{**FIFTY, "featureName": name, "id": "1", "sortOrder": 0}],
        "featureEnvironments": [{"name": name, "environment": "production", "enabled": True}],
        "tagTypes": [],
    }
    [moved] = translate_unleash(document)
    assert moved.draft is not None, moved.lost
    assert (moved.draft.is_enabled, moved.draft.salt, moved.draft.algorithm) == (True, "g", "unleash")
    assert moved.draft.rollout is not None
    assert moved.draft.rollout.percentage == 50


@pytest.mark.parametrize(
    ("rule", "lost"),
    [
        ({"force": True, "condition": {"browser": "firefox"}}, "browser"),
        ({"force": True, "condition": {"country": {"$nin": ["TR"]}}}, "$nin"),
        ({"force": True, "condition": {"$or": [{"country": "TR"}]}}, "$or"),
        ({"force": True, "coverage": 0.5, "hashVersion": 3}, "hashVersion 3"),
        ({"force": True, "coverage": 0.12345, "hashVersion": 2}, "multiple of 0.01"),
        ({"variations": [True, False], "namespace": ["n", 0, 0.5]}, "namespace"),
        ({"variations": [True, False], "weights": [0.33333331, 0.66666669]}, "more than six digits"),
        ({"parentConditions": [{"id": "other"}]}, "parentConditions"),
    ],
)
def test_what_a_feature_cannot_keep_is_lost_with_the_reason(rule: dict[str, Any], lost: str) -> None:
    moved = of_growthbook({"defaultValue": False, "rules": [rule]})
    assert moved.draft is None
    assert any(lost in reason for reason in moved.lost), moved.lost


def test_a_feature_becomes_a_flag() -> None:
    rules = [
        {"variations": ["a", "b"], "coverage": 0.4, "weights": [0.3333, 0.6667], "hashVersion": 2, "key": "exp",
         "condition": {"country": {"$in": ["TR"]}}, "meta": [{"key": "control"}, {"key": "new"}]},
        {"force": "c"},
    ]  # fmt: skip
    moved = of_growthbook({"defaultValue": "d", "rules": rules})
    assert moved.draft is not None, moved.lost
    draft, rollout = moved.draft, moved.draft.rollout
    assert rollout is not None
    assert (draft.type, draft.default_value, draft.salt, draft.algorithm) == ("STRING", "c", "exp", "growthbook-v2")
    assert (str(rollout.percentage), rollout.regions, rollout.stickiness) == ("40", ["TR"], "customer_id")
    arms = [(arm.key, arm.value, arm.weight) for arm in rollout.variants or ()]
    assert arms == [("control", "a", 333300), ("new", "b", 666700)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.json"


def run(service: Any, file: Path, *options: str, system: str = "unleash") -> Any:
    command = ["flags", "import", "--from", system, *options, str(file)]
    return CliRunner().invoke(main, command, env={"DATABASE_URL": service.database_url})


def is_there(admin: httpx.Client, key: str) -> bool:
    return admin.get(f"{FLAGS}/key/{key}").status_code == 200


def test_without_apply_it_only_shows(service: Any, admin: httpx.Client, file: Path) -> None:
    good = toggle()
    file.write_text(json.dumps({"features": [good]}))
    printed = run(service, file)
    assert printed.exit_code == 0, printed.output
    assert f"{good['name']}: BOOLEAN, on, 50 %, unleash" in printed.output
    assert "1 flags would be created, 0 are there already, 0 skipped" in printed.output
    assert not is_there(admin, good["name"])


def test_with_apply_it_writes_them_with_their_audit_rows_and_once(
    service: Any, admin: httpx.Client, checkout: httpx.Client, file: Path
) -> None:
    names = [new_key() for _ in range(3)]
    file.write_text(json.dumps({"features": [toggle(name=name) for name in names]}))
    assert "3 flags created, 0 there already" in run(service, file, "--apply").output
    for name in names:
        assert eventually_asked(checkout, name, customer_id=CUSTOMER)["reason"] == "SPLIT"
        identifier = admin.get(f"{FLAGS}/key/{name}").json()["data"]["id"]
        [row] = admin.get("/api/v1/audit", params={"object_id": identifier}).json()["data"]
        assert (row["action"], row["actor_kind"]) == ("flag.create", "system")
    again = run(service, file, "--apply")
    assert (again.exit_code, "0 flags created, 3 there already" in again.output) == (0, True)


def test_a_flag_that_is_lost_keeps_all_from_being_written(service: Any, admin: httpx.Client, file: Path) -> None:
    good, bad = toggle(), toggle(strategies=[{"name": "remoteAddress", "parameters": {}}])
    file.write_text(json.dumps({"features": [good, bad]}))
    refused = run(service, file, "--apply")
    assert refused.exit_code == 1
    assert f"{bad['name']}: not carried over\n    lost: the strategy remoteAddress" in refused.output
    assert not is_there(admin, good["name"])
    assert run(service, file, "--apply", "--skip-lost").exit_code == 0
    assert (is_there(admin, good["name"]), is_there(admin, bad["name"])) == (True, False)


@pytest.mark.parametrize("archived", [False, True])
def test_a_key_that_another_flag_has_keeps_all_from_being_written(
    service: Any, admin: httpx.Client, file: Path, archived: bool
) -> None:
    other = created(admin)
    if archived:
        admin.delete(f"{FLAGS}/{other['id']}")
    good, taken = toggle(), toggle(name=other["key"])
    file.write_text(json.dumps({"features": [good, taken]}))
    for options in ((), ("--apply",)):
        refused = run(service, file, *options)
        assert refused.exit_code == 1
        assert other["key"] in refused.stderr
        assert not is_there(admin, good["name"])


@pytest.mark.parametrize(
    ("system", "text", "reported"),
    [
        ("unleash", "{", "is not JSON"),
        ("unleash", "[]", "The file of Unleash cannot be read"),
        ("unleash", '{"features": [{"enabled": true}]}', "The file of Unleash cannot be read"),
        ("growthbook", '{"features": []}', "The file of GrowthBook cannot be read"),
        ("growthbook", '{"features": {}, "encryptedFeatures": "x"}', "encrypted"),
        ("growthbook", '{"features": {"f": {"rules": [{"force": 1, "coverage": "x"}]}}}', "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_refused(service: Any, file: Path, system: str, text: str, reported: str) -> None:
    file.write_text(text)
    refused = run(service, file, system=system)
    assert (refused.exit_code, reported in refused.stderr) == (1, True), refused.output
