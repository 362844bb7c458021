"""How a value of a schema is written in a form.

Source: docs/spec/web.md#forms.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from quote_service.web.rendering.field import Kind
from quote_service.web.rendering.flag_shapes import with_typed_flags
from quote_service.web.rendering.help_texts import for_people

Schema = Mapping[str, Any]
_LONG_TEXT = 300
_DAYS = 7


class SchemaKinds:
    """The schemas of one description of the API, and what fields are made of them."""

    __slots__ = ("_schemas",)

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = with_typed_flags({name: _without_former(schema) for name, schema in schemas.items()})

    def about(self, schema: Schema) -> str:
        """What a body is, as it is said to people."""
        return for_people(self.resolve(schema).get("description", ""), self.names_in(schema))

    def names_in(self, schema: Schema) -> frozenset[str]:
        """The names of fields and the choices of a body, which its form shows as labels."""
        return frozenset(self._names_in(schema, set()))

    def _names_in(self, schema: Any, seen: set[str]) -> Iterator[str]:
        if isinstance(schema, list):
            for each in schema:
                yield from self._names_in(each, seen)
        if not isinstance(schema, Mapping):
            return
        for name, part in schema.items():
            if name == "$ref" and part not in seen:
                seen.add(part)
                yield from self._names_in(self.resolve({"$ref": part}), seen)
            elif name == "properties" and isinstance(part, Mapping):
                yield from part
                yield from self._names_in(list(part.values()), seen)
            elif name in ("enum", "const"):
                yield from (choice for choice in (part if name == "enum" else [part]) if isinstance(choice, str))
            elif name not in ("example", "examples", "default"):
                yield from self._names_in(part, seen)

    def resolve(self, schema: Schema) -> Schema:
        """The schema behind a reference."""
        while "$ref" in schema:
            beside = {name: value for name, value in schema.items() if name != "$ref"}
            schema = {**self._schemas[schema["$ref"].rpartition("/")[2]], **beside}
        return schema

    def inner(self, schema: Schema) -> Schema:
        """The schema behind references, without what it says of null."""
        return self.without_null(self.resolve(schema))[0]

    def has(self, name: str) -> bool:
        """Whether there is a schema of this name."""
        return name in self._schemas

    def variants(self, schema: Schema) -> dict[str, Schema]:
        """The schemas that a body is one of, by what distinguishes them; none where it has one shape."""
        whole = self.inner(schema)
        mapping = whole.get("discriminator", {}).get("mapping", {})
        return {name: self.resolve({"$ref": reference}) for name, reference in mapping.items()}

    def without_null(self, schema: Schema) -> tuple[Schema, bool]:
        """The schema of what is not null, and whether null is something too."""
        choices = schema.get("anyOf")
        if choices is None:
            return schema, False
        others = [choice for choice in choices if choice.get("type") != "null"]
        if numbers := [choice for choice in others if choice.get("type") == "number"]:
            # A number that may be sent as text too.
            besides = {name: value for name, value in schema.items() if name != "anyOf"}
            return {**besides, **numbers[0]}, len(others) < len(choices)
        if len(others) != 1:
            return {"anyOf": others}, len(others) < len(choices)
        return self.resolve(others[0]), len(others) < len(choices)

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """What can be chosen where the kind is `choice`."""
        inner = self.inner(schema)
        if "anyOf" in inner:
            return tuple(choice for branch in inner["anyOf"] for choice in self.choices(branch))
        if inner.get("type") == "boolean":
            return ("true", "false")
        return tuple(str(choice) for choice in inner.get("enum", [inner["const"]] if "const" in inner else ()))

    def kind_of(self, schema: Schema) -> Kind:
        """How a value of this schema is written."""
        schema = self.inner(schema)
        if "const" in schema:
            return "fixed"
        if "enum" in schema:
            return "choice"
        if "anyOf" in schema:
            return "choice" if all(self.choices(branch) for branch in schema["anyOf"]) else "any"
        if "oneOf" in schema:
            return "shapes"
        match schema.get("type"):
            case "boolean":
                return "switch"
            case "integer" | "number":
                return "number"
            case "string" if schema.get("format") == "date-time":
                return "instant"
            case "string":
                return "long_text" if schema.get("maxLength", 0) > _LONG_TEXT and "pattern" not in schema else "text"
            case "array":
                return self._kind_of_list(schema)
            case "object" if "properties" in schema:
                return "group"
            case "object":
                return "names"
        return "any"

    def _kind_of_list(self, schema: Schema) -> Kind:
        entry = self.inner(schema["items"])
        if schema.get("maxItems") == _DAYS and {"type": "integer"} in entry.get("anyOf", ()):
            return "days"  # numbers or names, of which there are seven: days of the week
        match self.kind_of(entry):
            case "choice":
                return "ticks"
            case "text" | "number" | "long_text":
                return "words"
            case "group" | "shapes":
                return "rows"
        return "any"


def _without_former(schema: Schema) -> Schema:
    """A schema without the former names of its fields: a form asks for each field once."""
    if "properties" not in schema:
        return schema
    properties = {name: part for name, part in schema["properties"].items() if not part.get("deprecated")}
    return {**schema, "properties": properties}
