"""What a flag says, and why: a table of conditions, and everything that decides before the hash.

Source: docs/spec/feature-flags.md#types-and-values; docs/spec/feature-flags.md#rollout;
docs/spec/feature-flags.md#evaluation.
"""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from quote_service.platform.system.instants import to_micros
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.regions import address_regions, regions_around
from quote_service.pricing.rulebook.effective_period import EffectivePeriod
from tests.pricing.flags.flags import CUSTOMER, KADIKOY, NOW_US, OTHER, compiled, decide, draft, subject

ARMS = [
    {"key": "a", "value": "A", "weight": 1},
    {"key": "never", "value": "N", "weight": 0},
    {"key": "b", "value": "B", "weight": 3},
    {"key": "last", "value": "L", "weight": 0},
]
TEXT: dict[str, Any] = {"type": "STRING", "value": "plain", "default_value": "other"}


def moment(text: str) -> int:
    return to_micros(datetime.fromisoformat(text).astimezone(UTC))


@pytest.mark.parametrize(
    ("fields", "inside", "outside"),
    [
        ({"type": "BOOLEAN", "value": True}, "true", "false"),
        ({"type": "BOOLEAN", "value": False, "default_value": True}, "false", "true"),
        ({"type": "STRING", "value": "ğ"}, '"ğ"', None),
        ({"type": "STRING", "value": "x", "default_value": ""}, '"x"', '""'),
        ({"type": "NUMBER", "value": 10}, "10", None),
        ({"type": "NUMBER", "value": 0, "default_value": -3}, "0", "-3"),
        ({"type": "JSON", "value": {"a": [1, None]}}, '{"a":[1,null]}', None),
        ({"type": "JSON", "value": None, "default_value": []}, "null", "[]"),
        ({"type": "PERCENTAGE", "value": 100}, "true", "false"),
    ],
)
def test_a_customer_inside_gets_the_value_and_one_outside_the_default(
    fields: dict[str, Any], inside: str, outside: str | None
) -> None:
    flag = compiled({"customer_tiers": ["gold"]}, **fields)
    assert decide(flag).value == inside
    assert decide(flag, customer_tier="silver").value == outside


@pytest.mark.parametrize(
    ("rollout", "fields", "wanted"),
    [
        (None, {}, "STATIC"),
        ({}, {}, "STATIC"),
        ({"starts_at": "2026-03-01T12:00:00Z"}, {}, "STATIC"),
        ({"starts_at": "2026-03-01T12:00:00.000001Z"}, {}, "DISABLED"),
        ({"ends_at": "2026-03-01T12:00:00Z"}, {}, "DISABLED"),
        ({"ends_at": "2026-03-01T12:00:00.000001Z"}, {}, "STATIC"),
        ({"percentage": 0}, {}, "SPLIT"),
        ({"percentage": 100}, {}, "SPLIT"),
        ({"user_segments": ["vip", "returning"]}, {}, "TARGETING_MATCH"),
        ({"user_segments": ["vip"]}, {}, "DEFAULT"),
        ({"user_segments": ["returning"]}, {"segments": []}, "DEFAULT"),
        ({"user_segments": ["Returning"]}, {}, "DEFAULT"),
        ({"customer_tiers": ["gold", "silver"]}, {}, "TARGETING_MATCH"),
        ({"customer_tiers": ["silver"]}, {}, "DEFAULT"),
        ({"customer_tiers": ["gold"]}, {"customer_tier": None}, "DEFAULT"),
        ({"regions": ["TR"]}, {}, "TARGETING_MATCH"),
        ({"regions": ["TR/istanbul"]}, {}, "TARGETING_MATCH"),
        ({"regions": ["ISTANBUL"]}, {}, "TARGETING_MATCH"),
        ({"regions": ["kadikoy"]}, {}, "TARGETING_MATCH"),
        ({"regions": ["DE", "TR/Istanbul/Kadıköy"]}, {}, "TARGETING_MATCH"),
        ({"regions": ["TR/Ankara"]}, {}, "DEFAULT"),
        ({"regions": ["TR/Ankara", "DE"]}, {}, "DEFAULT"),
        ({"regions": ["TR/Kadıköy"]}, {}, "DEFAULT"),
        ({"regions": ["Istanbul"]}, {"regions": {}}, "DEFAULT"),
        ({"regions": ["TR"], "customer_tiers": ["gold"], "user_segments": ["returning"]}, {}, "TARGETING_MATCH"),
        ({"regions": ["DE"], "customer_tiers": ["gold"], "user_segments": ["returning"]}, {}, "DEFAULT"),
        ({"regions": ["TR"], "customer_tiers": ["silver"], "user_segments": ["returning"]}, {}, "DEFAULT"),
        ({"regions": ["TR"], "customer_tiers": ["gold"], "user_segments": ["vip"]}, {}, "DEFAULT"),
        ({"regions": ["TR"], "percentage": 100}, {}, "SPLIT"),
        ({"regions": ["DE"], "percentage": 100}, {}, "DEFAULT"),
        ({"customer_tiers": ["gold"], "percentage": 0}, {}, "SPLIT"),
        ({"starts_at": "2027-01-01T00:00:00Z", "customer_tiers": ["gold"]}, {}, "DISABLED"),
    ],
)
def test_reasons(rollout: dict[str, Any] | None, fields: dict[str, Any], wanted: str) -> None:
    decision = decide(compiled(rollout), **fields)
    assert decision.reason == wanted
    is_on = wanted in ("STATIC", "TARGETING_MATCH") or (wanted == "SPLIT" and (rollout or {})["percentage"] == 100)
    assert (decision.is_on, decision.is_true, decision.value) == (is_on, is_on, "true" if is_on else "false")


