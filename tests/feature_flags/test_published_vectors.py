"""Flags of Unleash and GrowthBook say here what their systems publish that they say: imported, in process and over HTTP.

Source: docs/spec/feature-flags.md#bucketing; docs/spec/feature-flags.md#import; tests/vectors/README.md.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from click.testing import CliRunner

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.system.clock import now_us
from quote_service.pricing.flags.bucketing.growthbook import GROWTHBOOK_V1, GROWTHBOOK_V2
from quote_service.pricing.flags.compiled_flag import compile_flag
from quote_service.pricing.flags.decision import Subject
from quote_service.rulebook.feature_flags.model.imports.growthbook import translate_growthbook
from quote_service.rulebook.feature_flags.model.imports.translated import Translated
from quote_service.rulebook.feature_flags.model.imports.unleash import translate_unleash
from quote_service.serving.cli import main
from tests.feature_flags.conftest import created, eventually_asked
from tests.feature_flags.moved_flags import (
    CASES,
    Question,
    attributes_to_send,
    growthbook_payload,
    growthbook_questions,
    is_as_published,
    unleash_questions,
    unleash_state,
)

PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "pricing" / "flags" / "vectors" / "published.json").read_text("utf-8")
)
# What cannot be a flag here: conditions on other fields, several rules, ranges, filters, namespaces, prerequisites, bandits.
LOST_OF_UNLEASH = {
    "Feature.Variants.override.D",
    "Feature.strategy.variant.with.constraint",
    "Feature.strategy.variant.overrides.feature.variant",
}
# By what it is that no flag has, the number of cases about it.
LOST_OF_GROWTHBOOK = {
    "a condition on": 6,
    "a rule with": 13,  # prerequisites and contextual bandits
    "rules;": 5,
    "of its rule": 9,  # namespaces, filters and fields that are not known
    "of buckets": 2,  # ranges that are no share
    "hashVersion": 1,
    "it has no value": 2,
}
BUCKETS = {1: ("growthbook-v1", GROWTHBOOK_V1, 1000), 2: ("growthbook-v2", GROWTHBOOK_V2, 10_000)}


def name_of(row: dict[str, Any]) -> str:
    return f"{row['groupId']}:{row['stickiness_value']}"


def translated(system: str) -> dict[str, Translated]:
    document = unleash_state() if system == "unleash" else growthbook_payload()
    translate = translate_unleash if system == "unleash" else translate_growthbook
    return {each.name: each for each in translate(parse_exact(json.dumps(document)), "")}


CARRIED = {
    name: each for system in ("unleash", "growthbook") for name, each in translated(system).items() if each.draft
}
QUESTIONS = {
    system: [question for question in asked if question.key in CARRIED]
    for system, asked in (("unleash", unleash_questions()), ("growthbook", growthbook_questions()))
}


def test_only_what_no_flag_can_say_is_lost() -> None:
    lost = {name for name, each in translated("unleash").items() if each.draft is None}
    assert lost == LOST_OF_UNLEASH
    reasons = [each.lost[0] for each in translated("growthbook").values() if each.draft is None]
    assert {kind: sum(kind in reason for reason in reasons) for kind in LOST_OF_GROWTHBOOK} == LOST_OF_GROWTHBOOK
    assert len(reasons) == sum(LOST_OF_GROWTHBOOK.values())
    assert {system: len(asked) for system, asked in QUESTIONS.items()} == {"unleash": 52, "growthbook": 75}


@pytest.mark.parametrize("question", [*QUESTIONS["unleash"], *QUESTIONS["growthbook"]], ids=lambda asked: asked.name)
def test_in_process_they_say_what_is_published(question: Question) -> None:
    draft = CARRIED[question.key].draft
    assert draft is not None
    known = {name: str(value) for name, value in attributes_to_send(question.attributes).items()}
    decision = compile_flag(draft, 1, now_us()).evaluate(Subject(None, None, [], {}, None, known))
    assert is_as_published(question, None if decision.value is None else json.loads(decision.value)), decision


@pytest.fixture(scope="module", params=["unleash", "growthbook"])
def moved(request: pytest.FixtureRequest, service: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A system whose flags have been imported."""
    system = str(request.param)
    file = tmp_path_factory.mktemp("import") / f"{system}.json"
    file.write_text(json.dumps(unleash_state() if system == "unleash" else growthbook_payload()), "utf-8")
    imported = run_import(service.database_url, file, system, "--customer-field", "", "--skip-lost", "--apply")
    assert imported.exit_code == 0, imported.output
    return system


def run_import(database_url: str, file: Path, system: str, *options: str) -> Any:
    command = ["flags", "import", "--from", system, *options, str(file)]
    return CliRunner().invoke(main, command, env={"DATABASE_URL": database_url})


def test_over_http_they_say_what_is_published(moved: str, checkout: httpx.Client) -> None:
    wrong = []
    for question in QUESTIONS[moved]:
        said = eventually_asked(checkout, question.key, attributes=attributes_to_send(question.attributes))
        if not is_as_published(question, said["value"]):
            wrong.append((question, said))
    assert not wrong


