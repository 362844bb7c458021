"""Making, replacing, killing and archiving.

Source: docs/spec/feature-flags.md#types-and-values; docs/spec/feature-flags.md#rollout;
docs/spec/feature-flags.md#bucketing; docs/spec/feature-flags.md#managing-flags; docs/spec/wire.md.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.feature_flags.conftest import (
    FLAGS,
    created,
    draft_of,
    eventually_asked,
    faults,
    flag,
    new_key,
    post_text,
)

CUSTOMER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
ARMS = [{"key": "a", "value": "A", "weight": 1}, {"key": "b", "value": "B", "weight": 2}]


def audited(admin: httpx.Client, flag_id: str) -> list[dict[str, Any]]:
    return list(admin.get("/api/v1/audit", params={"object_id": flag_id}).json()["data"])


def test_a_flag_is_made_with_the_defaults_of_the_spec(admin: httpx.Client) -> None:
    key = new_key()
    answer = admin.post(FLAGS, json={"key": key, "type": "STRING", "value": "x"})
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert answer.headers["location"] == f"{FLAGS}/{data['id']}"
    assert admin.get(answer.headers["location"]).json()["data"] == data
    assert admin.get(answer.headers["location"]).headers["etag"] == answer.headers["etag"]
    assert (data["key"], data["version"], data["is_archived"]) == (key, 1, False)
    assert (data["is_enabled"], data["expose_in_quote"], data["algorithm"], data["salt"]) == (
        False,
        True,
        "mm3-v1",
        None,
    )
    assert "default_value" not in data


def test_every_field_is_kept(admin: httpx.Client) -> None:
    sent = flag(
        type="STRING",
        value="V",
        name="Name",
        description="Açıklama",
        default_value="D",
        expose_in_quote=False,
        accept_group=True,
        salt="salt",
        algorithm="mm3-v1",
        rollout={
            "percentage": 12.345,
            "user_segments": ["vip"],
            "customer_tiers": ["gold"],
            "regions": ["TR/Istanbul", "Kadıköy"],
            "starts_at": "2026-01-01T03:00:00+03:00",
            "ends_at": "2030-01-01T00:00:00.000001Z",
            "schedule": [{"at": "2026-02-01T00:00:00Z", "percentage": 50}],
            "variants": ARMS,
            "overrides": {CUSTOMER: "b"},
            "accept_group": True,
            "stickiness": "session",
        },
    )
    data = admin.post(FLAGS, json=sent).json()["data"]
    wanted = {**sent, "rollout": {**sent["rollout"], "starts_at": "2026-01-01T00:00:00Z"}}
    assert {name: data[name] for name in sent} == wanted


@pytest.mark.parametrize(
    "literal", ["10", "10.0", "1e2", "1E+2", "0.10", "-0", "0.0000001", "123456789012345678901234"]
)
def test_a_number_keeps_the_literal_it_was_stored_with(admin: httpx.Client, literal: str) -> None:
    for kind, value in (("NUMBER", literal), ("JSON", f'{{"deep":[{{"price":{literal}}}]}}')):
        key = new_key()
        body = f'{{"key":"{key}","type":"{kind}","value":{value},"default_value":{value},"is_enabled":true}}'
        made = post_text(admin, FLAGS, body)
        flag_id = made.json()["data"]["id"]
        eventually_asked(admin, key)
        answers = [
            made,
            admin.get(f"{FLAGS}/{flag_id}"),
            admin.get(f"{FLAGS}/{flag_id}/history"),
            admin.get(FLAGS, params={"key_prefix": key}),
            admin.post(f"{FLAGS}/{key}/evaluate", json={}),
            admin.get("/api/v1/audit", params={"object_id": flag_id}),
        ]
        for answer in answers:
            assert answer.status_code in (200, 201)
            assert f'"value":{value}' in answer.text
        assert f'"default_value":{value}' in answers[1].text


def test_a_key_is_used_once(admin: httpx.Client) -> None:
    data = created(admin)
    again = admin.post(FLAGS, json=flag(key=data["key"]))
    assert (again.status_code, again.json()["type"]) == (409, "/problems/name-taken")
    assert admin.delete(f"{FLAGS}/{data['id']}").status_code == 204
    assert admin.post(FLAGS, json=flag(key=data["key"])).status_code == 409
    # Keys are distinguished by capitals.
    assert admin.post(FLAGS, json=flag(key=data["key"].upper())).status_code == 201


def test_of_many_who_make_one_key_one_does(service: Any, admin: httpx.Client) -> None:
    key = new_key()
    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda _: admin.post(FLAGS, json=flag(key=key)).status_code, range(16)))
    assert sorted(statuses) == [201] + [409] * 15


def test_a_repeated_request_gets_the_first_answer(admin: httpx.Client) -> None:
    sent, headers = flag(), {"Idempotency-Key": str(uuid4())}
    first, again = (admin.post(FLAGS, json=sent, headers=headers) for _ in range(2))
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("key", ["a", "A-b_c.D9", "x" * 50])
def test_keys_of_the_allowed_letters(admin: httpx.Client, key: str) -> None:
    # The key is the session's: whoever was first has it, and that it is allowed is all that counts.
    assert admin.post(FLAGS, json=flag(key=key)).status_code in (201, 409)


@pytest.mark.parametrize("key", ["", "x" * 51, "a b", "ğ", "a/b", "a\n", "key", ".", "..", 5, None])
def test_other_keys_are_refused(admin: httpx.Client, key: Any) -> None:
    assert list(faults(admin.post(FLAGS, json=flag(key=key)))) == ["/key"]


@pytest.mark.parametrize(
    ("members", "pointers"),
    [
        ({"type": "BOOLEAN", "value": 1}, ["/value"]),
        ({"type": "BOOLEAN", "value": "true"}, ["/value"]),
        ({"type": "BOOLEAN", "value": None}, ["/value"]),
        ({"type": "STRING", "value": 1}, ["/value"]),
        ({"type": "NUMBER", "value": "1"}, ["/value"]),
        ({"type": "NUMBER", "value": True}, ["/value"]),
        ({"type": "NUMBER", "value": 1, "default_value": None}, ["/default_value"]),
        ({"type": "STRING", "value": "x", "default_value": 1}, ["/default_value"]),
        ({"type": "PERCENTAGE", "value": 100.001}, ["/value"]),
        ({"type": "PERCENTAGE", "value": -1}, ["/value"]),
        ({"type": "PERCENTAGE", "value": 0.0001}, ["/value"]),
        ({"type": "PERCENTAGE", "value": "50"}, ["/value"]),
        ({"type": "PERCENTAGE", "value": None}, ["/value"]),
        ({"type": "PERCENTAGE", "value": 50, "default_value": False}, ["/default_value"]),
        (
            {"type": "PERCENTAGE", "value": 50, "rollout": {"variants": ARMS}},
            ["/rollout/variants/0", "/rollout/variants/1"],
        ),
        ({"type": "DATE"}, ["/type"]),
        ({"algorithm": "md5"}, ["/algorithm"]),
        ({"algorithm": "unleash", "rollout": {"percentage": 12.5}}, ["/rollout/percentage"]),
        ({"algorithm": "unleash", "type": "PERCENTAGE", "value": 12.5}, ["/value"]),
        ({"algorithm": "growthbook-v2", "rollout": {"percentage": 12.555}}, ["/rollout/percentage"]),
        ({"salt": ""}, ["/salt"]),
        ({"unknown": 1}, ["/unknown"]),
        ({"rollout": {"unknown": 1}}, ["/rollout/unknown"]),
        ({"rollout": {"percentage": 100.1}}, ["/rollout/percentage"]),
        ({"rollout": {"percentage": -0.001}}, ["/rollout/percentage"]),
        ({"rollout": {"percentage": 0.0001}}, ["/rollout/percentage"]),
        ({"rollout": {"user_segments": []}}, ["/rollout/user_segments"]),
        ({"rollout": {"regions": ["XX/City", "Istanbul/Kadıköy", ""]}}, ["/rollout/regions/2"]),
        ({"rollout": {"regions": ["XX/City", "Istanbul/Kadıköy"]}}, ["/rollout/regions/0", "/rollout/regions/1"]),
        ({"rollout": {"starts_at": "2026-01-01T00:00:00"}}, ["/rollout/starts_at"]),
        (
            {"rollout": {"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}},
            ["/rollout/ends_at"],
        ),
        ({"rollout": {"schedule": []}}, ["/rollout/schedule"]),
        (
            {
                "rollout": {
                    "schedule": [
                        {"at": "2026-01-02T00:00:00Z", "percentage": 1},
                        {"at": "2026-01-02T00:00:00Z", "percentage": 101},
                    ]
                }
            },
            ["/rollout/schedule/1/percentage", "/rollout/schedule/1/at"],
        ),
        ({"rollout": {"variants": [{"key": "a", "value": "no", "weight": 1}]}}, ["/rollout/variants/0/value"]),
        ({"rollout": {"variants": [{"key": "a", "value": True, "weight": 0}]}}, ["/rollout/variants"]),
        ({"rollout": {"variants": [{"key": "a", "value": True, "weight": 1.5}]}}, ["/rollout/variants/0/weight"]),
        ({"rollout": {"variants": [{"key": "a", "value": True, "weight": -1}]}}, ["/rollout/variants/0/weight"]),
        (
            {"rollout": {"variants": [{"key": "a", "value": True, "weight": 1}] * 2}},
            ["/rollout/variants/1/key"],
        ),
        ({"rollout": {"overrides": {CUSTOMER: "gone"}}}, [f"/rollout/overrides/{CUSTOMER}"]),
        ({"rollout": {"overrides": {"me": "a"}}}, ["/rollout/overrides/me"]),
        ({"type": "STRING", "value": 5, "rollout": {"percentage": 101}}, ["/value", "/rollout/percentage"]),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_what_does_not_fit_is_refused_with_its_place(
    admin: httpx.Client, members: dict[str, Any], pointers: list[str]
) -> None:
    for answer in (
        admin.post(FLAGS, json=flag(**members)),
        admin.put(f"{FLAGS}/{uuid4()}", json=flag(**members)),
    ):
        assert list(faults(answer)) == pointers


@pytest.mark.parametrize("body", ["{", '{"key": NaN}', "[" * 10_000, ""])
def test_what_is_no_json_is_400(admin: httpx.Client, body: str) -> None:
    answer = post_text(admin, FLAGS, body)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-json")


def test_a_name_given_twice_is_refused(admin: httpx.Client) -> None:
    answer = post_text(admin, FLAGS, f'{{"key": "{new_key()}", "type": "JSON", "value": {{"a": 1, "a": 2}}}}')
    assert list(faults(answer)) == ["/value/a"]


def test_put_replaces_the_whole_flag(admin: httpx.Client) -> None:
    first = created(admin, name="first", rollout={"percentage": 50})
    sent = {"key": first["key"], "type": "NUMBER", "value": 2}
    answer = admin.put(f"{FLAGS}/{first['id']}", json=sent)
    second = answer.json()["data"]
    assert (answer.status_code, second["version"]) == (200, 2)
    assert (second["name"], second["rollout"], second["is_enabled"], second["value"]) == (None, None, False, 2)
    assert (second["created_at"], second["created_by"]) == (first["created_at"], first["created_by"])
    assert second["updated_at"] > first["updated_at"]
    assert admin.get(f"{FLAGS}/{first['id']}").json()["data"] == second


def test_a_stale_tag_changes_nothing(admin: httpx.Client) -> None:
    first = created(admin)
    path = f"{FLAGS}/{first['id']}"
    old = admin.get(path).headers["etag"]
    new = admin.put(path, json=draft_of(first, name="second"), headers={"If-Match": old}).headers["etag"]
    assert new != old
    for tag in (old, '"else"', "junk", f"W/{new}"):
        for answer in (
            admin.put(path, json=draft_of(first, name="third"), headers={"If-Match": tag}),
            admin.delete(path, headers={"If-Match": tag}),
        ):
            assert (answer.status_code, answer.json()["type"]) == (412, "/problems/precondition-failed")
    assert (admin.get(path).json()["data"]["version"], admin.get(path).headers["etag"]) == (2, new)
    assert admin.put(path, json=draft_of(first), headers={"If-Match": f'"else", {new}'}).status_code == 200
    assert admin.delete(path, headers={"If-Match": "*"}).status_code == 204


@pytest.mark.long("two hundred races of two writers")
def test_of_two_writers_with_one_tag_one_wins_each_time(admin: httpx.Client) -> None:
    data = created(admin)
    path = f"{FLAGS}/{data['id']}"
    tag = admin.get(path).headers["etag"]

    def write(name: str) -> httpx.Response:
        return admin.put(path, json=draft_of(data, name=name), headers={"If-Match": tag})

    with ThreadPoolExecutor(2) as threads:
        for round_number in range(200):
            answers = list(threads.map(write, [f"{round_number} one", f"{round_number} other"]))
            assert sorted(answer.status_code for answer in answers) == [200, 412]
            winner = next(answer for answer in answers if answer.status_code == 200)
            assert winner.json()["data"]["version"] == round_number + 2
            tag = winner.headers["etag"]
    names = [row["name"] for row in admin.get(f"{path}/history", params={"limit": 200}).json()["data"]]
    assert [name.split()[0] for name in names] == [str(number) for number in range(199, -1, -1)]


@pytest.mark.parametrize(
    ("made", "change", "pointer"),
    [
        ({}, {"key": "other"}, "/key"),
        ({}, {"algorithm": "unleash"}, "/algorithm"),
        ({"algorithm": "growthbook-v2"}, {"algorithm": "mm3-v1"}, "/algorithm"),
        ({}, {"salt": "pepper"}, "/salt"),
        ({"salt": "pepper"}, {"salt": None}, "/salt"),
        ({"salt": "pepper"}, {"salt": "sugar"}, "/salt"),
    ],
)
def test_what_decides_the_buckets_never_changes(
    admin: httpx.Client, made: dict[str, Any], change: dict[str, Any], pointer: str
) -> None:
    data = created(admin, **made)
    answer = admin.put(f"{FLAGS}/{data['id']}", json=draft_of(data, **change))
    assert list(faults(answer)) == [pointer]
    assert admin.get(f"{FLAGS}/{data['id']}").json()["data"] == data


def test_the_key_written_as_the_salt_is_the_same_salt(admin: httpx.Client) -> None:
    data = created(admin)
    answer = admin.put(f"{FLAGS}/{data['id']}", json=draft_of(data, salt=data["key"]))
    assert answer.status_code == 200


def test_kill_switches_off_at_once_whatever_the_tag(admin: httpx.Client) -> None:
    data = created(admin, rollout={"percentage": 100})
    assert eventually_asked(admin, data["key"])["value"] is True
    killed = admin.post(f"{FLAGS}/{data['id']}/kill", headers={"If-Match": '"stale"'})
    assert killed.status_code == 200
    now = killed.json()["data"]
    assert (now["is_enabled"], now["version"], now["rollout"]) == (False, 2, {"percentage": 100})
    assert killed.headers["etag"] == admin.get(f"{FLAGS}/{data['id']}").headers["etag"]
    said = eventually_asked(admin, data["key"], 2)
    assert (said["value"], said["reason"]) == (False, "DISABLED")
    again = admin.post(f"{FLAGS}/{data['id']}/kill")
    assert (again.status_code, again.json()["data"]) == (200, now)
    assert [row["action"] for row in audited(admin, data["id"])] == ["flag.kill", "flag.create"]


def test_an_archived_flag_is_gone_for_customers_and_stays_for_admins(admin: httpx.Client) -> None:
    data = created(admin)
    path = f"{FLAGS}/{data['id']}"
    eventually_asked(admin, data["key"])
    assert admin.delete(path).status_code == 204
    assert admin.delete(path).status_code == 204
    kept = admin.get(path).json()["data"]
    assert (kept["is_archived"], kept["version"]) == (True, 2)
    assert admin.get(f"{FLAGS}/key/{data['key']}").json()["data"] == kept
    for answer in (admin.put(path, json=draft_of(data)), admin.post(f"{path}/kill")):
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/flag-archived")
    # A flag made afterwards is seen, so what was archived before it has been too.
    eventually_asked(admin, created(admin)["key"])
    assert admin.post(f"{FLAGS}/{data['key']}/evaluate", json={}).status_code == 404


def test_every_change_is_audited_with_before_and_after(admin: httpx.Client) -> None:
    data = created(admin, name="one")
    path = f"{FLAGS}/{data['id']}"
    two = admin.put(path, json=draft_of(data, name="two"), headers={"X-Request-ID": f"r-{data['key']}"}).json()["data"]
    admin.delete(path)
    archived, replaced, made = audited(admin, data["id"])
    assert [row["action"] for row in (archived, replaced, made)] == ["flag.archive", "flag.replace", "flag.create"]
    assert (made["before"], made["after"]) == (None, data)
    assert (replaced["before"], replaced["after"]) == (data, two)
    assert replaced["request_id"] == f"r-{data['key']}"
    assert archived["after"]["is_archived"] is True
    assert {row["object_kind"] for row in (archived, replaced, made)} == {"flag"}
    assert replaced["actor"] == two["updated_by"]


def test_what_is_refused_is_not_audited(admin: httpx.Client) -> None:
    data = created(admin)
    path = f"{FLAGS}/{data['id']}"
    admin.put(path, json=draft_of(data), headers={"If-Match": '"stale"'})
    admin.put(path, json=draft_of(data, key="other"))
    assert [row["action"] for row in audited(admin, data["id"])] == ["flag.create"]


@pytest.mark.parametrize("flag_id", ["0198c5f2-0000-7000-8000-00000000dead", "not-a-uuid"])
def test_an_unknown_flag_is_404(admin: httpx.Client, flag_id: str) -> None:
    path = f"{FLAGS}/{flag_id}"
    for answer in (
        admin.get(path),
        admin.put(path, json=flag()),
        admin.delete(path),
        admin.post(f"{path}/kill"),
        admin.get(f"{path}/history"),
        admin.get(f"{FLAGS}/key/{flag_id}"),
        admin.post(f"{FLAGS}/{flag_id}/evaluate", json={}),
    ):
        assert answer.status_code == 404, answer.text
        assert answer.headers["content-type"].startswith("application/problem+json")
