"""JSON Schemas (2020-12) of the structs that decode and encode.

msgspec writes such schemas too, but stops at a default that is not plain JSON (an exact number, a raw one), and knows
nothing of numbers that may be sent as strings. This walks what `msgspec.inspect` tells of the types.

Source: spec 9, OpenAPI ("schemas from the very structs that decode"); spec 1, Money.
"""

from collections.abc import Iterable
from types import UnionType
from typing import Any

import msgspec
from msgspec import inspect

from quote_service.domain.numbers import ExactNumber

PLACE = "#/components/schemas/"
EXACT_NUMBER: dict[str, Any] = {
    "type": ["number", "string"],
    "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$",
    "description": "A decimal, as a number or as a string of the same digits; read exactly.",
}
_PLAIN: dict[type[inspect.Type], dict[str, Any]] = {
    inspect.AnyType: {},
    inspect.RawType: {},
    inspect.NoneType: {"type": "null"},
    inspect.BoolType: {"type": "boolean"},
    inspect.IntType: {"type": "integer"},
    inspect.FloatType: {"type": "number"},
    inspect.StrType: {"type": "string"},
    inspect.DateTimeType: {"type": "string", "format": "date-time"},
    inspect.DateType: {"type": "string", "format": "date"},
    inspect.TimeType: {"type": "string", "format": "time"},
    inspect.UUIDType: {"type": "string", "format": "uuid"},
    inspect.DecimalType: {"type": "number"},
}
_BOUNDS = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}
_LENGTHS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
_COLLECTIONS = (inspect.ListType, inspect.SetType, inspect.FrozenSetType, inspect.VarTupleType, inspect.CollectionType)


class NoSchema(TypeError):
    """A type that no JSON document has."""


class Schemas:
    """Makes the schemas of types; `components` fills with those of the structs on the way.

    In an answer a number is a number; in what is sent it may be text too.
    """

    def __init__(self, *, of_answers: bool = False) -> None:
        self._number = {"type": "number"} if of_answers else EXACT_NUMBER
        self._components: dict[str, tuple[type, dict[str, Any]]] = {}

    @property
    def components(self) -> dict[str, dict[str, Any]]:
        """The schema of every struct that has been met, by name."""
        return {name: schema for name, (_, schema) in sorted(self._components.items())}

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of a type, by reference where it is a struct.

        A union at the top may be of several structs, which msgspec itself could not tell apart.
        """
        if isinstance(kind, UnionType):
            return {"anyOf": [self.of(member) for member in kind.__args__]}
        return self._schema(inspect.type_info(kind))

    def _schema(self, told: inspect.Type) -> dict[str, Any]:
        if isinstance(told, inspect.Metadata):
            schema = {**self._schema(told.type), **(told.extra_json_schema or {})}
            if schema.get("type") == "number":
                schema.pop("pattern", None)  # of a number that may be text
            return schema
        if isinstance(told, inspect.StructType):
            return {"$ref": PLACE + self._component(told)}
        if isinstance(told, inspect.CustomType):
            if issubclass(told.cls, ExactNumber):
                return dict(self._number)
            if told.cls is object:
                return {}
            raise NoSchema(told.cls)
        if isinstance(told, inspect.LiteralType):
            return {"const": told.values[0]} if len(told.values) == 1 else {"enum": list(told.values)}
        if isinstance(told, inspect.EnumType):
            return {"enum": [member.value for member in told.cls]}
        if isinstance(told, inspect.UnionType):
            return {"anyOf": [self._schema(member) for member in told.types]}
        return self._with_bounds(told, self._container(told))

    def _container(self, told: inspect.Type) -> dict[str, Any]:
        if isinstance(told, inspect.DictType):
            return {"type": "object", "additionalProperties": self._schema(told.value_type)}
        if isinstance(told, inspect.TupleType):
            entries = [self._schema(entry) for entry in told.item_types]
            return {"type": "array", "prefixItems": entries, "minItems": len(entries), "maxItems": len(entries)}
        if isinstance(told, _COLLECTIONS):
            return {"type": "array", "items": self._schema(told.item_type)}
        if type(told) not in _PLAIN:
            raise NoSchema(told)
        return dict(_PLAIN[type(told)])

    def _with_bounds(self, told: inspect.Type, schema: dict[str, Any]) -> dict[str, Any]:
        for attribute, keyword in _BOUNDS.items():
            if (bound := getattr(told, attribute, None)) is not None:
                schema[keyword] = bound
        for attribute, keyword in zip(
            ("min_length", "max_length"), _LENGTHS.get(schema.get("type", ""), ()), strict=False
        ):
            if (bound := getattr(told, attribute, None)) is not None:
                schema[keyword] = bound
        return schema

    def _component(self, told: inspect.StructType) -> str:
        name = told.cls.__name__.lstrip("_")
        known = self._components.get(name)
        if known is not None:
            if known[0] is not told.cls:
                raise NoSchema(f"two structs are called {name}: {known[0].__module__}, {told.cls.__module__}")
            return name
        schema: dict[str, Any] = {}
        self._components[name] = (told.cls, schema)  # before its fields: a struct may hold itself
        schema |= {"title": name, "description": _description(told.cls), "type": "object"}
        schema["properties"] = {field.encode_name: self._field(field) for field in told.fields}
        schema["required"] = [field.encode_name for field in told.fields if field.required]
        if told.forbid_unknown_fields:
            schema["additionalProperties"] = False
        return name

    def _field(self, field: inspect.Field) -> dict[str, Any]:
        schema = self._schema(field.type)
        default = field.default
        if isinstance(default, ExactNumber):
            default = msgspec.Raw(str(default).encode())
        elif default is not None and not isinstance(default, (bool, int, float, str)):
            return schema  # none, or one that cannot be sent
        return {**schema, "default": default}


def schemas_of(sent: Iterable[Any], answered: Iterable[Any]) -> tuple[dict[int, Any], dict[str, Any]]:
    """The schemas of the types that are sent, and of those that are answered.

    A struct that is both is described as it may be sent.

    Returns:
        The schema of each by its `id()` (a reference, for a struct), and the components that are referred to.
    """
    of_sent, of_answers = Schemas(), Schemas(of_answers=True)
    schemas = {id(kind): of_answers.of(kind) for kind in answered} | {id(kind): of_sent.of(kind) for kind in sent}
    return schemas, {**of_answers.components, **of_sent.components}


def _description(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())
