"""Fields with a new name on the wire, declared once where the field is.

    state: Annotated[SaleState, Renamed("status")]

For one release both names are there: what is sent may use either, answers and events have the former one beside the new one, and
the API's description marks it as deprecated. What is stored keeps the former name: the release before reads it too. Whoever
ends the transition renames the field, and takes the declaration away.

Source: docs/spec/wire.md#names.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

import msgspec

#: The release in which the former names go.
GONE_IN = "0.2.0"
#: Each new name, with the former ones of the fields that have it now.
NAMES: Mapping[str, tuple[str, ...]] = {
    "status": ("state",),
    "match_status": ("match_state",),
    "updated_at": ("changed_at",),
    "updated_by": ("changed_by",),
    "reviewed_by": ("reviewer",),
    "started_at": ("began_at",),
    "time_zone": ("timezone",),
    "from": ("since",),
    "to": ("until",),
    "interval": ("bucket", "granularity"),
    "note": ("notes", "reason_note"),
    "etag": ("state",),
}


class Renamed(NamedTuple):
    """The field is called `name`; the name that the struct gives it is the former one."""

    name: str


@cache
def renamed_fields(kind: type[msgspec.Struct]) -> Mapping[str, str]:
    """The fields of a struct that have a new name: that, by the former one."""
    hints = get_type_hints(kind, include_extras=True)
    wire_names = zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
    names = ((wire_name, new_name(hints[field])) for field, wire_name in wire_names)
    renamed = {former: name for former, name in names if name is not None}
    assert all(former in NAMES[name] for former, name in renamed.items()), kind
    return renamed


def new_name(hint: Any) -> str | None:
    """The new name of a field, by its declared type; None where it has kept its name."""
    return next((note.name for note in getattr(hint, "__metadata__", ()) if isinstance(note, Renamed)), None)


def without_renaming(hint: Any) -> Any:
    """A field's type, without what is declared of its name."""
    if new_name(hint) is None:
        return hint
    notes = tuple(note for note in hint.__metadata__ if not isinstance(note, Renamed))
    return Annotated[(hint.__origin__, *notes)] if notes else hint.__origin__


def with_both_names(value: Any) -> Any:
    """A value as it is answered: structs with fields that are renamed as mappings that have both names, all else as it is."""
    return _shown(value, with_former=True)


def with_new_names(value: Any) -> Any:
    """As `with_both_names`, without the former names: for what people read and compare."""
    return _shown(value, with_former=False)


def without_former_names(value: Any) -> Any:
    """What was read of an answer, without the former names beside the new ones: for what people read."""
    if isinstance(value, list):
        return [without_former_names(entry) for entry in value]
    if not isinstance(value, Mapping):
        return value
    former = {name for new, names in NAMES.items() if new in value for name in names}
    return {name: without_former_names(member) for name, member in value.items() if name not in former}


def _shown(value: Any, *, with_former: bool) -> Any:
    if isinstance(value, msgspec.Struct):
        return _members(value, with_former=with_former) if _holds_renamed(type(value)) else value
    if type(value) is list or type(value) is tuple:
        return [_shown(entry, with_former=with_former) for entry in value]
    if type(value) is dict:
        return {name: _shown(entry, with_former=with_former) for name, entry in value.items()}
    return value


def _members(value: msgspec.Struct, *, with_former: bool) -> dict[str, Any]:
    """What a struct is written as; its renamed fields under the new name, or either."""
    form = _form_of(type(value))
    held = msgspec.structs.asdict(value)
    for field, default in form.left_out:
        # As msgspec does: the default itself, or an empty one.
        if held[field] is default or (
            not held[field] and type(default) in (list, dict, set) and held[field] == default
        ):
            del held[field]
    for field in form.deep:
        if field in held:
            held[field] = _shown(held[field], with_former=with_former)
    shown = {form.names[field]: member for field, member in held.items()}
    if with_former:
        shown |= {former: shown[name] for former, name in form.renamed if name in shown}
    return shown


class _Form(NamedTuple):
    """How a struct is written: `left_out` are the fields that are not written with a value, `deep` those that may hold renamed
    ones, `names` what each is called in JSON."""

    left_out: tuple[tuple[str, Any], ...]
    deep: tuple[str, ...]
    names: Mapping[str, str]
    renamed: tuple[tuple[str, str], ...]


@cache
def _form_of(kind: type[msgspec.Struct]) -> _Form:
    fields, renamed = msgspec.structs.fields(kind), renamed_fields(kind)
    left_out = [(field.name, msgspec.UNSET) for field in fields if _may_be_unset(field.type)]
    if kind.__struct_config__.omit_defaults:
        left_out += [
            (field.name, field.default if field.default is not msgspec.NODEFAULT else field.default_factory())
            for field in fields
            if not field.required and not _may_be_unset(field.type)
        ]
    return _Form(
        left_out=tuple(left_out),
        deep=tuple(field.name for field in fields if _may_hold(field.type, set(), of_any=True)),
        names={field.name: renamed.get(field.encode_name, field.encode_name) for field in fields},
        renamed=tuple(renamed.items()),
    )


@cache
def _holds_renamed(kind: type[msgspec.Struct]) -> bool:
    """Whether a struct, or one that it may hold, has a renamed field by its declared type."""
    return _may_hold(kind, set(), of_any=False)


def _may_be_unset(hint: Any) -> bool:
    return hint in (msgspec.UnsetType, Any, object) or any(_may_be_unset(each) for each in get_args(hint))


def _may_hold(hint: Any, met: set[Any], *, of_any: bool) -> bool:
    if hint is Any or hint is object:
        return of_any
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        if hint in met:
            return False
        met.add(hint)
        return bool(renamed_fields(hint)) or any(
            _may_hold(each, met, of_any=of_any) for each in get_type_hints(hint, include_extras=True).values()
        )
    return any(_may_hold(each, met, of_any=of_any) for each in get_args(hint))
