"""What an operation takes beside its body: parameters of the path, of the query, and of headers.

Source: docs/spec/operations.md#api-description.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from quote_service.platform.documents.renamed import renamed_fields
from quote_service.platform.http.cursors import LIMIT_DEFAULT, LIMIT_MAX, NoFilters
from quote_service.platform.http.openapi.described import Described, Listed
from quote_service.platform.http.openapi.field_docs import field_doc
from quote_service.platform.http.openapi.schemas import deprecated
from quote_service.platform.http.openapi.tags import tag_of
from quote_service.platform.postgres.listed_rows import COUNTED_MAX, SEARCH_LENGTH_MAX

_PAGE_PARAMETERS = (
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
        "description": "Maximum number of results per page.",
    },
    {
        "name": "cursor",
        "in": "query",
        "schema": {"type": "string"},
        "description": "`next_cursor` of the previous page.",
    },
)
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"},
    "description": "Makes a request safe to repeat: the first definite answer, a refusal included, is kept for 24 hours and returned again for the same key and request. Answers that ask to try again are not kept.",
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "ETag of the version you read. If it is no longer current, the request fails with 412 and changes nothing.",
}
_PATH_PARAMETER = re.compile(r"{([^}]+)}")
_PATH_PARAMETERS = {
    "change_id": "Id of the price change.",
    "set_id": "Id of the change set.",
    "code": "Code of the problem: the last part of its `type`.",
    "endpoint_id": "Id of the webhook endpoint.",
    "event_id": "Id of the event: the `webhook-id` of its delivery.",
    "flag_id": "Id of the feature flag.",
    "identity_id": "Id of the link.",
    "key_id": "Id of the API key.",
    "experiment_id": "Id of the price experiment.",
    "decision_id": "Id of the price decision.",
    "model_id": "Id of the price model.",
    "policy_id": "Id of the price policy.",
    "letter_id": "Id of the dead letter.",
    "rate_id": "Id of the commission rate.",
    "rule_id": "Id of the version of the pricing rule.",
    "sale_id": "Id of the flash sale.",
    "threshold_id": "Id of the signal threshold.",
}
_KEYS = {
    "Feature flags": "Key of the feature flag.",
    "OFREP": "Key of the feature flag.",
    "Purchases": "The `Idempotency-Key` of the purchase.",
}


def parameters_of(path: str, described: Described, schemas: dict[int, Any]) -> Iterator[dict[str, Any]]:
    """All of them, in the order path, query, headers.

    Args:
        path: With its parameters in braces.
        told: What the route takes.
        schemas: Of each type of a field, by the id of the type.
    """
    for name in _PATH_PARAMETER.findall(path):
        is_id = name == "id" or name.endswith("_id")
        schema = {"type": "string", "format": "uuid"} if is_id else {"type": "string"}
        meaning = _KEYS[described.tag or tag_of(path)] if name == "key" else _meaning_of(name)
        yield {"name": name, "in": "path", "required": True, "schema": schema, "description": meaning}
    for field in query_fields(described):
        schema = schemas[id(field.type)]
        meaning = field_doc(described.query or type(None), field.name) or _description_in(schema)
        parameter = {"name": field.encode_name, "in": "query", "required": field.required, "schema": schema}
        if name := renamed_fields(described.query or NoFilters).get(field.encode_name):
            yield {**parameter, "name": name, "description": meaning}
            yield {**parameter, **deprecated(name)}
        else:
            yield {**parameter, "description": meaning}
    if described.form == "list":
        yield from _PAGE_PARAMETERS
    if described.listed is not None:
        yield from _list_parameters(described.listed)
    if described.repeatable:
        yield {**_IDEMPOTENCY_KEY, "required": True} if described.key_is_required else _IDEMPOTENCY_KEY
    if described.conditional:
        yield _IF_MATCH
    for name, meaning in described.request_headers.items():
        yield {"name": name, "in": "header", "schema": {"type": "string"}, "description": meaning}


def _list_parameters(listed: Listed) -> Iterator[dict[str, Any]]:
    def parameter(name: str, schema: dict[str, Any], meaning: str) -> dict[str, Any]:
        return {"name": name, "in": "query", "required": False, "schema": schema, "description": meaning}

    if listed.sorts:
        ways = [way + name for name in listed.sorts for way in ("", "-")]
        yield parameter("sort", {"type": "string", "enum": ways}, "Field to sort by; with `-` the other way round.")
    if listed.is_searched:
        text = {"type": "string", "maxLength": SEARCH_LENGTH_MAX}
        yield parameter("search", text, "Words that all stand in the texts of a result, in any order and case.")
    instant = {"type": "string", "format": "date-time"}
    for since, until in listed.periods:
        event = since.removesuffix("_from")
        yield parameter(since, instant, f"Only what was {event} at this instant or later.")
        yield parameter(until, instant, f"Only what was {event} before this instant.")
    yield parameter("total", {"type": "boolean", "default": False}, f"Count all results, exactly up to {COUNTED_MAX}.")
    yield parameter("fields", {"type": "string"}, "Only these fields of each result, separated by commas.")
    forms = {"type": "string", "enum": ["json", "csv", "ndjson"]}
    meaning = "`csv` and `ndjson` are a file of all results. By default what `Accept` names, and JSON."
    yield parameter("format", forms, meaning)


def _meaning_of(name: str) -> str:
    return _PATH_PARAMETERS.get(name, f"Id of the {name.removesuffix('_id').replace('_', ' ')}.")


def query_fields(described: Described) -> Iterable[msgspec.structs.FieldInfo]:
    """The parameters of the query that the route declares itself."""
    return msgspec.structs.fields(described.query) if described.query is not None else ()


def _description_in(schema: dict[str, Any]) -> str:
    described = [*schema.get("anyOf", ()), schema]
    return next((str(reported["description"]) for reported in described if "description" in reported), "")
