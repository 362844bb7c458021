"""What is supposed in the playground, as fields: draft rules, draft rates, and values of flags.

Source: docs/spec/web.md#playground.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import uuid4

import msgspec

from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.system.errors import Malformed
from quote_service.web.rendering.flag_rows import FlagRow, flag_row
from quote_service.web.rendering.form_documents import FormUnreadable, read_form_document
from quote_service.web.rendering.schema_fields import Field, Schema, SchemaForm
from quote_service.web.routes.own_api import OwnApi

#: The body that has what is supposed, which the fields are made from.
SUPPOSED_DRAFT = "SimulationRequest"
_DRAFTS = {"draft_rules": "Type of rule", "draft_rates": "Rate"}
_FLAGS = "flag_overrides"
_FLAGS_MAX = 200  # of one page of the API


class SupposedFields(NamedTuple):
    """The fields: `drafts` by name, each with a row to add, the flags with a value and all that could get one.

    `unreadable` are the parts that an address held and no field can.
    """

    drafts: dict[str, Field]
    flag_rows: list[FlagRow]
    flag_keys: list[str]
    unreadable: list[str]
    is_open: bool


async def supposed_fields(form: SchemaForm, api: OwnApi, given: Mapping[str, str]) -> SupposedFields:
    """The fields with what an address or an editor hands over, each part as JSON by its name."""
    documents, unreadable = {}, []
    for name in (*_DRAFTS, _FLAGS):
        try:
            documents[name] = _document_of(name, given.get(name, ""))
        except Malformed:
            unreadable.append(name)
    drafts = {}
    for name, label in _DRAFTS.items():
        try:
            field = _drafts_of(form, name, documents.get(name) or [])
        except (AttributeError, TypeError, ValueError):  # a part of a draft is of no type that its field could hold
            unreadable.append(name)
            field = _drafts_of(form, name, [])
        drafts[name] = _labelled(field, label)
    flags = await api.find("/api/v1/feature-flags", {"limit": _FLAGS_MAX}) or []
    by_key = {flag["key"]: flag for flag in flags}
    values = documents.get(_FLAGS) or {}
    rows = [flag_row(_new_row(), key, by_key.get(key), value) for key, value in values.items()]
    return SupposedFields(drafts, rows, sorted(by_key), unreadable, is_open=any(given.values()))


async def new_flag_row(api: OwnApi, key: str) -> FlagRow:
    """A row for the value of a flag, as the type of the flag has it."""
    return flag_row(_new_row(), key, await api.find(f"/api/v1/feature-flags/key/{quote(key, safe='')}"), None)


def read_supposed(form: SchemaForm, fields: Mapping[str, list[str]]) -> tuple[dict[str, Any], dict[str, str]]:
    """What a simulation shall suppose, and faults by pointer; rows with nothing in them are nothing."""
    faults: dict[str, str] = {}
    try:
        document = read_form_document(form, _schema(form, *_DRAFTS, _FLAGS), fields)
    except FormUnreadable as unreadable:
        document, faults = unreadable.document, unreadable.faults
    supposed = {name: [draft for draft in document.get(name, ()) if draft] for name in _DRAFTS}
    values = {key: value for key, value in document.get(_FLAGS, {}).items() if key and value is not None}
    return {name: part for name, part in {**supposed, _FLAGS: values}.items() if part}, faults


def _document_of(name: str, text: str) -> Any:
    document = parse_json(text.encode()) if text else None
    if document is None:
        return None
    is_fitting = isinstance(document, dict)
    if name != _FLAGS:
        is_fitting = isinstance(document, list) and all(isinstance(draft, dict) for draft in document)
    if not is_fitting:
        raise Malformed(f"{name} is of another shape")
    return document


def _schema(form: SchemaForm, *names: str) -> Schema:
    schema = form.inner({"$ref": f"#/components/schemas/{SUPPOSED_DRAFT}"})
    return {"type": "object", "properties": {name: schema["properties"][name] for name in names}}


def _drafts_of(form: SchemaForm, name: str, drafts: list[Any]) -> Field:
    return form.fields(_schema(form, name), {name: drafts}, {})[0]


def _labelled(field: Field, label: str) -> Field:
    """The rows of drafts, where the choice of a shape says of what it is one."""

    def named(row: Field) -> Field:
        children = tuple(
            msgspec.structs.replace(child, label=label) if child.kind == "shapes" else child for child in row.children
        )
        return msgspec.structs.replace(row, children=children)

    blank = None if field.blank is None else named(field.blank)
    return msgspec.structs.replace(field, children=tuple(named(row) for row in field.children), blank=blank)


def _new_row() -> str:
    """A number that no other row of the page has."""
    return f"f{uuid4().hex[:8]}"
