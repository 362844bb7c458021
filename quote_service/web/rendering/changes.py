"""What differs between two documents, as rows to read.

Source: docs/spec/web.md#versions.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import msgspec

from quote_service.platform.documents.document_changes import document_changes
from quote_service.platform.documents.renamed import without_former_names
from quote_service.web.rendering.json_text import json_text
from quote_service.web.rendering.texts import amount_text, instant_markup, place_of

_NOTHING = "–"
#: Who wrote a version and when, which differs of itself.
OF_THE_RECORD = frozenset(
    {
        "id",
        "version",
        "revision",
        "created_at",
        "created_by",
        "updated_at",
        "updated_by",
        "warnings",
        "status",
        "edition",
    }
)


class Change(NamedTuple):
    """A place of a document: in words, with what stood there and what stands there. Nothing is a dash."""

    label: str
    before: str
    after: str


def changes_between(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, without: Collection[str] = OF_THE_RECORD
) -> list[Change]:
    """What differs, in the order of the first; what is empty on both sides does not."""
    one, other = (_bare(without_former_names(document or {}), without) for document in (before, after))
    return [
        Change(place_of(change.pointer), _text(change.before), _text(change.after))
        for change in document_changes(one, other)
        if not (_is_nothing(change.before) and _is_nothing(change.after))
    ]


def _bare(document: Mapping[str, Any], without: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in without}


def _is_nothing(value: Any) -> bool:
    return value is msgspec.UNSET or value is None or value in ("", [], {})


def _text(value: Any) -> str:
    if _is_nothing(value):
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return instant_markup(value) if value[10:11] == "T" and value.endswith("Z") else value
    if isinstance(value, list | Mapping):
        return json_text(value)
    return amount_text(value)