@pytest.mark.parametrize("rollout", [None, {"percentage": 100}, {"variants": ARMS, "overrides": {CUSTOMER: "a"}}])
def test_a_flag_that_is_off_says_its_default_to_everybody(rollout: dict[str, Any] | None) -> None:
    decision = decide(compiled(rollout, is_enabled=False, **TEXT))
    assert (decision.value, decision.reason, decision.is_on, decision.variant) == ('"other"', "DISABLED", False, None)


def test_a_default_of_true_is_true_for_whom_is_outside() -> None:
    decision = decide(compiled({"customer_tiers": ["silver"]}, value=False, default_value=True))
    assert (decision.value, decision.is_on, decision.is_true) == ("true", False, True)


def test_a_percentage_flag_is_true_for_its_share() -> None:
    flag = compiled(type="PERCENTAGE", value=30)
    units = [f"customer {number}" for number in range(5000)]
    same = compiled({"percentage": 30})
    assert [decide(flag, unit).value for unit in units] == [decide(same, unit).value for unit in units]
    assert {decide(flag, unit).reason for unit in units} == {"SPLIT"}


def test_a_percentage_flag_within_a_rollout_must_hold_both() -> None:
    units = [f"customer {number}" for number in range(2000)]
    both = compiled({"percentage": 20}, type="PERCENTAGE", value=50)
    lower = compiled({"percentage": 20})
    assert [decide(both, unit).is_on for unit in units] == [decide(lower, unit).is_on for unit in units]


def test_an_arm_without_weight_is_nobodys() -> None:
    flag = compiled({"variants": ARMS}, **TEXT)
    decisions = [decide(flag, f"customer {number}") for number in range(4000)]
    assert {decision.variant for decision in decisions} == {"a", "b"}
    assert {decision.reason for decision in decisions} == {"SPLIT"}
    assert all(decision.value == f'"{decision.variant.upper()}"' for decision in decisions if decision.variant)
    share = sum(decision.variant == "a" for decision in decisions)
    assert abs(share - 1000) < 5 * (4000 * 0.25 * 0.75) ** 0.5


def test_an_arm_with_all_the_weight_is_everybodys() -> None:
    arms = [{"key": "no", "value": "n", "weight": 0}, {"key": "yes", "value": "y", "weight": 7}]
    flag = compiled({"variants": arms}, **TEXT)
    assert {decide(flag, f"customer {number}").variant for number in range(500)} == {"yes"}


@pytest.mark.parametrize(("rollout", "reason"), [({}, "STATIC"), ({"customer_tiers": ["gold"]}, "TARGETING_MATCH")])
@pytest.mark.parametrize("algorithm", ["mm3-v1", "unleash", "growthbook-v2"])
def test_no_hash_decides_about_a_single_arm(algorithm: str, rollout: dict[str, Any], reason: str) -> None:
    arms = [{"key": "no", "value": "n", "weight": 0}, {"key": "yes", "value": "y", "weight": 7}]
    flag = compiled({"variants": arms, **rollout}, algorithm=algorithm, **TEXT)
    for customer in (CUSTOMER, None):
        decision = decide(flag, customer)
        assert (decision.variant, decision.reason, decision.is_on, decision.value) == ("yes", reason, True, '"y"')
    assert decide(compiled({"variants": arms, "percentage": 100}, **TEXT)).reason == "SPLIT"


