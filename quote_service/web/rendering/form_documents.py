"""What was filled into a form, as the document that the API takes.

A field that was left empty is left out. What does not read as its type goes to the API as it stands, which refuses it at its pointer
in its own words.

Source: docs/spec/web.md#forms.
"""

from collections.abc import Mapping
from typing import Any

from quote_service.documents.exact_json import parse_json
from quote_service.money.numbers import NotANumber, read_number
from quote_service.system.errors import Malformed
from quote_service.web.rendering.schema_fields import Schema, SchemaForm

Fields = Mapping[str, list[str]]


class NotJson(Exception):
    """A field for JSON holds something else; `faults` are by pointer."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__("not JSON")
        self.faults = faults


def read_form_document(form: SchemaForm, schema: Schema, fields: Fields) -> dict[str, Any]:
    """The document of a form.

    Raises:
        NotJson: With each field that should hold JSON and does not.
    """
    faults: dict[str, str] = {}
    document = _read_object(form, form.resolve(schema), "", fields, faults)
    if faults:
        raise NotJson(faults)
    return document or {}


def _read_object(
    form: SchemaForm, schema: Schema, pointer: str, fields: Fields, faults: dict[str, str]
) -> dict[str, Any] | None:
    document = {}
    for name, part in schema["properties"].items():
        value = _read_value(form, part, f"{pointer}/{name}", fields, faults)
        if value is not None:
            document[name] = value
        elif name in schema.get("required", ()) and form.kind_of(part) == "group":
            document[name] = {}
    return document or None


def _read_value(form: SchemaForm, schema: Schema, pointer: str, fields: Fields, faults: dict[str, str]) -> Any:
    kind = form.kind_of(schema)
    inner = _inner(form, schema)
    if kind == "group":
        return _read_object(form, inner, pointer, fields, faults)
    if kind == "rows":
        return _read_rows(form, form.resolve(inner["items"]), pointer, fields, faults)
    text = fields.get(pointer, [""])[-1].strip()
    if kind == "fixed":
        return inner["const"]
    if not text:
        return None
    match kind:
        case "switch":
            return text == "true"
        case "choice":
            return {"true": True, "false": False}.get(text, text) if inner.get("type") == "boolean" else text
        case "number":
            return _number(text)
        case "instant":
            return _instant(text)
        case "words":
            is_number = form.kind_of(inner["items"]) == "number"
            words = [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]
            return [_number(word) for word in words] if is_number else words
        case "json":
            try:
                return parse_json(text.encode())
            except Malformed as malformed:
                faults[pointer] = malformed.detail
                return None
    return text


def _read_rows(form: SchemaForm, entry: Schema, pointer: str, fields: Fields, faults: dict[str, str]) -> Any:
    prefix = f"{pointer}/"
    numbers: dict[str, None] = {}  # in the order of the page: a row that was added has any number
    for name in fields:
        if name.startswith(prefix):
            numbers[name[len(prefix) :].partition("/")[0]] = None
    rows = [_read_object(form, entry, f"{prefix}{number}", fields, faults) or {} for number in numbers]
    return rows or None


def _inner(form: SchemaForm, schema: Schema) -> Schema:
    whole = form.resolve(schema)
    others = [choice for choice in whole.get("anyOf", ()) if choice.get("type") != "null"]
    return form.resolve(others[0]) if len(others) == 1 else whole


def _number(text: str) -> Any:
    try:
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 20 else read_number(text)
    except NotANumber:
        return text


def _instant(text: str) -> str:
    if len(text) == len("2026-01-01T00:00"):
        text += ":00"
    return text if text.endswith("Z") or "+" in text[10:] else f"{text}Z"
