"""What of a context flags go by, and that a customer hears from OFREP what a quote would go by.

Source: docs/spec/ofrep.md#context; docs/spec/wire.md#regions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import mmh3
import pytest

from tests.customers.people import CUSTOMERS
from tests.feature_flags.conftest import FLAGS, new_key
from tests.ofrep.conftest import created
from tests.ofrep.server import OfrepServer, eventually

CUSTOMER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
ARMS = [{"key": "a", "value": "A", "weight": 1}, {"key": "b", "value": "B", "weight": 1}]
MakeFlag = Callable[..., str]


@pytest.fixture
def ready(here: OfrepServer, flag_admin: httpx.Client) -> MakeFlag:
    """Makes a flag that the service holds; answers its key."""

    def make(**members: Any) -> str:
        draft = {"key": new_key(), "type": "BOOLEAN", "value": True, "is_enabled": True, **members}
        key = str(created(flag_admin, **draft)["key"])
        eventually(lambda: here.one(key, {"targetingKey": "u"}).status_code == 200, key)
        return key

    return make


@pytest.mark.parametrize(
    ("context", "regions"),
    [
        ({"country": "TR"}, {"TR"}),
        ({"country": "tr", "city": "İSTANBUL"}, {"TR", "TR/Istanbul", "Istanbul"}),
        (
            {"country": "TR", "city": "Istanbul", "district": "kadikoy"},
            {"TR", "TR/Istanbul", "Istanbul", "Kadıköy"},
        ),
        ({"city": "istanbul"}, {"Istanbul"}),
        ({"district": "Kadıköy"}, {"Kadıköy"}),
        ({"country": "TR", "district": "Kadıköy"}, {"TR", "Kadıköy"}),
        ({"region": "TR/Istanbul"}, {"TR", "TR/Istanbul", "Istanbul"}),
        ({"region": "Kadıköy", "country": "TR"}, {"TR", "Kadıköy"}),
        ({"country": "DE", "city": "Of"}, set()),
        ({}, set()),
    ],
)
def test_a_place_is_said_by_its_parts_or_as_a_region(
    here: OfrepServer, ready: MakeFlag, context: dict[str, str], regions: set[str]
) -> None:
    for region in ("TR", "TR/Istanbul", "Istanbul", "Kadıköy"):
        if region not in _REGION_FLAGS:
            _REGION_FLAGS[region] = ready(rollout={"regions": [region]})
        assert here.one(_REGION_FLAGS[region], context).json()["value"] is (region in regions), region


_REGION_FLAGS: dict[str, str] = {}


def test_tier_and_segments_are_those_of_the_context_or_of_the_record(
    here: OfrepServer, ready: MakeFlag, flag_admin: httpx.Client
) -> None:
    customer = str(uuid4())
    recorded = {"id": customer, "email": f"{customer}@example.com", "tier": "gold", "segments": ["vip"]}
    assert flag_admin.post(CUSTOMERS, json=recorded).status_code == 201
    gold, vip = ready(rollout={"customer_tiers": ["gold"]}), ready(rollout={"customer_segments": ["vip"]})

    def asked(key: str, **context: Any) -> bool:
        return bool(here.one(key, context).json()["value"])

    eventually(lambda: asked(gold, targetingKey=customer), "the customer's tier is known")
    assert asked(vip, targetingKey=customer.upper())
    assert asked(gold, targetingKey="u", tier="gold")
    assert asked(vip, segments=["other", "vip"])
    # What is said comes before what is known.
    assert not asked(gold, targetingKey=customer, tier="silver")
    assert not asked(vip, targetingKey=customer, segments=[])
    assert not asked(gold, targetingKey=str(uuid4()))
    assert not asked(gold)


def test_capitals_of_a_customers_id_make_no_difference(here: OfrepServer, ready: MakeFlag) -> None:
    key = ready(rollout={"variants": ARMS, "overrides": {CUSTOMER: "b"}}, type="STRING", value="none")
    for written in (CUSTOMER, CUSTOMER.upper()):
        body = here.one(key, {"targetingKey": written}).json()
        assert (body["variant"], body["reason"]) == ("b", "TARGETING_MATCH")
    half = ready(rollout={"percentage": 50})
    for written in ("Somebody", "somebody"):  # which is no id: its capitals count
        inside = mmh3.hash(f"{half}:{written}", 0, False) * 100_000 >> 32 < 50_000
        assert here.one(half, {"targetingKey": written}).json()["value"] is inside


@pytest.fixture(scope="module")
def sticky(here: OfrepServer, flag_admin: httpx.Client) -> str:
    """A flag that goes by the attribute `session`."""
    rollout = {"percentage": 50, "stickiness": "session"}
    draft = {"key": new_key(), "type": "BOOLEAN", "value": True, "is_enabled": True, "rollout": rollout}
    key = str(created(flag_admin, **draft)["key"])
    eventually(lambda: here.one(key, {"session": "s"}).status_code == 200, key)
    return key


@pytest.mark.parametrize(
    ("value", "hashed"), [("s1", "s1"), (17, "17"), (1.5, "1.5"), (True, "true"), (False, "false"), ("", None)]
)
def test_an_attribute_may_be_what_is_hashed(here: OfrepServer, sticky: str, value: Any, hashed: str | None) -> None:
    body = here.one(sticky, {"session": value, "targetingKey": CUSTOMER}).json()
    if hashed is None:  # an empty one is none
        assert body["errorCode"] == "TARGETING_KEY_MISSING"
        return
    inside = mmh3.hash(f"{sticky}:{hashed}", 0, False) * 100_000 >> 32 < 50_000
    assert (body["value"], body["reason"]) == (inside, "SPLIT")


@pytest.mark.parametrize("context", [{}, {"session": None}, {"session": ["a"]}, {"session": {"a": 1}}])
def test_an_attribute_that_is_missing_is_named(here: OfrepServer, sticky: str, context: dict[str, Any]) -> None:
    reported = here.one(sticky, {"targetingKey": "u", **context})
    assert (reported.status_code, reported.json()["errorCode"]) == (400, "TARGETING_KEY_MISSING")
    assert "session" in reported.json()["errorDetails"]


def test_the_targeting_key_is_an_attribute_too(here: OfrepServer, ready: MakeFlag) -> None:
    key = ready(rollout={"percentage": 50, "stickiness": "targetingKey"})
    inside = mmh3.hash(f"{key}:u", 0, False) * 100_000 >> 32 < 50_000
    assert here.one(key, {"targetingKey": "u"}).json()["value"] is inside


def test_a_group_chooses_its_variant_where_the_flag_accepts_it(here: OfrepServer, ready: MakeFlag) -> None:
    key = ready(type="STRING", value="none", accept_group=True, rollout={"variants": ARMS})
    for group in ("a", "b"):
        assert here.one(key, {"ab_test_group": group}).json()["variant"] == group


@pytest.mark.parametrize(
    ("members", "value", "variant"),
    [
        ({"type": "BOOLEAN", "value": True}, True, "on"),
        ({"type": "BOOLEAN", "value": False}, False, "off"),
        ({"type": "PERCENTAGE", "value": 100}, True, "on"),
        ({"type": "PERCENTAGE", "value": 0}, False, "off"),
        ({"type": "STRING", "value": "x"}, "x", "value"),
        ({"type": "NUMBER", "value": 7, "rollout": {"customer_tiers": ["gold"]}, "default_value": 8}, 8, "default"),
        ({"type": "NUMBER", "value": 7, "rollout": {"customer_tiers": ["gold"]}}, None, "default"),
        ({"type": "JSON", "value": [1, {"a": 2}]}, [1, {"a": 2}], "value"),
        ({"type": "JSON", "value": None}, None, "value"),
    ],
)
def test_what_has_no_variant_of_its_own_gets_a_name(
    here: OfrepServer, ready: MakeFlag, members: dict[str, Any], value: Any, variant: str
) -> None:
    body = here.one(ready(**members), {"targetingKey": "u"}).json()
    assert (body.get("value"), body["variant"], "value" in body) == (value, variant, value is not None)
    assert body["metadata"] == {"version": 1}


def test_it_says_what_the_other_way_of_asking_says(
    here: OfrepServer, ready: MakeFlag, flag_admin: httpx.Client
) -> None:
    key = ready(type="STRING", value="none", default_value="out", rollout={"percentage": 40, "variants": ARMS})
    for _ in range(20):
        customer = str(uuid4())
        body = here.one(key, {"targetingKey": customer}).json()
        other = flag_admin.post(f"{FLAGS}/{key}/evaluate", json={"customer_id": customer}).json()["data"]
        assert (body["value"], body["reason"]) == (other["value"], other["reason"])
        assert body["variant"] == (other["variant"] or "default")
