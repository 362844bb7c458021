"""The description in the form that generators of clients read: types one by one, and an edition in OpenAPI 3.0.

Many read no list of types (`"type": ["number", "string"]`), so both editions spell it as `anyOf`. OpenAPI 3.0 has no null,
no `const` and nothing beside a `$ref`; what it cannot say is left out there, so it allows no less than 3.1 does.

Source: docs/spec/operations.md#api-description.
"""

from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]
Change = Callable[[Schema], Schema]

# What bounds a value, by the type that it bounds; everything else is about the value whatever its type.
_KEYWORDS = {
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "array": ("items", "minItems", "maxItems"),
    "object": ("properties", "required", "additionalProperties"),
}
_OF_ONE_TYPE = frozenset(keyword for keywords in _KEYWORDS.values() for keyword in keywords)
_MANY = ("anyOf", "oneOf", "allOf")
_NAMED = ("properties",)
_ONE = ("items", "additionalProperties", "propertyNames")


def without_type_lists(document: Schema) -> Schema:
    """The same document with each list of types as `anyOf`."""
    return _with_schemas(document, _one_type_each)


def in_openapi_30(document: Schema) -> Schema:
    """The edition in OpenAPI 3.0.3 of a document without lists of types."""
    edition = _with_schemas(document, _of_30)
    info = {name: value for name, value in document["info"].items() if name != "summary"}
    return {**edition, "openapi": "3.0.3", "info": info}


def _one_type_each(schema: Schema) -> Schema:
    types = schema.get("type")
    if isinstance(types, list):
        branches = [{"type": each, **_chosen(schema, _KEYWORDS.get(each, ()))} for each in types]
        besides = {name: value for name, value in schema.items() if name != "type" and name not in _OF_ONE_TYPE}
        return {"anyOf": branches, **besides}
    if any("anyOf" in branch for branch in schema.get("anyOf", ())):
        return _flat(schema)
    return schema


def _flat(schema: Schema) -> Schema:
    """A choice one of which is a choice again, as one; the inner description serves where there is no other."""
    branches: list[Schema] = []
    besides: Schema = {}
    for branch in schema["anyOf"]:
        branches += branch.get("anyOf", [branch])
        if "anyOf" in branch:
            besides |= {name: value for name, value in branch.items() if name != "anyOf"}
    return {**besides, **schema, "anyOf": branches}


def _of_30(schema: Schema) -> Schema:
    schema = dict(schema)
    schema.pop("propertyNames", None)
    if not schema.get("required", True):
        del schema["required"]
    if "examples" in schema:
        schema["example"] = schema.pop("examples")[0]
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if "enum" in schema and "type" not in schema:
        schema |= _type_of(schema["enum"])
    for bound in ("Minimum", "Maximum"):
        if (value := schema.pop(f"exclusive{bound}", None)) is not None:
            schema |= {bound.lower(): value, f"exclusive{bound}": True}
    if schema.get("type") == "null":
        return {**schema, "type": "string", "nullable": True, "enum": [None]}
    if "anyOf" in schema:
        return _without_null(schema)
    if "$ref" in schema and len(schema) > 1:
        schema["allOf"] = [{"$ref": schema.pop("$ref")}]
    return schema


def _without_null(schema: Schema) -> Schema:
    """A choice whose null, by now a text of none, is a word beside it."""
    others = [branch for branch in schema["anyOf"] if branch.get("enum") != [None]]
    if len(others) == len(schema["anyOf"]):
        return schema
    besides = {name: value for name, value in schema.items() if name != "anyOf"}
    if len(others) != 1:
        return {"anyOf": others, **besides, "nullable": True}
    [other] = others
    # Next to a reference nothing counts.
    return (
        {"allOf": [other], **besides, "nullable": True} if "$ref" in other else {**other, **besides, "nullable": True}
    )


def _type_of(values: list[Any]) -> Schema:
    kinds = {bool: "boolean", int: "integer", str: "string"}
    found = {kinds.get(type(value)) for value in values}
    return {"type": found.pop()} if len(found) == 1 and None not in found else {}


def _chosen(schema: Schema, names: tuple[str, ...]) -> Schema:
    return {name: schema[name] for name in names if name in schema}


def _with_schemas(document: Schema, change: Change) -> Schema:
    """The document with each of its schemas changed, the innermost first; examples are no schemas."""
    paths = {
        path: {method: _with_schemas_of(operation, change) for method, operation in operations.items()}
        for path, operations in document["paths"].items()
    }
    components = document["components"]
    schemas = {name: _changed(schema, change) for name, schema in components["schemas"].items()}
    return {**document, "paths": paths, "components": {**components, "schemas": schemas}}


def _with_schemas_of(part: Any, change: Change) -> Any:
    if isinstance(part, list):
        return [_with_schemas_of(each, change) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _changed(value, change)
        if name == "schema"
        else value
        if name in ("example", "x-codeSamples")
        else _with_schemas_of(value, change)
        for name, value in part.items()
    }


def _changed(schema: Any, change: Change) -> Any:
    if not isinstance(schema, dict):  # `additionalProperties` may be a switch
        return schema
    inner = dict(schema)
    for name in schema:
        if name in _MANY:
            inner[name] = [_changed(each, change) for each in schema[name]]
        elif name in _NAMED:
            inner[name] = {each: _changed(value, change) for each, value in schema[name].items()}
        elif name in _ONE:
            inner[name] = _changed(schema[name], change)
    return change(inner)
