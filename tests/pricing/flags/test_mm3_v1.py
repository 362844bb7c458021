"""`mm3-v1` against its formula, written down again from the algorithm's description and not from our code.

Source: docs/spec/feature-flags.md#bucketing.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.pricing.flags.bucketing.mm3_v1 import MM3_V1
from tests.pricing.flags.flags import compiled, decide, subject

POPULATION = [f"0199a1b2-0000-7000-8000-{number:012x}" for number in range(20_000)]
UNITS = st.text(min_size=1, max_size=60)
SALTS = st.text(min_size=1, max_size=60)
THOUSANDTHS = st.integers(0, 100_000)


def murmur3_x86_32(data: bytes, seed: int) -> int:
    """MurmurHash3 by Austin Appleby, 32 bits for x86, as published."""
    mask = 0xFFFFFFFF

    def rotate(value: int, by: int) -> int:
        return (value << by | value >> (32 - by)) & mask

    state = seed
    whole = len(data) // 4 * 4
    for start in range(0, whole, 4):
        block = int.from_bytes(data[start : start + 4], "little") * 0xCC9E2D51 & mask
        state = rotate(state ^ rotate(block, 15) * 0x1B873593 & mask, 13) * 5 + 0xE6546B64 & mask
    rest = int.from_bytes(data[whole:], "little")
    if rest:
        state ^= rotate(rest * 0xCC9E2D51 & mask, 15) * 0x1B873593 & mask
    state ^= len(data)
    state = (state ^ state >> 16) * 0x85EBCA6B & mask
    state = (state ^ state >> 13) * 0xC2B2AE35 & mask
    return state ^ state >> 16


def arm_by_formula(salt: str, unit: str, thousandths: int, weights: list[int]) -> int | None:
    salted = f"{salt}:{unit}".encode()
    if not (murmur3_x86_32(salted, 0) * 100_000) >> 32 < thousandths:
        return None
    point = (murmur3_x86_32(salted, 86028157) * sum(weights)) >> 32
    reached = 0
    for place, weight in enumerate(weights):
        reached += weight
        if reached > point:
            return place
    raise AssertionError("the weights do not reach their sum")


@pytest.mark.parametrize(
    ("text", "seed", "known"),
    [
        (b"", 0, 0),
        (b"", 1, 0x514E28B7),
        (b"test", 0, 0xBA6BD213),
        (b"Hello, world!", 0, 0xC0363E43),
        (b"AB12A:122", 0, 1062108722),
        (b"fractional-flagjack", 0, 2682799072),
        (b"Feature.Variants.C:232", 86028157, 2010930785),
    ],
)
def test_the_hash_written_here_is_the_published_one(text: bytes, seed: int, known: int) -> None:
    assert murmur3_x86_32(text, seed) == known


@given(SALTS, UNITS)
def test_the_bucket_is_that_of_the_formula(salt: str, unit: str) -> None:
    bucket = MM3_V1.make_bucket(salt)(unit)
    assert bucket == (murmur3_x86_32(f"{salt}:{unit}".encode(), 0) * 100_000) >> 32
    assert 0 <= bucket < 100_000


@given(SALTS, UNITS, THOUSANDTHS, st.lists(st.integers(0, 1_000_000), min_size=1, max_size=8).filter(any))
def test_inside_and_arm_are_those_of_the_formula(salt: str, unit: str, thousandths: int, weights: list[int]) -> None:
    wanted = arm_by_formula(salt, unit, thousandths, weights)
    dealt = MM3_V1.make_deal(salt, thousandths, weights)(unit)
    assert dealt == (-1 if wanted is None else wanted)
    gated = MM3_V1.make_deal(salt, thousandths, [])(unit)
    assert gated == (-1 if wanted is None else 0)
    assert MM3_V1.make_deal(salt, None, weights)(unit) == arm_by_formula(salt, unit, 100_000, weights)


@given(SALTS, UNITS)
def test_the_border_is_exact_for_every_unit(salt: str, unit: str) -> None:
    bucket = MM3_V1.make_bucket(salt)(unit)
    assert MM3_V1.make_deal(salt, bucket, [])(unit) == -1
    assert MM3_V1.make_deal(salt, bucket + 1, [])(unit) == 0


@given(UNITS, THOUSANDTHS, THOUSANDTHS, st.lists(st.integers(0, 100), min_size=2, max_size=5).filter(any))
def test_raising_a_percentage_puts_nobody_out_and_changes_no_variant(
    unit: str, one: int, other: int, weights: list[int]
) -> None:
    lower, higher = (
        decide(compiled(rollout(thousandths, weights), type="STRING", value="none"), unit)
        for thousandths in sorted((one, other))
    )
    if lower.is_on:
        assert (higher.is_on, higher.variant) == (True, lower.variant)


def rollout(thousandths: int, weights: list[int]) -> dict[str, Any]:
    arms = [{"key": f"arm {place}", "value": str(place), "weight": weight} for place, weight in enumerate(weights)]
    return {"percentage": f"{thousandths // 1000}.{thousandths % 1000:03}", "variants": arms}


def test_the_share_inside_is_the_percentage() -> None:
    # A fixed population and fixed keys: the figure is the same at every run, and five standard deviations wide.
    for key in ("checkout", "search-v2", "a"):
        flag = compiled({"percentage": 12.5}, key=key)
        inside = sum(decide(flag, unit).is_on for unit in POPULATION)
        assert abs(inside - 2500) < 5 * (20_000 * 0.125 * 0.875) ** 0.5


def test_flags_are_independent_of_each_other() -> None:
    flags = [compiled({"percentage": 10}, key=key) for key in ("flag-1", "flag-2", "flag-3", "new_checkout", "search")]
    inside = [{unit for unit in POPULATION if decide(flag, unit).is_on} for flag in flags]
    for place, one in enumerate(inside):
        for other in inside[:place]:
            # 10 % of 10 % of 20 000, and five standard deviations.
            assert abs(len(one & other) - 200) < 5 * (20_000 * 0.01 * 0.99) ** 0.5


def test_variant_and_percentage_are_independent() -> None:
    arms = [{"key": "a", "value": True, "weight": 1}, {"key": "b", "value": True, "weight": 1}]
    for percentage in (5, 50, 100):
        flag = compiled({"percentage": percentage, "variants": arms})
        decisions = [decide(flag, unit) for unit in POPULATION]
        inside = [decision.variant for decision in decisions if decision.is_on]
        assert abs(inside.count("a") - len(inside) / 2) < 5 * (len(inside) / 4) ** 0.5


def test_a_shared_salt_deals_two_flags_alike() -> None:
    one, other = (compiled({"percentage": 30}, key=key, salt="together") for key in ("one", "other"))
    assert [decide(one, unit).is_on for unit in POPULATION[:500]] == [
        decide(other, unit).is_on for unit in POPULATION[:500]
    ]


def test_the_salt_is_the_key_unless_set() -> None:
    plain, salted = compiled({"percentage": 30}, key="one"), compiled({"percentage": 30}, key="other", salt="one")
    buckets = [plain.bucket_of(subject(unit)) for unit in POPULATION[:100]]
    assert buckets == [salted.bucket_of(subject(unit)) for unit in POPULATION[:100]]
    assert buckets != [compiled({}, key="other").bucket_of(subject(unit)) for unit in POPULATION[:100]]
