"""The variants of a toggle of Unleash as those of a flag.

Source: docs/spec/feature-flags.md#import.
"""

import json
from typing import Any

import msgspec

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.rulebook.feature_flags.model.imports.translated import Findings, customer_ids

_TYPES = {"string": "STRING", "csv": "STRING", "number": "NUMBER", "json": "JSON"}


class Payload(msgspec.Struct):
    type: str
    value: str


class Override(msgspec.Struct, rename="camel"):
    context_name: str
    values: list[str] = []


class Variant(msgspec.Struct, rename="camel"):
    name: str
    weight: int
    payload: Payload | None = None
    stickiness: str | None = None
    overrides: list[Override] | None = None


def put_variants(
    variants: list[Variant],
    flag: dict[str, Any],
    gate: tuple[str, str] | None,
    inherited: tuple[str, str],
    customer_field: str,
    found: Findings,
) -> None:
    """Give a flag the variants of a toggle.

    Args:
        variants: As Unleash has them, at least one.
        flag: The members of the flag, with its rollout.
        gate: The group and field of the hash that decides who is inside, None where no hash does.
        inherited: The group of the variants' hash, and its field unless they name one.
        customer_field: Which field of Unleash's context holds the customer's id here.
        found: What could not be carried over.
    """
    rollout = flag["rollout"]
    group, unit = inherited[0], variants[0].stickiness or inherited[1]
    if sum(1 for variant in variants if variant.weight) > 1:
        if unit == "random":
            found.lose("variants by chance; a customer keeps theirs")
        elif gate is not None and gate != (group, unit):
            found.lose("variants that are hashed by another group or field than the share")
        flag["salt"] = group
        put_unit(unit, rollout, customer_field, found)
    kinds = {_TYPES.get(variant.payload.type) if variant.payload else None for variant in variants}
    if len(kinds) == 1 and None in kinds:
        flag["type"] = "STRING"
        values: list[Any] = [variant.name for variant in variants]
        found.note("variants without a payload have their name as value")
    else:
        flag["type"] = str(kinds.pop()) if len(kinds) == 1 else "JSON"
        values = [_value(variant, found) for variant in variants]
    flag["value"] = values[0]
    rollout["variants"] = [
        {"key": variant.name, "value": value, "weight": variant.weight}
        for variant, value in zip(variants, values, strict=True)
    ]
    overrides = _overrides(variants, customer_field, found)
    if overrides:
        rollout["overrides"] = overrides


def put_unit(unit: str, rollout: dict[str, Any], customer_field: str, found: Findings) -> None:
    """What is hashed: the customer id, or an attribute."""
    if unit == "default":
        found.note("whoever has no userId gets the default; Unleash takes the session, or chance")
    field = "userId" if unit == "default" else unit
    if field != customer_field:
        rollout["stickiness"] = field
    elif unit != "default":
        rollout["stickiness"] = "customer_id"


def _value(variant: Variant, found: Findings) -> Any:
    if variant.payload is None:
        return None
    kind = _TYPES.get(variant.payload.type)
    if kind == "STRING":
        return variant.payload.value
    try:
        return parse_exact(variant.payload.value) if kind is not None else None
    except json.JSONDecodeError:
        found.lose(f"the payload of {variant.name}; it is no {variant.payload.type}")
        return None


def _overrides(variants: list[Variant], customer_field: str, found: Findings) -> dict[str, str]:
    placed: dict[str, str] = {}
    for variant in variants:
        for override in variant.overrides or ():
            ids = customer_ids(override.values) if override.context_name == customer_field else None
            if ids is None:
                found.lose(f"overrides of {variant.name} by {override.context_name}, which are no customer ids (UUIDs)")
            else:
                placed = {**dict.fromkeys(ids, variant.name), **placed}
    return placed
