"""What flags say over HTTP, and in a quote.

Source: docs/spec/feature-flags.md#types-and-values; docs/spec/feature-flags.md#rollout;
docs/spec/feature-flags.md#bucketing; docs/spec/feature-flags.md#evaluation; docs/spec/quotes.md#steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import mmh3
import pytest

from tests.access.running import until
from tests.feature_flags.conftest import FLAGS, created, draft_of, eventually_asked, faults, flag

CUSTOMER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
ADDRESS = {"country": "TR", "city": "İstanbul", "district": "Kadıköy"}
ARMS = [{"key": "a", "value": "A", "weight": 1}, {"key": "b", "value": "B", "weight": 2}]
Headers = Callable[[str], dict[str, str]]


def ask(client: httpx.Client, key: str, **members: Any) -> dict[str, Any]:
    answer = client.post(f"{FLAGS}/{key}/evaluate", json=members)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def ready(admin: httpx.Client, **members: Any) -> str:
    """The key of a new flag that the service holds."""
    key = str(created(admin, **members)["key"])
    eventually_asked(admin, key)
    return key


def test_the_answer_says_what_and_why(admin: httpx.Client, checkout: httpx.Client) -> None:
    key = ready(admin, type="NUMBER", value=7)
    answer = checkout.post(f"{FLAGS}/{key}/evaluate", json={"customer_id": CUSTOMER})
    assert answer.json() == {
        "success": True,
        "message": "Feature flag evaluated",
        "data": {
            "key": key,
            "value": 7,
            "variant": None,
            "reason": "STATIC",
            "version": 1,
            "bucket": mmh3.hash(f"{key}:{CUSTOMER}", 0, False) * 100_000 >> 32,
            "error_code": None,
            "error_details": None,
        },
    }


def test_what_is_not_said_of_a_customer_is_in_the_record(admin: httpx.Client, checkout: httpx.Client) -> None:
    in_record = {"tier": "gold", "segments": ["vip", "early"]}
    made = admin.post("/api/v1/customers", json=in_record)
    assert made.status_code == 201, made.text
    customer = made.json()["data"]["id"]
    gold = ready(admin, rollout={"customer_tiers": ["gold"]})
    vip = ready(admin, rollout={"customer_segments": ["vip"]})

    def says(key: str, **members: Any) -> Any:
        return ask(checkout, key, customer_id=customer, **members)["value"]

    until(lambda: says(gold) is True, "the record is known")
    assert says(vip) is True
    assert says(gold, customer_tier="silver") is False
    assert says(gold, customer_segments=[]) is True, "each by itself"
    assert says(vip, customer_segments=[]) is says(vip, segments=["other"]) is False
    assert ask(checkout, gold, customer_tier="gold")["value"] is True
    assert ask(checkout, gold)["value"] is False


def test_who_lacks_what_a_flag_hashes_is_notified_so(admin: httpx.Client, checkout: httpx.Client) -> None:
    half = ready(admin, rollout={"percentage": 50})
    answer = ask(checkout, half)
    assert (answer["value"], answer["reason"], answer["bucket"]) == (False, "DEFAULT", None)
    assert (answer["error_code"], answer["error_details"]) == (
        "TARGETING_KEY_MISSING",
        "The flag needs the customer_id",
    )
    by_device = ready(admin, rollout={"percentage": 50, "stickiness": "device"})
    assert ask(checkout, by_device, customer_id=CUSTOMER)["error_details"] == "The flag needs the attribute device"
    assert ask(checkout, by_device, attributes={"device": "d1"})["error_code"] is None
    # Who would not have come to the hash lacks nothing.
    nobody = ready(admin, rollout={"percentage": 50, "customer_tiers": ["gold"]})
    assert ask(checkout, nobody)["error_code"] is None


@pytest.mark.parametrize(
    ("members", "inside", "outside"),
    [
        ({"type": "BOOLEAN", "value": True}, True, False),
        ({"type": "STRING", "value": "in"}, "in", None),
        ({"type": "STRING", "value": "in", "default_value": "out"}, "in", "out"),
        ({"type": "NUMBER", "value": 1.5, "default_value": 1}, 1.5, 1),
        ({"type": "JSON", "value": {"a": [1]}, "default_value": None}, {"a": [1]}, None),
        ({"type": "PERCENTAGE", "value": 100}, True, False),
    ],
)
def test_inside_gets_the_value_and_outside_the_default(
    admin: httpx.Client, checkout: httpx.Client, members: dict[str, Any], inside: Any, outside: Any
) -> None:
    key = ready(admin, rollout={"customer_tiers": ["gold"]}, **members)
    there = ask(checkout, key, customer_id=CUSTOMER, customer_tier="gold")
    assert there["value"] == inside
    elsewhere = ask(checkout, key, customer_id=CUSTOMER, customer_tier="silver")
    assert (elsewhere["value"], elsewhere["reason"]) == (outside, "DEFAULT")


def test_all_given_parts_must_hold(admin: httpx.Client, checkout: httpx.Client) -> None:
    rollout = {"customer_tiers": ["gold"], "user_segments": ["vip", "new"], "regions": ["TR/Istanbul", "DE"]}
    key = ready(admin, rollout=rollout)
    fits: dict[str, Any] = {"customer_tier": "gold", "segments": ["old", "new"], "delivery_address": ADDRESS}
    assert ask(checkout, key, **fits)["reason"] == "TARGETING_MATCH"
    others: dict[str, list[Any]] = {
        "customer_tier": ["silver", None],
        "segments": [["old"], [], None],
        "delivery_address": [{"country": "TR", "city": "Ankara"}, None],
    }
    for name, other in others.items():
        for value in other:
            assert ask(checkout, key, **{**fits, name: value})["reason"] == "DEFAULT"


@pytest.mark.parametrize(
    ("where", "regions"),
    [
        ({"region": "TR"}, {"TR"}),
        ({"region": "tr/ISTANBUL"}, {"TR", "TR/Istanbul", "Istanbul"}),
        ({"region": "TR/İstanbul/kadikoy"}, {"TR", "TR/Istanbul", "Istanbul", "TR/Istanbul/Kadıköy", "Kadıköy"}),
        ({"delivery_address": ADDRESS}, {"TR", "TR/Istanbul", "Istanbul", "TR/Istanbul/Kadıköy", "Kadıköy"}),
        ({"region": "istanbul"}, {"Istanbul"}),
        ({"region": "DE"}, set()),
        ({}, set()),
    ],
)
def test_a_region_or_an_address_says_where(
    admin: httpx.Client, checkout: httpx.Client, where: dict[str, Any], regions: set[str]
) -> None:
    for region, key in region_flags(admin).items():
        assert ask(checkout, key, **where)["value"] is (region in regions), region


_REGION_FLAGS: dict[str, str] = {}


def region_flags(admin: httpx.Client) -> dict[str, str]:
    """A flag for each of some regions, made at first need."""
    for region in ("TR", "TR/Istanbul", "Istanbul", "TR/Istanbul/Kadıköy", "Kadıköy"):
        if region not in _REGION_FLAGS:
            _REGION_FLAGS[region] = ready(admin, rollout={"regions": [region]})
    return _REGION_FLAGS


def test_a_percentage_is_decided_by_the_hash(admin: httpx.Client, checkout: httpx.Client) -> None:
    key = ready(admin, salt="pepper", rollout={"percentage": 37.5, "variants": ARMS}, type="STRING", value="none")
    answers = set()
    for _ in range(40):
        customer = str(uuid4())
        said = ask(checkout, key, customer_id=customer.upper())
        bucket = mmh3.hash(f"pepper:{customer}", 0, False) * 100_000 >> 32
        arm = "a" if mmh3.hash(f"pepper:{customer}", 86028157, False) * 3 >> 32 < 1 else "b"
        variant = arm if bucket < 37_500 else None
        value = variant.upper() if variant else None
        assert (said["bucket"], said["variant"], said["value"], said["reason"]) == (bucket, variant, value, "SPLIT")
        answers.add(variant)
    assert answers == {"a", "b", None}


@pytest.mark.parametrize(("percentage", "inside"), [(0, False), (100, True)])
def test_nobody_and_everybody(admin: httpx.Client, checkout: httpx.Client, percentage: int, inside: bool) -> None:
    key = ready(admin, rollout={"percentage": percentage})
    assert all(ask(checkout, key, customer_id=str(uuid4()))["value"] is inside for _ in range(20))


@pytest.mark.parametrize(
    ("algorithm", "salt", "unit", "percentage", "inside", "bucket"),
    [
        ("unleash", "AB12A", "122", 50, True, 23),
        ("unleash", "AB12A", "155", 50, False, 100),
        ("growthbook-v2", "feature", "user2", 50, True, None),
        ("growthbook-v2", "feature", "user3", 50, False, None),
        ("growthbook-v2", "foo", "def", 20.19, True, 2019),
        ("growthbook-v2", "foo", "def", 20.18, False, 2019),
    ],
)
def test_customers_of_other_systems_stay_where_they_were(
    admin: httpx.Client,
    checkout: httpx.Client,
    algorithm: str,
    salt: str,
    unit: str,
    percentage: float,
    inside: bool,
    bucket: int | None,
) -> None:
    rollout = {"percentage": percentage, "stickiness": "user"}
    key = ready(admin, algorithm=algorithm, salt=salt, rollout=rollout)
    said = ask(checkout, key, attributes={"user": unit})
    assert said["value"] is inside
    assert bucket is None or said["bucket"] == bucket


def test_stickiness_goes_by_an_attribute(admin: httpx.Client, checkout: httpx.Client) -> None:
    key = ready(admin, rollout={"percentage": 50, "stickiness": "session"})
    for number in range(20):
        bucket = mmh3.hash(f"{key}:{number}", 0, False) * 100_000 >> 32
        for attributes in ({"session": str(number)}, {"session": number}):
            said = ask(checkout, key, customer_id=str(uuid4()), attributes=attributes)
            assert (said["bucket"], said["value"]) == (bucket, bucket < 50_000)
    missing: dict[str, Any]
    for missing in ({}, {"attributes": {}}, {"attributes": {"other": "1"}}):
        said = ask(checkout, key, customer_id=CUSTOMER, **missing)
        assert (said["value"], said["reason"], said["bucket"]) == (False, "DEFAULT", None)


def test_overrides_and_groups_choose_a_variant(admin: httpx.Client, checkout: httpx.Client) -> None:
    rollout = {"percentage": 0, "variants": ARMS, "overrides": {CUSTOMER: "b"}}
    key = ready(admin, type="STRING", value="none", accept_group=True, rollout=rollout)
    said = ask(checkout, key, customer_id=CUSTOMER)
    assert (said["variant"], said["value"], said["reason"]) == ("b", "B", "TARGETING_MATCH")
    other = str(uuid4())
    assert ask(checkout, key, customer_id=other)["variant"] is None
    assert ask(checkout, key, customer_id=other, ab_test_group="a")["variant"] == "a"
    assert ask(checkout, key, customer_id=other, ab_test_group="x")["variant"] is None


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"is_enabled": False}, "DISABLED"),
        ({"rollout": {"starts_at": "2100-01-01T00:00:00Z"}}, "DISABLED"),
        ({"rollout": {"ends_at": "2020-01-01T00:00:00Z"}}, "DISABLED"),
        ({"rollout": {"starts_at": "2020-01-01T00:00:00Z", "ends_at": "2100-01-01T00:00:00Z"}}, "STATIC"),
        ({"rollout": {"schedule": [{"at": "2020-01-01T00:00:00Z", "percentage": 100}]}}, "SPLIT"),
    ],
)
def test_windows_and_switches(
    admin: httpx.Client, checkout: httpx.Client, members: dict[str, Any], reason: str
) -> None:
    said = ask(checkout, ready(admin, **members), customer_id=CUSTOMER)
    assert (said["reason"], said["value"]) == (reason, reason != "DISABLED")


def test_a_change_is_heard_of_without_a_restart(admin: httpx.Client, checkout: httpx.Client) -> None:
    data = created(admin, type="NUMBER", value=1)
    eventually_asked(checkout, data["key"])
    admin.put(f"{FLAGS}/{data['id']}", json=draft_of(data, value=2))
    assert eventually_asked(checkout, data["key"], 2)["value"] == 2


@pytest.mark.parametrize(
    ("members", "pointers"),
    [
        ({"customer_id": "me"}, ["/customer_id"]),
        ({"segments": "vip"}, ["/segments"]),
        ({"region": "XX/City"}, ["/region"]),
        ({"region": ""}, ["/region"]),
        ({"region": "TR", "delivery_address": ADDRESS}, ["/region"]),
        ({"delivery_address": {"country": "XX", "city": "x"}}, ["/delivery_address/country"]),
        ({"delivery_address": {"country": "TR"}}, ["/delivery_address/city"]),
        ({"delivery_address": {**ADDRESS, "zip": "1"}}, ["/delivery_address/zip"]),
        ({"attributes": {"a": [1]}}, ["/attributes/a"]),
        ({"tier": "gold"}, ["/tier"]),
    ],
)
def test_a_question_that_cannot_be_read_is_refused(
    admin: httpx.Client, checkout: httpx.Client, members: dict[str, Any], pointers: list[str]
) -> None:
    key = next(iter(region_flags(admin).values()))
    assert list(faults(checkout.post(f"{FLAGS}/{key}/evaluate", json=members))) == pointers


def test_an_unknown_flag_is_404(checkout: httpx.Client) -> None:
    for key in ("no-such-flag", "%00", "a%2Fb", "key"):
        answer = checkout.post(f"{FLAGS}/{key}/evaluate", json={})
        assert answer.status_code in (404, 405), answer.text
    assert checkout.post(f"{FLAGS}/no-such-flag/evaluate", json={}).json()["type"] == "/problems/not-found"


@pytest.mark.parametrize(("role", "status"), [("pricing_manager", 200), ("analyst", 200), ("user", 403), ("", 401)])
def test_which_people_may_ask(
    admin: httpx.Client, anonymous: httpx.Client, caller_with_role: Headers, role: str, status: int
) -> None:
    headers = caller_with_role(role) if role else {}
    key = next(iter(region_flags(admin).values()))
    assert anonymous.post(f"{FLAGS}/{key}/evaluate", json={}, headers=headers).status_code == status


@pytest.mark.parametrize(("scope", "status"), [("flags:evaluate", 200), ("quote:write", 403), ("quote:read", 403)])
def test_which_api_keys_may_ask(
    admin: httpx.Client, anonymous: httpx.Client, caller_with_scope: Headers, scope: str, status: int
) -> None:
    headers = caller_with_scope(scope)
    key = next(iter(region_flags(admin).values()))
    deadline = time.monotonic() + 120
    while (answer := anonymous.post(f"{FLAGS}/{key}/evaluate", json={}, headers=headers)).status_code == 401:
        assert time.monotonic() < deadline  # a new key is known to every worker within a second
        time.sleep(0.01)
    assert answer.status_code == status


def quoted(checkout: httpx.Client, **members: Any) -> httpx.Response:
    basket = {
        "customer_id": CUSTOMER,
        "seller_id": "a7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f",
        "items": [{"product_id": "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e", "quantity": 1, "unit_price": 10}],
        "delivery_address": ADDRESS,
        "currency": "TRY",
        **members,
    }
    answer = checkout.post("/api/v1/quote", json=basket, headers={"Cache-Control": "no-cache"})
    assert answer.status_code == 200, answer.text
    return answer


def test_a_quote_shows_the_flags_that_are_exposed(admin: httpx.Client, checkout: httpx.Client) -> None:
    shown = ready(admin, type="JSON", value={"a": 1})
    hidden = ready(admin, expose_in_quote=False)
    off = ready(admin, is_enabled=False)
    without = ready(admin, type="STRING", value="x", rollout={"customer_tiers": ["gold"]})
    flags = quoted(checkout).json()["data"]["feature_flags"]
    assert flags[shown] == {"a": 1}
    assert not {hidden, off, without} & set(flags)
    assert quoted(checkout, customer_tier="gold").json()["data"]["feature_flags"][without] == "x"


def test_a_quote_writes_the_literal(admin: httpx.Client, checkout: httpx.Client) -> None:
    key = str(uuid4())
    body = f'{{"key":"{key}","type":"NUMBER","value":1.50e1,"is_enabled":true}}'
    admin.post(FLAGS, content=body, headers={"Content-Type": "application/json"})
    eventually_asked(admin, key)
    assert f'"{key}":1.50e1' in quoted(checkout).text


def test_a_quotes_group_chooses_a_variant(admin: httpx.Client, checkout: httpx.Client) -> None:
    rollout = {"variants": ARMS, "accept_group": True}
    key = ready(admin, type="STRING", value="none", rollout=rollout)
    for group, value in (("a", "A"), ("b", "B")):
        flags = quoted(checkout, context={"ab_test_group": group}).json()["data"]["feature_flags"]
        assert flags[key] == value


@pytest.mark.parametrize("said", ["customer_segments", "user_segments"])
@pytest.mark.parametrize("asked", ["customer_segments", "segments"])
def test_segments_go_by_one_name_and_by_the_older_ones(
    admin: httpx.Client, checkout: httpx.Client, said: str, asked: str
) -> None:
    key = ready(admin, rollout={said: ["vip"]})
    assert [ask(checkout, key, **{asked: segments})["value"] for segments in (["new", "vip"], ["new"])] == [True, False]


def test_two_names_for_segments_are_one_too_many(admin: httpx.Client, checkout: httpx.Client) -> None:
    both = {"customer_segments": ["vip"], "user_segments": ["vip"]}
    assert list(faults(admin.post(FLAGS, json=flag(rollout=both)))) == ["/rollout/user_segments"]
    asked = checkout.post(f"{FLAGS}/{ready(admin)}/evaluate", json={"customer_segments": ["vip"], "segments": []})
    assert list(faults(asked)) == ["/segments"]