@pytest.mark.parametrize("row", [row for row in CASES["hash"] if row[2] in BUCKETS], ids=str)
def test_growthbook_hashes_in_process(row: list[Any]) -> None:
    seed, value, version, published = row
    _, bucketing, buckets = BUCKETS[version]
    assert bucketing.make_bucket(seed)(value) == round(published * buckets)


def test_growthbook_hashes_over_http(admin: httpx.Client, checkout: httpx.Client) -> None:
    rows = [row for row in CASES["hash"] if row[2] in BUCKETS and row[0]]  # a salt is never empty
    assert len(rows) == 10
    for seed, value, version, published in rows:
        algorithm, _, buckets = BUCKETS[version]
        flag = created(admin, salt=seed, algorithm=algorithm, rollout={"percentage": 50, "stickiness": "id"})
        said = eventually_asked(checkout, flag["key"], attributes={"id": value})
        assert said["bucket"] == round(published * buckets)


def experiment(arms: int, coverage: Any, weights: Any) -> dict[str, Any]:
    rule = {"variations": list(range(arms)), "coverage": coverage, "hashVersion": 2, "seed": "seed"}
    return {**rule, "weights": weights} if weights is not None else rule


def flag_of(admin: httpx.Client, rule: dict[str, Any]) -> str:
    """The key of a flag that an experiment becomes."""
    document = parse_exact(json.dumps({"features": {"experiment": {"defaultValue": -1, "rules": [rule]}}}))
    [moved] = translate_growthbook(document, "")
    assert moved.draft is not None, moved.lost
    members = json.loads(msgspec.json.encode(moved.draft.rollout, enc_hook=float))
    kept = {"type": "NUMBER", "value": 0, "default_value": -1, "salt": "seed", "algorithm": "growthbook-v2"}
    return str(created(admin, **kept, rollout=members)["key"])


def unit_at(bucket: int) -> str:
    """Somebody in a bucket of the seed `seed`."""
    bucket_of = GROWTHBOOK_V2.make_bucket("seed")
    return next(unit for unit in map(str, range(1_000_000)) if bucket_of(unit) == bucket)


@pytest.mark.parametrize("row", CASES["getBucketRange"], ids=lambda row: row[0])
def test_growthbook_ranges_over_http(admin: httpx.Client, checkout: httpx.Client, row: list[Any]) -> None:
    _, (arms, coverage, weights), ranges = row
    key = flag_of(admin, experiment(arms, coverage, weights))
    # Published bounds are rounded: a bucket on one of them may be on either side in floats (0.2 * 0.2 is above 0.04).
    edges = {round(edge * 10_000) for span in ranges for edge in span}
    for bucket in sorted({place for edge in edges for place in (edge - 1, edge + 1) if 0 <= place < 10_000}):
        point = bucket / 10_000
        wanted = next((arm for arm, (first, end) in enumerate(ranges) if first <= point < end), -1)
        assert eventually_asked(checkout, key, attributes={"id": unit_at(bucket)})["value"] == wanted, bucket


@pytest.mark.parametrize("row", CASES["chooseVariation"], ids=lambda row: row[0])
def test_growthbook_arms_over_http(admin: httpx.Client, checkout: httpx.Client, row: list[Any]) -> None:
    _, point, ranges, wanted = row
    starts = [first for first, _ in ranges] + [1]
    weights = [end - first for first, end in pairwise(starts)]
    coverage = max((end - first) / weight for (first, end), weight in zip(ranges, weights, strict=True) if weight)
    key = flag_of(admin, experiment(len(ranges), coverage, weights))
    assert eventually_asked(checkout, key, attributes={"id": unit_at(round(point * 10_000))})["value"] == wanted


@pytest.mark.parametrize("row", PUBLISHED["unleash_rollout"], ids=name_of)
def test_unleash_rollouts_over_http(admin: httpx.Client, checkout: httpx.Client, row: dict[str, Any]) -> None:
    rollout = {"percentage": row["rollout"], "stickiness": "user"}
    flag = created(admin, salt=row["groupId"], algorithm="unleash", rollout=rollout)
    said = eventually_asked(checkout, flag["key"], attributes={"user": row["stickiness_value"]})
    assert (said["value"], said["bucket"]) == (row["enabled_published"], row["normalized_1_100"])


@pytest.mark.parametrize("row", PUBLISHED["unleash_variant"], ids=name_of)
def test_unleash_variants_over_http(admin: httpx.Client, checkout: httpx.Client, row: dict[str, Any]) -> None:
    arms = [{"key": key, "value": key, "weight": weight} for key, weight in row["weights"]]
    rollout = {"variants": arms, "stickiness": "user"}
    flag = created(admin, type="STRING", value="", salt=row["groupId"], algorithm="unleash", rollout=rollout)
    said = eventually_asked(checkout, flag["key"], attributes={"user": row["stickiness_value"]})
    assert (said["variant"], said["reason"]) == (row["variant_published"], "SPLIT")