@pytest.mark.parametrize(
    ("rollout", "lacks_unit"),
    [
        ({"percentage": 50}, True),
        ({"percentage": 0.001}, True),
        ({"percentage": 0}, False),
        ({"percentage": 100}, False),
        ({"variants": ARMS}, True),
        ({"percentage": 50, "stickiness": "session"}, True),
        ({"percentage": 50, "customer_tiers": ["silver"]}, False),
        ({"customer_tiers": ["gold"]}, False),
        (None, False),
    ],
)
def test_a_decision_shows_of_a_unit_that_the_hash_would_have_needed(
    rollout: dict[str, Any] | None, lacks_unit: bool
) -> None:
    flag = compiled(rollout, **TEXT)
    assert decide(flag, None).lacks_unit is lacks_unit
    attributes = {"session": "s1"}
    assert decide(flag, CUSTOMER, attributes=attributes).lacks_unit is False
    assert flag.stickiness == (rollout or {}).get("stickiness")


@pytest.mark.parametrize("variant", ["a", "never", "b", "last"])
@pytest.mark.parametrize("rollout", [{}, {"percentage": 0}, {"customer_tiers": ["silver"]}])
def test_an_override_comes_before_everything(rollout: dict[str, Any], variant: str) -> None:
    flag = compiled({**rollout, "variants": ARMS, "overrides": {CUSTOMER.upper(): variant}}, **TEXT)
    decision = decide(flag)
    assert (decision.variant, decision.reason, decision.is_on) == (variant, "TARGETING_MATCH", True)
    assert decide(flag, OTHER).reason in ("SPLIT", "DEFAULT")


@pytest.mark.parametrize("place", ["flag", "rollout"])
def test_a_group_chooses_its_variant_where_the_flag_accepts_it(place: str) -> None:
    accepts = {"rollout": {"accept_group": True}}.get(place, {})
    fields = {"accept_group": True} if place == "flag" else {}
    flag = compiled({"variants": ARMS, **accepts}, **fields, **TEXT)
    for variant in ("a", "never", "b", "last"):
        decision = decide(flag, ab_test_group=variant)
        assert (decision.variant, decision.reason) == (variant, "TARGETING_MATCH")
    for group in (None, "unknown", ""):
        assert decide(flag, ab_test_group=group) == decide(flag)


def test_a_group_chooses_nothing_where_the_flag_does_not_accept_it() -> None:
    flag = compiled({"variants": ARMS}, **TEXT)
    assert {decide(flag, ab_test_group=group).reason for group in ("a", "b")} == {"SPLIT"}
    assert decide(flag, ab_test_group="a") == decide(flag, ab_test_group="b")


def test_an_override_is_stronger_than_a_group() -> None:
    flag = compiled({"variants": ARMS, "overrides": {CUSTOMER: "b"}}, accept_group=True, **TEXT)
    assert decide(flag, ab_test_group="a").variant == "b"


def test_stickiness_goes_by_the_attribute() -> None:
    flag = compiled({"percentage": 50, "stickiness": "session"})
    for session in map(str, range(200)):
        decisions = {
            decide(flag, customer, attributes={"session": session}).is_on for customer in (CUSTOMER, OTHER, None)
        }
        assert decisions == {decide(compiled({"percentage": 50}), session).is_on}


@pytest.mark.parametrize("attributes", [None, {}, {"other": "1"}, {"session": ""}])
def test_a_missing_attribute_gets_the_default(attributes: dict[str, str] | None) -> None:
    flag = compiled({"percentage": 99, "stickiness": "session"})
    decision = decide(flag, attributes=attributes)
    assert (decision.reason, decision.value) == ("DEFAULT", "false")
    assert flag.bucket_of(subject(attributes=attributes)) is None


def test_a_missing_customer_gets_the_default_only_where_the_hash_is_needed() -> None:
    assert decide(compiled({"percentage": 99}), None).reason == "DEFAULT"
    assert decide(compiled({"variants": ARMS}, **TEXT), None).reason == "DEFAULT"
    assert decide(compiled({"percentage": 100}), None).is_on is True
    assert decide(compiled({"customer_tiers": ["gold"]}), None).is_on is True


RAMP = {
    "schedule": [
        {"at": "2026-03-01T00:00:00Z", "percentage": 1},
        {"at": "2026-03-02T00:00:00+03:00", "percentage": 100},
        {"at": "2026-03-03T00:00:00Z", "percentage": 0},
    ]
}


@pytest.mark.parametrize(
    ("percentage", "at", "share"),
    [
        (None, "2026-02-28T23:59:59.999999+00:00", 0),
        (50, "2026-02-28T23:59:59.999999+00:00", 50),
        (50, "2026-03-01T00:00:00+00:00", 1),
        (None, "2026-03-01T20:59:59.999999+00:00", 1),
        (None, "2026-03-01T21:00:00+00:00", 100),
        (50, "2026-03-02T23:59:59.999999+00:00", 100),
        (50, "2026-03-03T00:00:00+00:00", 0),
        (None, "2030-01-01T00:00:00+00:00", 0),
    ],
)
def test_a_ramp_goes_in_steps(percentage: int | None, at: str, share: int) -> None:
    rollout = RAMP if percentage is None else {**RAMP, "percentage": percentage}
    ramped, plain = compiled(rollout, moment(at)), compiled({"percentage": share})
    for number in range(1000):
        assert decide(ramped, f"customer {number}").is_on is decide(plain, f"customer {number}").is_on


