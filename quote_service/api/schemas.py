"""JSON Schemas of the structs that decode and encode.

Source: spec 9, OpenAPI ("schemas from the very structs that decode").
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from quote_service.domain.numbers import ExactNumber

PLACE = "#/components/schemas/{name}"
EXACT_NUMBER: dict[str, Any] = {
    "type": ["number", "string"],
    "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$",
    "description": "A decimal, as a number or as a string of the same digits; read exactly.",
}


def schemas_of(kinds: Iterable[Any]) -> tuple[dict[int, Any], dict[str, Any]]:
    """The schemas of some types.

    Returns:
        The schema of each by its `id()` (a reference, for a struct), and the components that are referred to.
    """
    distinct = list({id(kind): kind for kind in kinds}.values())
    schemas, components = msgspec.json.schema_components(distinct, schema_hook=_own_schema, ref_template=PLACE)
    return (
        {id(kind): _with_raw_numbers(schema) for kind, schema in zip(distinct, schemas, strict=True)},
        {name: _with_raw_numbers(components[name]) for name in sorted(components)},
    )


def _own_schema(kind: type) -> dict[str, Any]:
    if issubclass(kind, ExactNumber):
        return dict(EXACT_NUMBER)
    raise NotImplementedError(kind)


def _with_raw_numbers(schema: Any) -> Any:
    """Fields left raw while decoding (`msgspec.Raw | None`) are decimals that are read later; msgspec shows `{}`."""
    if isinstance(schema, list):
        return [_with_raw_numbers(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    filled = {name: _with_raw_numbers(entry) for name, entry in schema.items()}
    choices = filled.get("anyOf")
    if isinstance(choices, list) and {} in choices:
        filled["anyOf"] = [EXACT_NUMBER if choice == {} else choice for choice in choices]
    return filled
