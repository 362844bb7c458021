"""What is exported and imported again changes nothing, and what is imported is what is exported: for any rulebook.

Source: docs/spec/rulebook-files.md#laws.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quote_service.platform.documents.documents import read_value
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.rulebook.pricing_rules.operations.read_rule import read_rule
from quote_service.steering.rulebook_files.model.plan import Held, described, make_plan
from quote_service.steering.rulebook_files.model.rulebook_file import SECTIONS, RulebookFile, read_file, write_file
from quote_service.steering.rulebook_files.model.versions import from_now, still_effective
from quote_service.steering.rulebook_files.model.yaml_text import read_yaml, write_yaml
from quote_service.steering.rulebook_files.operations.import_rulebook import import_rulebook
from quote_service.steering.rulebook_files.operations.read_held import read_held

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
#: Long past, or so far ahead that no test comes there; and one that has ended.
PERIODS = st.sampled_from(
    [
        (None, None),
        (None, "2121-01-01T00:00:00Z"),
        ("2020-01-01T00:00:00Z", None),
        ("2020-01-01T00:00:00Z", "2022-01-01T00:00:00Z"),
        ("2020-06-01T00:00:00.000001Z", "2121-01-01T00:00:00Z"),
        ("2120-01-01T00:00:00Z", None),
        ("2120-01-01T00:00:00Z", "2121-01-01T00:00:00Z"),
        ("2120-06-01T00:00:00Z", "2130-01-01T00:00:00Z"),
    ]
)
PERCENTS = st.sampled_from(["0", "0.5", "10", "12.50", "100"]).map(lambda text: read_yaml(text).value)


def given_only(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


CONDITIONS = st.none() | st.fixed_dictionaries(
    {}, optional={"customer_tiers": st.lists(TEXTS, min_size=1, max_size=2, unique=True), "flag": st.just("a.b")}
)
RULES = st.builds(
    lambda name, percent, priority, conditions, period: given_only(
        {
            "name": name,
            "type": "PROMOTION",
            "configuration": {"kind": "percent", "value": percent, "respects_min_price": percent != 10},
            "priority": priority,
            "conditions": conditions,
            "effective_from": period[0],
            "effective_to": period[1],
        }
    ),
    st.sampled_from(["a", "b", "No", "12:30", "ğ: #"]),
    PERCENTS,
    st.integers(-5, 5),
    CONDITIONS,
    PERIODS,
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | PERCENTS | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
GUARDRAILS = st.none() | st.builds(
    lambda share, measure: [
        given_only({"metric": "clicks", "direction": "lower_is_better", "measure": measure, "max_regression": share})
    ],
    PERCENTS,
    st.sampled_from(["rate", "mean_per_exposure"]),
)
FLAGS = st.builds(
    lambda key, value, default, percentage, text, guardrails: given_only(
        {
            "key": key,
            "type": "JSON",
            "value": {"value": value},
            "default_value": default,
            "description": text,
            "is_enabled": percentage != 0,
            "rollout": {"percentage": percentage, "variants": [{"key": "v", "value": value, "weight": 1}]},
            "guardrails": guardrails,
        }
    ),
    st.sampled_from(["x", "y", "z"]),
    JSON_VALUES,
    JSON_VALUES,
    PERCENTS,
    st.none() | TEXTS | st.just("two\nlines\n"),
    GUARDRAILS,
)
RATES = st.builds(
    lambda region, priority, rate, period: given_only(
        {
            "commission_type": "PERCENTAGE",
            "region": region,
            "priority": priority,
            "rate": rate,
            "effective_from": period[0],
            "effective_to": period[1],
        }
    ),
    st.sampled_from([None, "TR", "TR/Istanbul", "no"]),
    st.integers(0, 2),
    PERCENTS,
    PERIODS,
)
FILES = st.fixed_dictionaries(
    {
        "rules": st.lists(RULES, max_size=5),
        "flags": st.lists(FLAGS, max_size=3, unique_by=lambda each: each["key"]),
        # One of each scope: others may overlap, and are refused.
        "rates": st.lists(RATES, max_size=4, unique_by=lambda each: (each.get("region"), each.get("priority"))),
    }
)


def rule_of(entry: Any, pointer: str) -> RuleDraft:
    return read_rule(entry, NOW, None, pointer)


def file_of(document: dict[str, Any]) -> RulebookFile:
    return read_file(read_yaml(write_yaml({"format": 2, **document})), rule_of)


@given(FILES)
def test_a_file_reads_back_as_what_it_was_written_from(document: dict[str, Any]) -> None:
    text = write_file(file_of(document))
    assert write_file(read_file(read_yaml(text), rule_of)) == text


@given(st.lists(RULES, max_size=6))
def test_versions_that_never_count_again_are_those_that_say_nothing(documents: list[dict[str, Any]]) -> None:
    drafts = [(number, rule_of({**each, "name": "a"}, "")) for number, each in enumerate(documents)]
    at_us = now_us()
    reported = {number for number, _ in still_effective(drafts, at_us)}
    # The highest that counts, at every instant from which another may.
    instants = {from_micros(at_us), *(draft.effective_from for _, draft in drafts if draft.effective_from)}
    instants |= {draft.effective_to for _, draft in drafts if draft.effective_to}
    counting = set()
    for instant in instants:
        if instant is not None and instant >= from_micros(at_us):
            found = [
                number
                for number, draft in drafts
                if draft.effective_from is not None
                and draft.effective_from <= instant
                and (draft.effective_to is None or instant < draft.effective_to)
            ]
            counting |= set(found[-1:])
    assert reported == counting


@pytest.fixture(scope="module")
def database_of_laws(database_url: str) -> Iterator[tuple[asyncio.Runner, Database]]:
    with asyncio.Runner() as runner:
        database = runner.run(Database.open(database_url))
        yield runner, database
        runner.run(database.close())


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(FILES, min_size=1, max_size=3))
def test_after_an_import_the_export_is_the_file_and_imports_as_nothing(
    database_of_laws: tuple[asyncio.Runner, Database], documents: list[dict[str, Any]]
) -> None:
    runner, database = database_of_laws
    for document in documents:
        file = unarchived(file_of(document))
        held = runner.run(brought(database, file))
        # Nothing of what there was before is left.
        wanted = file._replace(
            rules=[from_now(draft, now_us()) for each in by_name(file.rules or []).values() for draft in each],
            rates=[
                from_now(rate, now_us())
                for rate in file.rates or []
                if not rate.effective_to or rate.effective_to > NOW
            ],
        )
        exported = write_file(held.file(SECTIONS))
        assert exported == write_file(wanted)
        again = read_file(read_yaml(exported), rule_of)
        plan = make_plan(again, held, prune=True)
        assert list(described(plan)) == []


_made: list[str] = []


def unarchived(file: RulebookFile) -> RulebookFile:
    """The file with keys that no flag had: those that are removed cannot come again."""
    _made.append("")
    flags = [read_value(keyed(flag, len(_made)), type(flag)) for flag in file.flags or []]
    return file._replace(flags=flags)


def keyed(flag: Any, number: int) -> Any:
    document = read_yaml(write_file(RulebookFile(flags=[flag]))).value["flags"][0]
    return {**document, "key": f"{flag.key}.{number}"}


async def brought(database: Database, file: RulebookFile) -> Held:
    async with database.transaction() as connection:
        change = change_by_system("test", now_us())
        await import_rulebook(Change.within(connection, change), file, SECTIONS, prune=True)
    async with database.snapshot() as connection:
        return await read_held(connection, now_us(), SECTIONS)


def by_name(rules: list[RuleDraft]) -> dict[str, list[RuleDraft]]:
    found: dict[str, list[tuple[None, RuleDraft]]] = {}
    for rule in rules:
        found.setdefault(rule.name, []).append((None, rule))
    return {name: [draft for _, draft in still_effective(versions, now_us())] for name, versions in found.items()}
