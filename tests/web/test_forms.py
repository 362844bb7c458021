"""Forms from the API's description: what is filled in is what is sent. Source: docs/spec/web.md#forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from quote_service.documents.documents import write_document
from quote_service.documents.exact_json import parse_json
from quote_service.web.rendering.form_documents import NotJson, read_form_document
from quote_service.web.rendering.schema_fields import Field, SchemaForm
from quote_service.web.words.subjects.registry import SUBJECTS
from quote_service.web.words.subjects.subject import Subject
from tests.access.running import RunningService


@pytest.fixture(scope="module")
def description(service: RunningService) -> dict[str, Any]:
    document: dict[str, Any] = parse_json(service.http.get("/docs/openapi.json").content)
    return document


def filled(fields: tuple[Field, ...]) -> Iterator[tuple[str, str]]:
    """What a browser sends of these fields."""
    for field in fields:
        if field.kind in ("group", "rows"):
            yield from filled(field.children)
        else:
            yield field.pointer, field.text


def bodies(description: dict[str, Any], subject: Subject) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each body that a subject's form sends, as the API's own example has it."""
    for path, operations in description["paths"].items():
        if not path.startswith(subject.path):
            continue
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
            if name and name in (subject.draft, subject.change) and "example" in content:
                yield name, content["example"]


@pytest.mark.parametrize("area", SUBJECTS)
def test_a_form_sends_what_stands_in_it(description: dict[str, Any], area: str) -> None:
    form, subject = SchemaForm(description["components"]["schemas"]), SUBJECTS[area]
    if subject.draft:
        assert subject.draft in description["components"]["schemas"]
    for name, example in bodies(description, subject):
        schema: Any = {"$ref": f"#/components/schemas/{name}"}
        variants = form.variants(schema)
        schema = variants[example["type"]] if variants else schema
        sent: dict[str, list[str]] = {}
        for pointer, text in filled(form.fields(schema, example, {})):
            sent.setdefault(pointer, []).append(text)
        given = {name: value for name, value in example.items() if value not in (None, [], {}, "")}
        read = read_form_document(form, schema, sent)
        assert parse_json(write_document(read)) == parse_json(write_document(_without_nothing(given)))


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nothing(each) for name, each in value.items() if each not in (None, [], {}, "")}
    if isinstance(value, list):
        return [_without_nothing(each) for each in value]
    return value


def test_a_fault_finds_its_field(description: dict[str, Any]) -> None:
    form = SchemaForm(description["components"]["schemas"])
    schema = form.variants({"$ref": "#/components/schemas/RuleDraft"})["DELIVERY_FEE"]
    faults = {"/configuration/base_fee": "must be 0 or more", "/name": "is required"}
    found = {}

    def walk(fields: tuple[Field, ...]) -> None:
        for field in fields:
            if field.fault:
                found[field.pointer] = field.fault
            walk(field.children)

    walk(form.fields(schema, {"configuration": {"base_fee": -1}}, faults))
    assert found == faults


def test_what_is_no_json_is_told_at_its_field(description: dict[str, Any]) -> None:
    form = SchemaForm(description["components"]["schemas"])
    with pytest.raises(NotJson) as told:
        read_form_document(form, {"$ref": "#/components/schemas/FlagDraft"}, {"/value": ["{"], "/key": ["a"]})
    assert list(told.value.faults) == ["/value"]


def test_rows_that_were_added_and_removed_keep_their_order(description: dict[str, Any]) -> None:
    form = SchemaForm(description["components"]["schemas"])
    sent = {"/tiers/0/rate": ["5"], "/tiers/0/up_to": ["100"], "/tiers/n7/rate": ["4.50"], "/tiers/n7/up_to": [""]}
    read = read_form_document(form, {"$ref": "#/components/schemas/RateDraft"}, sent)
    assert write_document(read["tiers"]) == b'[{"rate":5,"up_to":100},{"rate":4.50}]'
