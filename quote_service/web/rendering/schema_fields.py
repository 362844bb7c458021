"""The fields of a form, from the schema of what the API takes.

The API's description says what each body holds, in words and types; a form made from it cannot leave a field out, and says of each
what the API's reference says. A field's name is its JSON pointer, so a fault finds its field by itself.

Source: docs/spec/web.md#forms.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from quote_service.web.rendering.json_text import json_text
from quote_service.web.rendering.texts import words_of

Kind = Literal["text", "long_text", "number", "switch", "choice", "instant", "words", "group", "rows", "json", "fixed"]
Schema = Mapping[str, Any]
_LONG_TEXT = 300
_ROW = "__row__"


class Field(msgspec.Struct, frozen=True):
    """A field: what it is called, what it is for, what stands in it, and what is wrong with it.

    `children` are the fields of a group, or of one row each; `blank` is a row to add.
    """

    kind: Kind
    pointer: str
    label: str
    help: str
    is_required: bool
    text: str = ""
    choices: tuple[str, ...] = ()
    children: tuple["Field", ...] = ()
    blank: "Field | None" = None
    fault: str = ""
    is_open: bool = False

    @property
    def id(self) -> str:
        """Its id on the page."""
        return "field" + self.pointer.replace("/", "-")


class SchemaForm:
    """Makes fields for the bodies of one description of the API."""

    __slots__ = ("_schemas",)

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas

    def resolve(self, schema: Schema) -> Schema:
        """The schema behind a reference."""
        while "$ref" in schema:
            beside = {name: value for name, value in schema.items() if name != "$ref"}
            schema = {**self._schemas[schema["$ref"].rpartition("/")[2]], **beside}
        return schema

    def variants(self, schema: Schema) -> dict[str, Schema]:
        """The schemas that a body is one of, by what tells them apart; none where it has one shape."""
        whole = self.resolve(schema)
        mapping = whole.get("discriminator", {}).get("mapping", {})
        return {name: self.resolve({"$ref": reference}) for name, reference in mapping.items()}

    def fields(self, schema: Schema, document: Mapping[str, Any], faults: Mapping[str, str]) -> tuple[Field, ...]:
        """A field for each property of a body, with what stands in it now and the faults that were found."""
        return self._of_object(self.resolve(schema), "", document, faults)

    def kind_of(self, schema: Schema) -> Kind:
        """How a value of this schema is written."""
        schema, _ = self._without_null(self.resolve(schema))
        if "const" in schema:
            return "fixed"
        if "enum" in schema:
            return "choice"
        match schema.get("type"):
            case "boolean":
                return "switch"
            case "integer" | ["number", "string"] | "number":
                return "number"
            case "string" if schema.get("format") == "date-time":
                return "instant"
            case "string":
                return "long_text" if schema.get("maxLength", 0) > _LONG_TEXT and "pattern" not in schema else "text"
            case "array":
                return self._kind_of_list(self.resolve(schema["items"]))
            case "object" if "properties" in schema:
                return "group"
        return "json"

    def _kind_of_list(self, entries: Schema) -> Kind:
        entry = self.kind_of(entries)
        if entry in ("text", "number", "choice", "long_text"):
            return "words"
        return "rows" if entry == "group" else "json"

    def _of_object(self, schema: Schema, pointer: str, document: Any, faults: Mapping[str, str]) -> tuple[Field, ...]:
        required = schema.get("required", ())
        values = document if isinstance(document, Mapping) else {}
        return tuple(
            self._of_property(part, f"{pointer}/{name}", name, values.get(name), name in required, faults)
            for name, part in schema["properties"].items()
        )

    def _of_property(
        self, schema: Schema, pointer: str, name: str, value: Any, is_required: bool, faults: Mapping[str, str]
    ) -> Field:
        whole = self.resolve(schema)
        inner, is_nullable = self._without_null(whole)
        kind = self.kind_of(whole)
        field = Field(
            kind,
            pointer,
            words_of(name),
            whole.get("description", ""),
            is_required and not is_nullable,
            fault=faults.get(pointer, ""),
        )
        if kind == "group":
            children = self._of_object(inner, pointer, value, faults)
            is_open = value is not None or is_required or any(found.startswith(pointer) for found in faults)
            return msgspec.structs.replace(field, children=children, is_open=is_open)
        if kind == "rows":
            return self._of_rows(field, self.resolve(inner["items"]), value, faults)
        choices = tuple(str(choice) for choice in inner.get("enum", ()))
        if kind == "switch" and (is_nullable or not is_required):
            field = msgspec.structs.replace(field, kind="choice")
            choices = ("true", "false")
        text = str(inner["const"]) if kind == "fixed" else _text_of(kind, value)
        return msgspec.structs.replace(field, text=text, choices=choices)

    def _of_rows(self, field: Field, entry: Schema, value: Any, faults: Mapping[str, str]) -> Field:
        def row(index: int | str, document: Any) -> Field:
            pointer = f"{field.pointer}/{index}"
            children = self._of_object(entry, pointer, document, faults)
            return Field("group", pointer, field.label, "", True, children=children, fault=faults.get(pointer, ""))

        rows = tuple(row(index, document) for index, document in enumerate(value or ()))
        return msgspec.structs.replace(field, children=rows, blank=row(_ROW, None), is_open=bool(rows))

    def _without_null(self, schema: Schema) -> tuple[Schema, bool]:
        choices = schema.get("anyOf")
        if choices is None:
            return schema, False
        others = [choice for choice in choices if choice.get("type") != "null"]
        if len(others) != 1:
            return {"anyOf": others}, len(others) < len(choices)
        return self.resolve(others[0]), len(others) < len(choices)


def _text_of(kind: Kind, value: Any) -> str:
    if value is None:
        return ""
    if kind == "words":
        return ", ".join(str(each) for each in value)
    if kind == "json":
        return json_text(value)
    if kind == "instant":
        return str(value).removesuffix("Z")[:19]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
