"""The fields of a form, from the schema of what the API takes.

The API's description says what each body holds, in words and types; a form made from it cannot leave a field out, and says of each
what the API's reference says. A field's name is its JSON pointer, so a fault finds its field by itself.

Source: docs/spec/web.md#forms.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from quote_service.platform.documents.exact_json import below
from quote_service.web.model.field_meanings import SHOWN_WHEN
from quote_service.web.rendering.field import BLANK_ROW, NAME, VALUE, Field
from quote_service.web.rendering.help_texts import for_people, for_ticks
from quote_service.web.rendering.json_text import json_text
from quote_service.web.rendering.schema_kinds import Schema, SchemaKinds
from quote_service.web.rendering.texts import words_of

__all__ = ["Field", "Schema", "SchemaForm", "any_text"]
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Faults = Mapping[str, str]


class SchemaForm(SchemaKinds):
    """Makes fields for the bodies of one description of the API."""

    # Names that the form shows as labels; a form is made at once, so nobody else's come between.
    __slots__ = ("_names",)

    def fields(self, schema: Schema, document: Mapping[str, Any], faults: Faults) -> tuple[Field, ...]:
        """A field for each property of a body, with what stands in it now and the faults that were found."""
        return self.fields_at(schema, "", document, faults)

    def fields_at(self, schema: Schema, pointer: str, document: Any, faults: Faults) -> tuple[Field, ...]:
        """A field for each property of an object that stands at a place of the body."""
        self._names = self.names_in(schema)
        return self._fields_at(schema, pointer, document, faults)

    def _fields_at(self, schema: Schema, pointer: str, document: Any, faults: Faults) -> tuple[Field, ...]:
        schema = self.inner(schema)
        required = schema.get("required", ())
        values = _lifted(document)
        meanings: dict[str, tuple[str, tuple[str, ...]]] = {}
        for name in SHOWN_WHEN.keys() & schema["properties"].keys():
            meanings |= SHOWN_WHEN[name]
        return tuple(
            msgspec.structs.replace(
                self._of_property(part, f"{pointer}/{name}", name, values.get(name), name in required, faults),
                shown_when=meanings.get(name),
            )
            for name, part in schema["properties"].items()
            if not (pointer and name == "id")  # a row of a list is known by what people see of it
        )

    def schema_at(self, schema: Schema, pointer: str) -> Schema | None:
        """The schema of what stands at a place of a body; None where nothing can. Rows have any number."""
        found: Schema = self.inner(schema)
        for name in pointer.split("/")[1:]:
            if found.get("type") == "array":
                found = self.inner(found["items"])
            elif name in found.get("properties", {}):
                found = self.inner(found["properties"][name])
            else:
                return None
        return found

    def _of_property(
        self, schema: Schema, pointer: str, name: str, value: Any, is_required: bool, faults: Faults
    ) -> Field:
        whole = self.resolve(schema)
        inner, is_nullable = self.without_null(whole)
        inner = self.resolve(inner)
        kind = self.kind_of(whole)
        reported = whole.get("description", "")
        field = Field(
            kind,
            pointer,
            words_of(name),
            for_people(for_ticks(reported) if kind == "ticks" else reported, self._names),
            is_required and not is_nullable,
            fault=faults.get(pointer, ""),
        )
        is_at_fault = any(found.startswith(f"{pointer}/") for found in faults)
        match kind:
            case "group":
                children = self._fields_at(inner, pointer, value, faults)
                if not field.is_required:
                    children = tuple(_unrequired(child) for child in children)
                is_open = value is not None or is_required or bool(field.fault) or is_at_fault
                return msgspec.structs.replace(field, children=children, is_open=is_open)
            case "rows":
                return self._of_rows(field, inner["items"], value, faults)
            case "names":
                return self._of_names(field, inner, value, faults)
            case "shapes":
                return self._of_shapes(field, inner, value, faults)
            case "any":
                shown, text = any_text(value)
                return msgspec.structs.replace(field, value_kind=shown, text=text)
        choices: tuple[str, ...] = ()
        if kind == "choice":
            choices = self.choices(inner)
        elif kind == "ticks":
            choices = self.choices(inner["items"])
        if kind == "switch" and (is_nullable or not is_required):
            field = msgspec.structs.replace(field, kind="choice")
            choices = ("true", "false")
        text = str(inner["const"]) if kind == "fixed" else _text_of(kind, value)
        return msgspec.structs.replace(field, text=text, choices=choices)

    def _of_rows(self, field: Field, entry: Schema, value: Any, faults: Faults) -> Field:
        def row(index: int | str, document: Any) -> Field:
            pointer = f"{field.pointer}/{index}"
            made = Field("group", pointer, field.label, "", True, fault=faults.get(pointer, ""))
            if self.kind_of(entry) == "shapes":
                return msgspec.structs.replace(
                    made, children=(self._of_shapes(made, self.inner(entry), document, faults),)
                )
            return msgspec.structs.replace(made, children=self._fields_at(entry, pointer, document, faults))

        rows = tuple(row(index, document) for index, document in enumerate(value or ()))
        return msgspec.structs.replace(field, children=rows, blank=row(BLANK_ROW, None), is_open=bool(rows))

    def _of_names(self, field: Field, schema: Schema, value: Any, faults: Faults) -> Field:
        """Values by names: a row for each, with the name as a field of its own."""
        entry = schema.get("additionalProperties")
        entry = entry if isinstance(entry, Mapping) else {}
        choices = self.choices(schema.get("propertyNames", {}))

        def row(index: int | str, name: str, document: Any) -> Field:
            pointer, given = f"{field.pointer}/{index}", below(field.pointer, name)
            own = {
                f"{pointer}/{VALUE}{found[len(given) :]}": messages
                for found, messages in faults.items()
                if name and (found == given or found.startswith(f"{given}/"))
            }
            named = Field(
                "choice" if choices else "text", f"{pointer}/{NAME}", "Name", "", True, text=name, choices=choices
            )
            valued = self._of_property(entry, f"{pointer}/{VALUE}", "value", document, True, own)
            if valued.kind == "switch":
                valued = msgspec.structs.replace(valued, kind="choice", choices=("true", "false"))
            return Field("group", pointer, field.label, "", True, children=(named, valued))

        entries = value.items() if isinstance(value, Mapping) else ()
        rows = tuple(row(index, name, document) for index, (name, document) in enumerate(entries))
        return msgspec.structs.replace(field, children=rows, blank=row(BLANK_ROW, "", None), is_open=bool(rows))

    def _of_shapes(self, field: Field, schema: Schema, value: Any, faults: Faults) -> Field:
        """One of several shapes: the choice of one, and the fields of that."""
        variants = self.variants(schema)
        chosen = str(value.get("type", "")) if isinstance(value, Mapping) else ""
        children = self._fields_at(variants[chosen], field.pointer, value, faults) if chosen in variants else ()
        return msgspec.structs.replace(field, kind="shapes", choices=tuple(variants), text=chosen, children=children)


def _unrequired(field: Field) -> Field:
    """A field of a group that may be left out: a browser must not ask for it, and sends nothing while it does, unseen or not."""
    if field.kind == "group":
        return msgspec.structs.replace(field, children=tuple(_unrequired(child) for child in field.children))
    return msgspec.structs.replace(field, is_required=False)


def _lifted(document: Any) -> Mapping[str, Any]:
    """A discount may have its fields within `value`; the form has them beside it, where they mean the same."""
    values = document if isinstance(document, Mapping) else {}
    value = values.get("value")
    return {**values, "value": None, **value} if "kind" in values and isinstance(value, Mapping) else values


def _text_of(kind: str, value: Any) -> str:
    if value is None:
        return ""
    if kind == "words":
        return ", ".join(str(each) for each in value)
    if kind == "ticks":
        return ",".join(str(each) for each in value)
    if kind == "days":
        return ",".join(str(_day_number(each)) for each in value)
    if kind == "instant":
        return str(value).removesuffix("Z")[:19]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _day_number(day: Any) -> int:
    text = str(day).lower()
    return int(text) if text.isdecimal() else _DAYS.index(text[:3]) + 1 if text[:3] in _DAYS else 1


def any_text(value: Any) -> tuple[str, str]:
    """What kind of value stands in a field for any, and its text."""
    if isinstance(value, bool):
        return "switch", "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return "number", str(value)
    if isinstance(value, list | Mapping):
        return "list", json_text(value)
    return "text", "" if value is None else str(value)
