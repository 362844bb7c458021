"""Examples for the API's description, made from the fields of a resource and its one example of a draft.

Source: docs/spec/operations.md#api-description.
"""

from hashlib import sha256
from typing import Any

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.renamed import renamed_fields, without_former_names
from quote_service.platform.resource.resource import Resource

_AUTHOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
_WRITTEN = "2026-02-20T09:30:00Z"


def example_id(resource: Resource[Any, Any]) -> str:
    """The id that the examples of a resource have, the same in every process."""
    return f"0199a1b2-c3d4-7e5f-8a9b-{sha256(resource.many.encode()).hexdigest()[:12]}"


def draft_example(resource: Resource[Any, Any]) -> dict[str, Any]:
    """A body that creates one."""
    return _plain(resource.example)


def replacement_example(resource: Resource[Any, Any]) -> dict[str, Any]:
    """A body that replaces one: what only creating one takes is left out."""
    draft: type[msgspec.Struct] = resource.draft
    renamed = renamed_fields(draft)
    names = {renamed.get(field.encode_name, field.encode_name) for field in msgspec.structs.fields(draft)}
    return {name: value for name, value in draft_example(resource).items() if name in names}


def patch_example(resource: Resource[Any, Any]) -> dict[str, Any]:
    """A body that changes one field."""
    return dict([*draft_example(resource).items()][:1])


def record_example(resource: Resource[Any, Any], version: int = 1) -> dict[str, Any]:
    """What is shown of the object that the draft's example makes."""
    authorship = {"created_by": _AUTHOR, "changed_by": _AUTHOR, "created_at": _WRITTEN, "updated_at": _WRITTEN}
    known = {"id": example_id(resource), "version": version, **authorship, **resource.shown_example}
    record: type[msgspec.Struct] = resource.record
    renamed = renamed_fields(record)
    draft = draft_example(resource)
    shown = {}
    for field in msgspec.structs.fields(record):
        name = renamed.get(field.encode_name, field.encode_name)
        shown[name] = known[field.name] if field.name in known else draft[name]
    return shown


def _plain(document: msgspec.Struct) -> dict[str, Any]:
    return dict(without_former_names(msgspec.json.decode(write_document(document))))
