"""`unleash` and `growthbook-v2` give the answers that those systems publish, so that nobody moves with a move.

Source: docs/spec/feature-flags.md#bucketing; the sources of the vectors are named in their file.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.exact_documents import convert_exact
from quote_service.pricing.flags.bucketing.growthbook import GROWTHBOOK_V1, GROWTHBOOK_V2
from quote_service.pricing.flags.bucketing.unleash import UNLEASH
from quote_service.pricing.flags.flag import FlagDraft, flag_faults
from tests.pricing.flags.flags import compiled, decide, draft, subject

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors" / "published.json").read_text("utf-8"))
UNITS = st.text(min_size=1, max_size=40)
WEIGHTS = st.lists(st.integers(0, 100), min_size=1, max_size=6).filter(any)


def name_of(row: Any) -> str:
    return str(row.get("name") or f"{row.get('groupId') or row.get('seed')}:{row.get('stickiness_value', '')}")


@pytest.mark.parametrize("row", VECTORS["unleash_rollout"], ids=name_of)
def test_unleash_rollouts(row: dict[str, Any]) -> None:
    flag = compiled({"percentage": row["rollout"]}, salt=row["groupId"], algorithm="unleash")
    assert flag.bucket_of(subject(row["stickiness_value"])) == row["normalized_1_100"]
    assert decide(flag, row["stickiness_value"]).is_on is row["enabled_published"]


@pytest.mark.parametrize("row", VECTORS["unleash_variant"], ids=name_of)
def test_unleash_variants(row: dict[str, Any]) -> None:
    arms = [{"key": key, "value": key, "weight": weight} for key, weight in row["weights"]]
    flag = compiled({"variants": arms}, type="STRING", value="", salt=row["groupId"], algorithm="unleash")
    assert decide(flag, row["stickiness_value"]).variant == row["variant_published"]


@pytest.mark.parametrize("row", VECTORS["growthbook_v2_hash"], ids=name_of)
def test_growthbook_hashes(row: dict[str, Any]) -> None:
    assert GROWTHBOOK_V2.make_bucket(row["seed"])(row["value"]) == round(row["hash_published"] * 10_000)


@pytest.mark.parametrize("row", VECTORS["growthbook_v2_coverage"], ids=name_of)
def test_growthbook_coverage(row: dict[str, Any]) -> None:
    flag = compiled({"percentage": row["coverage"] * 100}, salt=row["seed"], algorithm="growthbook-v2")
    assert decide(flag, row["value"]).is_on is row["included_published"]


# Only what a flag can express: a percentage from 0 to 100, a weight for each arm, and weights that are all there is.
RANGES = [
    row
    for row in VECTORS["growthbook_bucket_range"]
    if 0 <= row["coverage"] <= 1
    and len(row["weights"] or [0] * row["arms"]) == row["arms"]
    and "sum" not in row["name"]
]
POINTS = [row for row in VECTORS["growthbook_choose_variation"] if len(row["ranges"]) == 2]


@pytest.mark.parametrize("row", RANGES, ids=name_of)
def test_growthbook_ranges(row: dict[str, Any]) -> None:
    weights = [round(weight * 10) for weight in row["weights"] or [0.1] * row["arms"]]
    deal = GROWTHBOOK_V2.make_deal("seed", round(row["coverage"] * 100_000), weights)
    bucket = GROWTHBOOK_V2.make_bucket("seed")
    for unit in map(str, range(3000)):
        point = bucket(unit) / 10_000
        wanted = next((i for i, (first, end) in enumerate(row["ranges_published"]) if first <= point < end), -1)
        assert deal(unit) == wanted


@pytest.mark.parametrize("row", POINTS, ids=name_of)
def test_growthbook_arms_at_a_point(row: dict[str, Any]) -> None:
    coverage = {0.5: 100_000, 0.25: 50_000}[row["ranges"][0][1]]
    deal = GROWTHBOOK_V2.make_deal("seed", coverage, [1, 1])
    unit = unit_at(round(row["point"] * 10_000))
    assert deal(unit) == row["arm_published"]


def unit_at(bucket: int) -> str:
    """A unit that falls into a bucket of the seed `seed`."""
    bucket_of = GROWTHBOOK_V2.make_bucket("seed")
    return next(unit for unit in map(str, range(1_000_000)) if bucket_of(unit) == bucket)


def test_growthbook_hashes_what_javascript_strings_are_made_of() -> None:
    # FNV-1a over the code units 0x00E9 and then 0xD83D 0xDE00, worked out step by step.
    def fnv(units: list[int]) -> int:
        value = 2166136261
        for unit in units:
            value = (value ^ unit) * 16777619 % 2**32
        return value

    for text, units in (("é", [0xE9]), ("😀", [0xD83D, 0xDE00]), ("İz", [0x130, 0x7A])):
        wanted = fnv([ord(digit) for digit in str(fnv([0x73, *units]))]) % 10_000
        assert GROWTHBOOK_V2.make_bucket("s")(text) == wanted


@given(UNITS, st.integers(0, 100), st.integers(0, 100), WEIGHTS)
def test_raising_a_percentage_moves_nobody_there_either(unit: str, one: int, other: int, weights: list[int]) -> None:
    lower, higher = sorted((one * 1000, other * 1000))
    for algorithm in (UNLEASH, GROWTHBOOK_V1, GROWTHBOOK_V2):
        before = algorithm.make_deal("salt", lower, weights)(unit)
        after = algorithm.make_deal("salt", higher, weights)(unit)
        assert before in (after, -1)
        assert weights[after] > 0 or after == -1
        gated = [algorithm.make_deal("salt", share, [])(unit) for share in (lower, higher)]
        assert gated in ([-1, -1], [-1, 0], [0, 0])


@pytest.mark.parametrize("algorithm", ["unleash", "growthbook-v1", "growthbook-v2", "mm3-v1"])
def test_nothing_is_nobody_and_everything_everybody(algorithm: str) -> None:
    nobody = compiled({"percentage": 0}, algorithm=algorithm)
    everybody = compiled({"percentage": 100}, algorithm=algorithm)
    for unit in map(str, range(2000)):
        assert decide(nobody, unit).is_on is False
        assert decide(everybody, unit).is_on is True


@pytest.mark.parametrize(
    ("algorithm", "percentage", "is_fine"),
    [
        ("unleash", "12", True),
        ("unleash", "12.5", False),
        ("growthbook-v1", "12.5", True),
        ("growthbook-v1", "12.55", False),
        ("growthbook-v2", "12.55", True),
        ("growthbook-v2", "12.555", False),
        ("mm3-v1", "12.555", True),
    ],
)
def test_a_share_finer_than_the_buckets_is_refused(algorithm: str, percentage: str, is_fine: bool) -> None:
    places: dict[str, dict[str, Any]] = {
        "/rollout/percentage": {"rollout": {"percentage": percentage}},
        "/rollout/schedule/0/percentage": {
            "rollout": {"schedule": [{"at": "2026-01-01T00:00:00Z", "percentage": percentage}]}
        },
    }
    for pointer, fields in places.items():
        if is_fine:
            draft(algorithm=algorithm, **fields)
        else:
            faults = list(flag_faults(unchecked(algorithm=algorithm, **fields)))
            assert [fault.pointer for fault in faults] == [pointer]


def unchecked(**fields: Any) -> FlagDraft:
    return convert_exact({"key": "checkout", "type": "BOOLEAN", "value": True, **fields}, FlagDraft)
