"""YAML as the rulebook's file has it: what is written reads back as it was, and what YAML does besides is refused.

Source: docs/spec/rulebook-files.md#form.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.literals import json_literal
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.errors import Malformed
from quote_service.steering.rulebook_files.model.yaml_text import InvalidAt, read_yaml, write_yaml

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40) | st.sampled_from(
    [
        *("no", "on", "Yes", "null", "~", "", "true", "1_000", "0x10", ".5", "1e5", "12:30", "2026-03-01", "NaN", "-0"),
        *("# no comment", "a: b", "- a", "&a", "*a", "!a", "|", "a\nb", "a\nb\n", "\n", " a", "a ", "a\tb", "'", '"'),
        *("\ufeff", "\x85", "\u2028", "{", "[", "%", "@", "`", "?", ": ", "a #b", "<<", "---", "..."),
    ]
)
NUMBERS = st.integers(-(10**30), 10**30) | st.decimals(allow_nan=False, allow_infinity=False, places=3).map(ExactNumber)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_what_is_written_reads_back_to_the_digit(document: dict[str, Any]) -> None:
    assert json_literal(read_yaml(write_yaml(document)).value) == json_literal(document)


@given(st.dictionaries(TEXTS, st.none() | st.booleans() | TEXTS | st.lists(TEXTS, max_size=3), max_size=5))
def test_any_other_reader_of_yaml_reads_the_same_texts(document: dict[str, Any]) -> None:
    assert yaml.safe_load(write_yaml(document)) == document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", '"no"'),
        ("12:30", '"12:30"'),
        ("2026-03-01T09:00:00Z", '"2026-03-01T09:00:00Z"'),
        ("0x10", '"0x10"'),
        ("1_000", '"1_000"'),
        (".inf", '".inf"'),
        ("'10'", '"10"'),
        ("10", "10"),
        ("-1.50", "-1.50"),
        ("1e3", "1e3"),
        ("true", "true"),
        ("True", '"True"'),
        ("~", "null"),
        ("", "null"),
        ("[a, 1]", '["a",1]'),
        ("{a: {b: null}}", '{"a":{"b":null}}'),
    ],
)
def test_a_plain_word_is_what_it_is_in_json(text: str, value: str) -> None:
    assert json_literal(read_yaml(text).value) == value


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a: 1\nb: &x 2\n", 2, "anchors"),
        ("a: &x [1]\nb: *x\n", 1, "anchors"),
        ("a: 1\n\nb: !!python/object:os.system 1\n", 3, "tags"),
        ("a: !!str 1\n", 1, "tags"),
        ("a: [1\nb: 2\n", 2, "expected"),
        ("a: 1\n b: 2\n", 2, ""),
        ("a: 1\n---\nb: 2\n", 2, "document"),
        ("a: \tb: c\n", 1, ""),
        ("[" * 100 + "]" * 100, 1, "nested"),
    ],
)
def test_what_is_not_part_of_the_form_is_reported_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_yaml(text)
    assert refused.value.detail.startswith(f"line {line}: ")
    assert why in refused.value.detail


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(Malformed, match="no YAML"):
        read_yaml("a: \x01\n")


def test_a_name_that_stands_twice_is_a_fault_at_its_second_place() -> None:
    with pytest.raises(InvalidAt) as refused:
        read_yaml("rules:\n  - name: a\n    name: b\n")
    (fault,) = refused.value.faults
    assert (fault.pointer, refused.value.lines[fault.pointer]) == ("/rules/0/name", 3)


def test_every_place_has_its_line() -> None:
    document = read_yaml("# head\nrules:\n  - name: a\n    region: TR\n\n  - name: b\n    tags: [x,\n      y]\n")
    places = {"/rules": 2, "/rules/0": 3, "/rules/0/region": 4, "/rules/1/name": 6, "/rules/1/tags/1": 8}
    assert {place: document.line_of(place) for place in places} == places
    assert document.line_of("/rules/1/missing/deeper") == 6
    assert document.line_of("/elsewhere") == document.line_of("")
