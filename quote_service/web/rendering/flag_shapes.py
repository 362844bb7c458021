"""A flag's draft as one of five shapes: what its values are follows from its type, and so do the fields for them.

The API's description has one body for all flags, whose values may be anything.

Source: docs/spec/web.md#forms.
"""

from collections.abc import Mapping
from typing import Any

_FLAG, _ROLLOUT, _VARIANT = "FlagDraft", "Rollout", "Variant"
_PREFIX = "#/components/schemas/"
_VALUES: dict[str, tuple[dict[str, Any], str]] = {
    "BOOLEAN": ({"type": "boolean"}, "On or off."),
    "PERCENTAGE": ({"type": "number"}, "On for a share of customers."),
    "NUMBER": ({"type": "number"}, "A number, such as a multiplier or a limit."),
    "STRING": ({"type": "string"}, "A text, such as the name of a layout."),
    "JSON": ({}, "A list or an object, for programs."),
}


def with_typed_flags(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas, with a flag's draft as one of five."""
    made = dict(schemas)
    if not {_FLAG, _ROLLOUT, _VARIANT} <= made.keys():
        return made
    mapping = {}
    for kind, (value, about) in _VALUES.items():
        names = {name: f"{kind.capitalize()}{name}" for name in (_FLAG, _ROLLOUT, _VARIANT)}
        is_share = kind == "PERCENTAGE"
        made[names[_VARIANT]] = _changed(schemas[_VARIANT], value={"type": "boolean"} if is_share else value)
        made[names[_ROLLOUT]] = _changed(
            schemas[_ROLLOUT], variants={"anyOf": [_rows(names[_VARIANT]), {"type": "null"}]}
        )
        made[names[_FLAG]] = {
            **_changed(
                schemas[_FLAG],
                type={"const": kind},
                value=value,
                default_value={"type": "boolean"} if is_share else value,
                rollout={"anyOf": [{"$ref": _PREFIX + names[_ROLLOUT]}, {"type": "null"}]},
            ),
            "description": about,
        }
        mapping[kind] = _PREFIX + names[_FLAG]
    made[_FLAG] = {"oneOf": [{"$ref": each} for each in mapping.values()], "discriminator": {"mapping": mapping}}
    return made


def _rows(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": _PREFIX + name}}


def _changed(schema: Mapping[str, Any], **parts: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with other types for some members, each with its description."""
    properties = dict(schema["properties"])
    for name, part in parts.items():
        if name in properties:
            properties[name] = {**part, "description": properties[name].get("description", "")}
    return {**schema, "properties": properties}
