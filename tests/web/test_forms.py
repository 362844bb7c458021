"""Forms from the API's description: what is filled in is what is sent. Source: docs/spec/web.md#forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_json import parse_json
from quote_service.web.model.subjects.registry import SUBJECTS
from quote_service.web.model.subjects.subject import Subject
from quote_service.web.rendering.form_documents import FormUnreadable, read_form_document
from quote_service.web.rendering.schema_fields import Field, SchemaForm
from tests.access.running import RunningService


@pytest.fixture(scope="module")
def description(service: RunningService) -> dict[str, Any]:
    document: dict[str, Any] = parse_json(service.http.get("/docs/openapi.json").content, values_max=None)
    return document


def filled(fields: tuple[Field, ...]) -> Iterator[tuple[str, str]]:
    """What a browser sends of these fields."""
    for field in fields:
        if field.kind in ("group", "rows", "names", "shapes"):
            yield from filled(field.children)
        elif field.kind == "days":
            yield from ((field.pointer, day) for day in field.text.split(","))
        elif field.kind == "ticks":
            yield field.pointer, ""
            yield from ((field.pointer, tick) for tick in field.text.split(",") if tick in field.choices)
        elif field.kind == "any":
            yield f"{field.pointer}/=kind", field.value_kind
            yield field.pointer, field.text
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
        # What is ticked is sent though it be nothing.
        assert parse_json(write_document(_without_nothing(read))) == parse_json(write_document(_without_nothing(given)))


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


SAMPLES: list[tuple[str, dict[str, Any]]] = [
    (
        "RuleDraft",
        {
            "name": "3 for 2",
            "type": "PROMOTION",
            "configuration": {"kind": "buy_x_get_y", "buy": 2, "get": 1, "exclusive": "all"},
            "conditions": {"weekdays": [1, 7], "customer_tiers": ["gold", "silver"]},
        },
    ),
    (
        "RuleDraft",
        {
            "name": "tax",
            "type": "TAX",
            "configuration": {"rate": 18, "category_rates": {"11111111-1111-4111-8111-111111111111": 8}},
        },
    ),
    (
        "RuleDraft",
        {
            "name": "tiers",
            "type": "USER_TIER_PRICE",
            "configuration": {"tiers": {"gold/a": {"percent": -5}, "silver": {"amount": -1}}},
        },
    ),
    ("FlagDraft", {"key": "on", "type": "BOOLEAN", "value": True, "default_value": False}),
    ("FlagDraft", {"key": "factor", "type": "NUMBER", "value": 2, "rollout": {"percentage": 5}}),
    ("FlagDraft", {"key": "list", "type": "JSON", "value": {"a": [1, "b", False]}}),
    (
        "FlagDraft",
        {
            "key": "text",
            "type": "STRING",
            "value": "12",
            "rollout": {"variants": [{"key": "a", "value": "true", "weight": 1}], "overrides": {"someone": "a"}},
        },
    ),
    ("RateDraft", {"commission_type": "PERCENTAGE", "rate": 5, "split": {"seller": 1, "category": 2}}),
    (
        "ProductDraft",
        {
            "sku": "A",
            "name": "B",
            "attributes": {"colour": "red", "wide": True, "size": 4, "parts": {"x": [1]}},
            "prices": [{"currency": "TRY", "base_price": 5}],
        },
    ),
    (
        "ChangeSetDraft",
        {
            "name": "Spring",
            "rules": [
                {
                    "action": "replace",
                    "draft": {"name": "fee", "type": "DELIVERY_FEE", "configuration": {"base_fee": 12}},
                },
                {"action": "end", "name": "old"},
            ],
            "flags": [{"action": "create", "draft": {"key": "k", "type": "PERCENTAGE", "value": 5}}],
        },
    ),
    (
        "ReplayDraft",
        {
            "from": "2026-01-01T00:00:00Z",
            "draft_rules": [{"name": "vat", "type": "TAX", "configuration": {"rate": 20}}],
            "flag_overrides": {"express": 2, "on": True},
        },
    ),
    (
        "ApiKeyDraft",
        {"name": "till", "scopes": ["quote:read", "quote:write"]},
    ),
    ("EvaluationRequest", {"customer_id": "someone", "attributes": {"age": 4, "plan": "gold"}}),
]


@pytest.mark.parametrize(
    ("name", "document"), SAMPLES, ids=[f"{index}-{each[0]}" for index, each in enumerate(SAMPLES)]
)
def test_nothing_has_to_be_written_as_json(description: dict[str, Any], name: str, document: dict[str, Any]) -> None:
    form = SchemaForm(description["components"]["schemas"])
    schema: Any = {"$ref": f"#/components/schemas/{name}"}
    variants = form.variants(schema)
    schema = variants[document["type"]] if variants else schema
    sent: dict[str, list[str]] = {}
    for pointer, text in filled(form.fields(schema, document, {})):
        sent.setdefault(pointer, []).append(text)
    assert parse_json(write_document(read_form_document(form, schema, sent))) == parse_json(write_document(document))


def test_a_discount_within_its_value_is_shown_beside_it(description: dict[str, Any]) -> None:
    form = SchemaForm(description["components"]["schemas"])
    schema = form.variants({"$ref": "#/components/schemas/RuleDraft"})["PROMOTION"]
    stored = {"name": "2 + 1", "configuration": {"kind": "buy_x_get_y", "value": {"buy": 2, "get": 1}}}
    sent = {pointer: [text] for pointer, text in filled(form.fields(schema, stored, {}))}
    assert read_form_document(form, schema, sent)["configuration"] == {"kind": "buy_x_get_y", "buy": 2, "get": 1}


def test_a_fault_of_a_named_value_stands_in_its_row(description: dict[str, Any]) -> None:
    form = SchemaForm(description["components"]["schemas"])
    schema = form.variants({"$ref": "#/components/schemas/RuleDraft"})["USER_TIER_PRICE"]
    stored = {"configuration": {"tiers": {"silver": {"percent": -2}, "gold": {"percent": -500}}}}
    found = {}

    def walk(fields: tuple[Field, ...]) -> None:
        for field in fields:
            if field.fault:
                found[field.pointer] = field.fault
            walk(field.children)

    walk(form.fields(schema, stored, {"/configuration/tiers/gold/percent": "must be -100 or more"}))
    assert found == {"/configuration/tiers/1/=value/percent": "must be -100 or more"}


@pytest.mark.parametrize(
    ("name", "sent", "fault"),
    [
        ("ProductDraft", {"/attributes/0/=name": ["a"], "/attributes/0/=value": ["[1,"], "/attributes/0/=value/=kind": ["list"]}, "/attributes/0/=value"),
        ("RateDraft", {"/split/0/=name": ["seller"], "/split/0/=value": ["1"], "/split/n1/=name": ["seller"], "/split/n1/=value": ["2"]}, "/split/n1/=name"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_reported_at_its_field(
    description: dict[str, Any], name: str, sent: dict[str, list[str]], fault: str
) -> None:
    form = SchemaForm(description["components"]["schemas"])
    with pytest.raises(FormUnreadable) as reported:
        read_form_document(form, {"$ref": f"#/components/schemas/{name}"}, sent)
    assert list(reported.value.faults) == [fault]


def test_rows_that_were_added_and_removed_keep_their_order(description: dict[str, Any]) -> None:
    form = SchemaForm(description["components"]["schemas"])
    sent = {"/tiers/0/rate": ["5"], "/tiers/0/up_to": ["100"], "/tiers/n7/rate": ["4.50"], "/tiers/n7/up_to": [""]}
    read = read_form_document(form, {"$ref": "#/components/schemas/RateDraft"}, sent)
    assert write_document(read["tiers"]) == b'[{"rate":5,"up_to":100},{"rate":4.50}]'


def test_choices_of_which_none_is_ticked_are_an_empty_list_and_not_left_out(description: dict[str, Any]) -> None:
    form = SchemaForm(description["components"]["schemas"])
    schema: Any = {"$ref": "#/components/schemas/ApiKeyPatch"}
    field = next(each for each in form.fields(schema, {"scopes": ["quote:write"]}, {}) if each.pointer == "/scopes")
    assert (field.kind, field.text, "rules:write" in field.choices) == ("ticks", "quote:write", True)
    assert field.help == "What the key may do."
    assert read_form_document(form, schema, {"/name": ["till"], "/scopes": [""]}) == {"name": "till", "scopes": []}
    assert read_form_document(form, schema, {"/name": ["till"]}) == {"name": "till"}


def test_nothing_is_asked_for_within_what_may_be_left_out(description: dict[str, Any]) -> None:
    form = SchemaForm(description["components"]["schemas"])
    schema = form.variants({"$ref": "#/components/schemas/RuleDraft"})["DELIVERY_FEE"]
    asked = []

    def walk(fields: tuple[Field, ...], *, may_be_left_out: bool) -> None:
        for field in fields:
            if may_be_left_out and field.is_required and field.kind != "group":
                asked.append(field.pointer)
            if field.kind == "group":
                walk(field.children, may_be_left_out=may_be_left_out or not field.is_required)

    walk(form.fields(schema, {}, {}), may_be_left_out=False)
    assert asked == []