def test_an_era_ends_where_a_flag_changes_course() -> None:
    rollout = {**RAMP, "starts_at": "2026-03-01T06:00:00Z", "ends_at": "2026-03-05T00:00:00Z"}
    stored = StoredFlag(id="1", version=1, draft=draft(rollout), is_archived=False, changed_in=1)
    edges = ["2026-03-01T00:00", "2026-03-01T06:00", "2026-03-01T21:00", "2026-03-03T00:00", "2026-03-05T00:00"]
    instants = [moment(f"{edge}:00+00:00") for edge in edges]
    for first, end in pairwise(instants):
        for at_us in (first, end - 1):
            period = EffectivePeriod((), [stored], at_us)
            assert (period.from_us, period.until_us) == (first, end)
    assert decide(EffectivePeriod((), [stored], instants[0]).flags["checkout"]).reason == "DISABLED"
    assert decide(EffectivePeriod((), [stored], instants[2]).flags["checkout"]).is_on is True
    assert decide(EffectivePeriod((), [stored], instants[4]).flags["checkout"]).reason == "DISABLED"


def test_an_archived_flag_is_none() -> None:
    stored = StoredFlag(id="1", version=2, draft=draft(), is_archived=True, changed_in=1)
    assert EffectivePeriod((), [stored], NOW_US).flags == {}


@pytest.mark.parametrize(
    ("region", "country", "city", "district"),
    [
        ("TR/Istanbul/Kadıköy", "TR", "İstanbul", "kadikoy"),
        ("tr/ISTANBUL", "TR", "Istanbul", None),
        ("DE/München", "DE", "Munchen", None),
    ],
)
def test_a_region_path_stands_for_its_address(region: str, country: str, city: str, district: str | None) -> None:
    assert regions_around(region) == address_regions(country, city, district)


def test_a_country_and_a_bare_name_are_all_that_is_known() -> None:
    assert regions_around("TR") == {"tr": 1, "": 0}
    assert regions_around("Istanbul") == {"*istanbul": 2, "": 0}
    flag = compiled({"regions": ["Istanbul"]})
    assert decide(flag, regions=regions_around("TR/Istanbul")).is_on is True
    assert decide(flag, regions=regions_around("İSTANBUL")).is_on is True
    assert decide(flag, regions=regions_around("TR")).is_on is False
    assert decide(flag, regions=KADIKOY).is_on is True


@pytest.mark.parametrize("rollout", [None, {"percentage": 100}, {"variants": ARMS, "overrides": {CUSTOMER: "a"}}])
def test_a_flag_that_is_rolled_back_is_off_for_everybody(rollout: dict[str, Any] | None) -> None:
    stored = StoredFlag(
        id="1", version=1, draft=draft(rollout, **TEXT), is_archived=False, changed_in=1, state="ROLLED_BACK"
    )
    period = EffectivePeriod((), [stored], NOW_US)
    decision = decide(period.flags["checkout"])
    assert (decision.value, decision.reason, decision.is_on, decision.variant) == ('"other"', "DISABLED", False, None)
    assert period.exposed_flags == ()


@pytest.mark.parametrize(
    ("rollout", "algorithm", "lacks_unit"),
    [
        ({"percentage": 100, "stickiness": "session"}, "unleash", True),
        ({"percentage": 100}, "unleash", False),
        ({"percentage": 100, "stickiness": "customer_id"}, "growthbook-v2", True),
        ({"percentage": 100, "stickiness": "customer_id"}, "growthbook-v1", True),
        ({"percentage": 0, "stickiness": "customer_id"}, "growthbook-v2", False),
        ({"percentage": 100, "stickiness": "customer_id"}, "mm3-v1", False),
    ],
)
def test_whoever_lacks_a_named_unit_is_outside_as_in_the_systems_that_are_reproduced(
    rollout: dict[str, Any], algorithm: str, lacks_unit: bool
) -> None:
    flag = compiled(rollout, algorithm=algorithm)
    decision = decide(flag, None)
    assert (decision.lacks_unit, decision.is_on) == (lacks_unit, not lacks_unit and rollout["percentage"] == 100)
    assert decide(flag, attributes={"session": "1"}).is_on is (rollout["percentage"] == 100)
