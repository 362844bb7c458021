"""What was filled into a form, as the document that the API takes.

A field that was left empty is left out. What does not read as its type goes to the API as it stands, which refuses it at its pointer
in its own words.

Source: docs/spec/web.md#forms.
"""

from collections.abc import Mapping
from typing import Any

from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.money.numbers import NotANumber, read_number
from quote_service.platform.system.errors import Malformed
from quote_service.web.rendering.field import NAME, VALUE, VALUE_KIND
from quote_service.web.rendering.schema_fields import Schema, SchemaForm

Fields = Mapping[str, list[str]]
_TRUTH = {"true": True, "false": False}


class FormUnreadable(Exception):
    """Fields that no document can be made of: `faults` by pointer, and `document` as far as it can be read."""

    def __init__(self, faults: dict[str, str], document: dict[str, Any]) -> None:
        super().__init__("the form cannot be read")
        self.faults = faults
        self.document = document


def read_form_document(form: SchemaForm, schema: Schema, fields: Fields) -> dict[str, Any]:
    """The document of a form.

    Raises:
        FormUnreadable: With each list that cannot be read, and each name that is given twice.
    """
    reading = _Reading(form, fields)
    document = reading.read_object(form.resolve(schema), "")
    if reading.faults:
        raise FormUnreadable(reading.faults, document or {})
    return document or {}


class _Reading:
    """One form as it is read; `faults` grow."""

    __slots__ = ("_fields", "_form", "faults")

    def __init__(self, form: SchemaForm, fields: Fields) -> None:
        self._form, self._fields = form, fields
        self.faults: dict[str, str] = {}

    def read_object(self, schema: Schema, pointer: str) -> dict[str, Any] | None:
        """An object's members, each by its field; None where none was filled in."""
        document = {}
        for name, part in schema["properties"].items():
            value = self._read_value(part, f"{pointer}/{name}")
            if value is not None:
                document[name] = value
            elif name in schema.get("required", ()) and self._form.kind_of(part) == "group":
                document[name] = {}
        return document or None

    def _read_value(self, schema: Schema, pointer: str) -> Any:
        kind = self._form.kind_of(schema)
        inner = self._form.inner(schema)
        match kind:
            case "group":
                return self.read_object(inner, pointer)
            case "rows":
                return self._read_rows(inner["items"], pointer)
            case "names":
                return self._read_names(inner, pointer)
            case "shapes":
                return self._read_shape(inner, pointer)
            case "days":
                return [_number(day) for day in self._fields.get(pointer, ()) if day.strip()] or None
            case "ticks" if pointer in self._fields:
                # Nothing ticked is nothing chosen, which is not the same as a form that does not ask.
                return [tick for tick in self._fields[pointer] if tick]
        text = self._fields.get(pointer, [""])[-1].strip()
        if kind == "fixed":
            return inner["const"]
        if not text:
            return None
        match kind:
            case "switch":
                return text == "true"
            case "choice":
                return _TRUTH.get(text, text) if "true" in self._form.choices(inner) else text
            case "number":
                return _number(text)
            case "instant":
                return _instant(text)
            case "words":
                is_number = self._form.kind_of(inner["items"]) == "number"
                words = [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]
                return [_number(word) for word in words] if is_number else words
            case "any":
                return self._read_any(text, pointer)
        return text

    def _read_rows(self, entry: Schema, pointer: str) -> list[Any] | None:
        if self._form.kind_of(entry) == "shapes":
            return [self._read_shape(self._form.inner(entry), row) or {} for row in self._rows(pointer)] or None
        schema = self._form.inner(entry)
        return [self.read_object(schema, row) or {} for row in self._rows(pointer)] or None

    def _read_names(self, schema: Schema, pointer: str) -> dict[str, Any] | None:
        entry = schema.get("additionalProperties")
        document: dict[str, Any] = {}
        for row in self._rows(pointer):
            name = self._fields.get(f"{row}/{NAME}", [""])[-1].strip()
            value = self._read_value(entry if isinstance(entry, Mapping) else {}, f"{row}/{VALUE}")
            if not name and value is None:
                continue
            if name in document:
                self.faults[f"{row}/{NAME}"] = "is there twice"
            # A value of nothing is sent all the same: the API says what it needs.
            document[name] = {} if value is None and self._form.kind_of(entry or {}) == "group" else value
        return document or None

    def _read_shape(self, schema: Schema, pointer: str) -> dict[str, Any] | None:
        chosen = self._fields.get(f"{pointer}/type", [""])[-1].strip()
        variant = self._form.variants(schema).get(chosen)
        if variant is not None:
            return self.read_object(variant, pointer)
        return {"type": chosen} if chosen else None

    def _read_any(self, text: str, pointer: str) -> Any:
        match self._fields.get(f"{pointer}/{VALUE_KIND}", [""])[-1]:
            case "number":
                return _number(text)
            case "switch":
                return _TRUTH.get(text.lower(), text)
            case "list":
                try:
                    return parse_json(text.encode())
                except Malformed as malformed:
                    self.faults[pointer] = malformed.detail
        return text

    def _rows(self, pointer: str) -> list[str]:
        """The pointers of the rows, in the order of the page: a row that was added has any number."""
        prefix = f"{pointer}/"
        found = {name[len(prefix) :].partition("/")[0]: None for name in self._fields if name.startswith(prefix)}
        return [prefix + number for number in found]


def _number(text: str) -> Any:
    try:
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 20 else read_number(text)
    except NotANumber:
        return text


def _instant(text: str) -> str:
    if len(text) == len("2026-01-01T00:00"):
        text += ":00"
    return text if text.endswith("Z") or "+" in text[10:] else f"{text}Z"
