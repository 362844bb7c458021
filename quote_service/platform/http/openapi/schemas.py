"""JSON Schemas (2020-12) of the structs that decode and encode.

msgspec writes such schemas too, but stops at a default that is not plain JSON (an exact number, a raw one), and knows
nothing of numbers that may be sent as strings. This walks what `msgspec.inspect` reports the types.

Source: docs/spec/operations.md#api-description; docs/spec/wire.md#money.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Any

import msgspec
from msgspec import inspect

from quote_service.platform.documents.renamed import GONE_IN, renamed_fields
from quote_service.platform.http.openapi.field_docs import field_doc
from quote_service.platform.money.numbers import ExactNumber

SCHEMAS_AT = "#/components/schemas/"
ANSWERED = "Response"
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

    In an answer a number is a number, and every field that is written is required; in what is sent a number may be text
    too, and a field with a default may be left out.
    """

    def __init__(self, *, of_answers: bool = False, suffixed: frozenset[str] = frozenset()) -> None:
        """Make them for what is sent, or for answers; `suffixed` structs get a name of their own there."""
        self._of_answers = of_answers
        self._suffixed = suffixed
        self._number = {"type": "number"} if of_answers else EXACT_NUMBER
        self._components: dict[str, tuple[type, dict[str, Any]]] = {}
        # Variants of a struct that is distinguished by a field are named after it: they get another name with it.
        self._struct_of_variant: dict[str, str] = {}
        # What admins wrote is shown as they wrote it.
        self._as_written = Schemas() if of_answers else self

    @property
    def components(self) -> dict[str, dict[str, Any]]:
        """The schema of every struct that has been met, by name."""
        met = {**self._as_written._components, **self._components}
        return {name: schema for name, (_, schema) in sorted(met.items())}

    def struct_of(self, name: str) -> str:
        """The struct of whose variants a component is one; otherwise the component itself."""
        return self._struct_of_variant.get(name, name)

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of a type, by reference where it is a struct.

        A union at the top may be of several structs, which msgspec itself could not distinguish.
        """
        if isinstance(kind, UnionType):
            return {"anyOf": [self.of(member) for member in kind.__args__]}
        return self._schema(inspect.type_info(kind))

    def _schema(self, reported: inspect.Type) -> dict[str, Any]:
        if isinstance(reported, inspect.Metadata):
            extra_schema = reported.extra_json_schema or {}
            # A type of its own takes the place of what the plain type would be.
            return {**({} if "type" in extra_schema else self._schema(reported.type)), **extra_schema}
        if isinstance(reported, inspect.StructType):
            return {"$ref": SCHEMAS_AT + self._component(reported)}
        if isinstance(reported, inspect.CustomType):
            if issubclass(reported.cls, ExactNumber):
                return dict(self._number)
            if reported.cls is object:
                return {}
            raise NoSchema(reported.cls)
        if isinstance(reported, inspect.LiteralType):
            return {"const": reported.values[0]} if len(reported.values) == 1 else {"enum": list(reported.values)}
        if isinstance(reported, inspect.EnumType):
            return {"enum": [member.value for member in reported.cls]}
        if isinstance(reported, inspect.UnionType):
            return {"anyOf": [self._schema(member) for member in reported.types]}
        return self._with_bounds(reported, self._container(reported))

    def _container(self, reported: inspect.Type) -> dict[str, Any]:
        if isinstance(reported, inspect.DictType):
            schema = {"type": "object", "additionalProperties": self._schema(reported.value_type)}
            names = self._schema(reported.key_type)
            return schema if names == {"type": "string"} else {**schema, "propertyNames": names}
        if isinstance(reported, inspect.TupleType):
            entries = [self._schema(entry) for entry in reported.item_types]
            return {"type": "array", "prefixItems": entries, "minItems": len(entries), "maxItems": len(entries)}
        if isinstance(reported, _COLLECTIONS):
            return {"type": "array", "items": self._schema(reported.item_type)}
        if type(reported) not in _PLAIN:
            raise NoSchema(reported)
        return dict(_PLAIN[type(reported)])

    def _with_bounds(self, reported: inspect.Type, schema: dict[str, Any]) -> dict[str, Any]:
        for attribute, keyword in _BOUNDS.items():
            if (bound := getattr(reported, attribute, None)) is not None:
                schema[keyword] = bound
        for attribute, keyword in zip(
            ("min_length", "max_length"), _LENGTHS.get(schema.get("type", ""), ()), strict=False
        ):
            if (bound := getattr(reported, attribute, None)) is not None:
                schema[keyword] = bound
        return schema

    def _component(self, reported: inspect.StructType) -> str:
        name = reported.cls.__name__.lstrip("_")
        name += ANSWERED if name in self._suffixed else ""
        known = self._components.get(name)
        if known is not None:
            if known[0] is not reported.cls:
                raise NoSchema(f"two structs are called {name}: {known[0].__module__}, {reported.cls.__module__}")
            return name
        schema: dict[str, Any] = {}
        self._components[name] = (reported.cls, schema)  # before its fields: a struct may hold itself
        schema |= {"title": name, "description": _description(reported.cls)}
        typed = next((field for field in reported.fields if _typed_by(field) is not None), None)
        schema |= self._object(reported) if typed is None else self._by_type(reported, name, typed)
        return name

    def _object(self, reported: inspect.StructType) -> dict[str, Any]:
        schema: dict[str, Any] = {
            "type": "object",
            "properties": dict(pair for field in reported.fields for pair in self._properties(reported.cls, field)),
            "required": [
                renamed_fields(reported.cls).get(field.encode_name, field.encode_name)
                for field in reported.fields
                if self._is_required(reported.cls, field)
            ],
        }
        if reported.forbid_unknown_fields:
            schema["additionalProperties"] = False
        return schema

    def _by_type(self, reported: inspect.StructType, name: str, typed: inspect.Field) -> dict[str, Any]:
        """A struct one of whose fields is of another struct for each value of its type: one schema a value."""
        tag, kinds = _typed_by(typed) or ("", {})
        references = {}
        for value, kind in kinds.items():
            variant = f"{kind.__name__}{name}"
            variant += ANSWERED if variant in self._suffixed else ""
            held = {**self._as_written.of(kind), "description": field_doc(reported.cls, typed.name)}
            schema = {"title": variant, "description": _description(kind), **self._object(reported)}
            schema["properties"][tag] = {"const": value, "description": field_doc(reported.cls, tag)}
            schema["properties"][typed.encode_name] = held
            self._components[variant] = (reported.cls, schema)
            self._struct_of_variant[variant] = reported.cls.__name__.lstrip("_")
            references[value] = SCHEMAS_AT + variant
        one_of = [{"$ref": reference} for reference in references.values()]
        return {"oneOf": one_of, "discriminator": {"propertyName": tag, "mapping": references}}

    def _properties(self, holder: type[msgspec.Struct], field: inspect.Field) -> Iterator[tuple[str, dict[str, Any]]]:
        """A field by its name; where it has a new one by both."""
        schema, name = self._field(holder, field), renamed_fields(holder).get(field.encode_name)
        yield name or field.encode_name, schema
        if name:
            yield field.encode_name, {**schema, **deprecated(name)}

    def _field(self, holder: type, field: inspect.Field) -> dict[str, Any]:
        """A field's schema; its default is told in words.

        The keyword `default` would make generators of types demand the field from whoever sends it.
        """
        schema = self._schema(field.type)
        meaning = field_doc(holder, field.name)
        if meaning:
            schema = {**schema, "description": meaning}
        default = field.default
        if self._of_answers or not isinstance(default, (bool, int, float, str, ExactNumber)):
            return schema
        shown = str(default) if isinstance(default, ExactNumber) else msgspec.json.encode(default).decode()
        messages = f"{schema.get('description', '')} Default: `{shown}`."
        return {**schema, "description": messages.strip()}

    def _is_required(self, holder: type[msgspec.Struct], field: inspect.Field) -> bool:
        if field.required or not self._of_answers:
            return field.required
        has_default = field.default is not msgspec.NODEFAULT or field.default_factory is not msgspec.NODEFAULT
        # Optional without a default is what UNSET is told as.
        return has_default and not holder.__struct_config__.omit_defaults


def schemas_of(sent: Iterable[Any], answered: Iterable[Any]) -> tuple[dict[int, Any], dict[str, Any]]:
    """The schemas of the types that are sent, and of those that are answered.

    A struct that is both, and does not look the same both ways, is there twice: its answered form is called `...Response`.

    Returns:
        The schema of each by its `id()` (a reference, for a struct), and the components that are referred to.
    """
    sent, answered = list(sent), list(answered)
    of_sent = Schemas()
    schemas_sent = {id(kind): of_sent.of(kind) for kind in sent}
    suffixed: frozenset[str] = frozenset()
    while True:
        of_answers = Schemas(of_answers=True, suffixed=suffixed)
        schemas = {id(kind): of_answers.of(kind) for kind in answered}
        both = of_sent.components.keys() & of_answers.components.keys()
        sent_as, answered_as = of_sent.components, of_answers.components
        differing = {of_answers.struct_of(name) for name in both if sent_as[name] != answered_as[name]}
        if not differing:
            return {**schemas, **schemas_sent}, {**of_answers.components, **of_sent.components}
        suffixed |= differing


def deprecated(name: str) -> dict[str, Any]:
    """What is said of a former name of a field, or of a parameter, that is called `name` now."""
    return {"deprecated": True, "description": f"Former name of `{name}`, until release {GONE_IN}."}


def _typed_by(field: inspect.Field) -> tuple[str, Mapping[str, type]] | None:
    """The field whose value says what this one holds, and the struct for each value (`pricing/rulebook/rule.py`)."""
    typed: tuple[str, Mapping[str, type]] | None = (getattr(field.type, "extra", None) or {}).get("typed_by")
    return typed


def _description(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())
