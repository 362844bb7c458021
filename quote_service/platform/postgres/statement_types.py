"""How the annotations of a declared statement are taken apart.

Source: docs/decisions/statements.md.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

#: Of these PostgreSQL gets an array.
ARRAYS = (list, tuple, set, frozenset, Sequence, Collection, Iterable)


def without_none(hint: Any) -> tuple[Any, bool]:
    """A type without `| None`, and whether that was there."""
    if get_origin(hint) not in (Union, UnionType):
        return bare(hint), False
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    return (bare(kinds[0]) if len(kinds) == 1 else hint), len(kinds) < len(get_args(hint))


def bare(hint: Any) -> Any:
    """A type without what is annotated to it."""
    return bare(get_args(hint)[0]) if get_origin(hint) is Annotated else hint


def fields_of(hint: Any) -> dict[str, Any] | None:
    """The fields of a struct or named tuple with their types, those of a tuple by number; None of what is none of these."""
    if get_origin(hint) is tuple and element_of(hint) is None:
        return {str(number): kind for number, kind in enumerate(get_args(hint))}
    if not isinstance(hint, type):
        return None
    if issubclass(hint, msgspec.Struct):
        return {field.name: field.type for field in msgspec.structs.fields(hint)}
    return get_type_hints(hint, include_extras=True) if hasattr(hint, "_fields") else None


def required_fields_of(hint: Any) -> set[str]:
    """The fields without a default."""
    if issubclass(hint, msgspec.Struct):
        return {field.name for field in msgspec.structs.fields(hint) if field.required}
    return set(hint._fields) - set(hint._field_defaults)


def attribute_of(hint: Any, name: str) -> Any:
    """The type of a field or property.

    Raises:
        TypeError: There is none.
    """
    found = (fields_of(hint) or {}).get(name)
    if found is None:
        declared = getattr(hint, name, None)
        if not isinstance(declared, property):
            raise TypeError(f"{getattr(hint, '__name__', hint)} has no {name}")
        found = get_type_hints(declared.fget)["return"]
    return found


def element_of(hint: Any) -> Any:
    """What an array is of; None of what is none."""
    if get_origin(hint) not in ARRAYS:
        return None
    kinds = get_args(hint)
    return kinds[0] if get_origin(hint) is not tuple or kinds[1:] == (Ellipsis,) else None


def items_of(hint: Any) -> tuple[Any, Any] | None:
    """The types of a mapping's keys and values; None of what is none."""
    return get_args(hint)[:2] if get_origin(hint) in (dict, Mapping) else None
