"""The OpenAPI 3.1 document, made from the routes as they stand: their paths, docstrings, access and `Described`.

Source: spec 9, OpenAPI.
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from quote_service.api.described import Described, Form
from quote_service.api.openapi_problems import PROBLEM_SCHEMAS, problem_responses
from quote_service.api.schemas import schemas_of
from quote_service.api.wire.cursors import LIMIT_DEFAULT, LIMIT_MAX
from quote_service.domain.access import Access

INFO = {
    "title": "Quote service",
    "version": "1",
    "summary": "Binding, explained, signed price quotes with commission, exact to the cent.",
    "description": (
        "Amounts are JSON numbers with exactly the digits of their currency, and may be sent as numbers or strings. "
        "Times are RFC 3339 with an offset. Errors are problem documents (RFC 9457) that name each field at fault by "
        "a JSON Pointer."
    ),
}
SECURITY_SCHEMES = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "Checkout systems."},
    "Bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "People who logged in."},
}
_PAGE_PARAMETERS = (
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
        "description": "How many rows at most.",
    },
    {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "`next_cursor` of the page before."},
)
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"},
    "description": "The first success under a key is kept for 24 hours and given again to the same request; a refusal is not kept.",
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag that was read; a stale one is 412 and changes nothing.",
}
# Answers that are no JSON are text as far as a schema can say.
_TEXTS: dict[Form, tuple[str, str]] = {
    "page": ("text/html", "A page."),
    "text": ("text/plain", "Plain text."),
    "events": ("text/event-stream", "Events, until the client goes."),
    "csv": ("text/csv", "A header line and the rows."),
}
_PAGE_EXAMPLE = '<!doctype html><html lang="en"><title>Quote service API</title></html>'
_PATH_PARAMETER = re.compile(r"{([^}]+)}")
_METHODS = ("get", "post", "put", "patch", "delete")
# What a reader comes for stands first; the other subjects follow by name.
_TAGS_FIRST = ("Quotes", "Commission rates", "Pricing rules", "Rulebook", "Feature flags", "Flash sales", "Purchases")


def openapi_document(app: Litestar) -> dict[str, Any]:
    """The document of every route that is described."""
    # Litestar keeps handlers and methods in sets, whose order differs from process to process.
    operations = sorted(
        _operations(app), key=lambda found: (found[0].startswith("/."), found[0], _METHODS.index(found[1]))
    )
    bodies = [told.body for *_, told in operations if told.body is not None]
    answers = [told.answer for *_, told in operations if told.answer is not None]
    queries = [field.type for *_, told in operations for field in _query_fields(told)]
    schemas, components = schemas_of([*bodies, *queries], answers)
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler, told in operations:
        paths.setdefault(path, {})[method] = _operation(path, method, handler, told, schemas)
    tags = {tag for path in paths.values() for operation in path.values() for tag in operation["tags"]}
    first = [tag for tag in _TAGS_FIRST if tag in tags]
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in (*first, *sorted(tags.difference(first)))],
        "paths": paths,
        "components": {"schemas": {**components, **PROBLEM_SCHEMAS}, "securitySchemes": SECURITY_SCHEMES},
    }


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler, Described]]:
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            told = handler.opt.get("described")
            if isinstance(told, Described):
                for method in sorted(handler.http_methods - {"HEAD", "OPTIONS"}):
                    yield route.path_format, method.lower(), handler, told


def _operation(
    path: str, method: str, handler: HTTPRouteHandler, told: Described, schemas: dict[int, Any]
) -> dict[str, Any]:
    summary, _, description = inspect.cleandoc(handler.fn.__doc__ or "").partition("\n\n")
    access: Access = handler.opt["access"]
    parameters = list(_parameters(path, told, schemas))
    is_api = path.startswith("/api/")  # where what is not known is refused (unread_input.py)
    operation: dict[str, Any] = {
        "operationId": handler.fn.__name__,
        "summary": " ".join(summary.split()),
        "tags": [told.tag or _tag_of(path)],
        "security": list(_security(access)),
        "responses": {
            str(handler.status_code): _success(handler, told, schemas),
            **problem_responses(
                problems=told.problems,
                is_public=access.public,
                has_body=told.body is not None or (is_api and method == "post"),
                has_path_parameters="{" in path,
                has_parameters=bool(parameters) or is_api,
                is_conditional=told.conditional,
                is_repeatable=told.repeatable,
            ),
        },
    }
    if description or not access.public:
        operation["description"] = "\n\n".join(filter(None, (description.strip(), _access_sentence(access))))
    if parameters:
        operation["parameters"] = parameters
    if told.body is not None:
        operation["requestBody"] = {
            "required": told.body_is_required,
            "content": {
                # What is not JSON is text as far as a schema can say.
                media_type: _content(schemas[id(told.body)], told.body_example)
                if media_type == "application/json"
                else _content({"type": "string"}, told.body_examples.get(media_type))
                for media_type in handler.opt.get("media_types", ("application/json",))
            },
        }
    return operation


def _success(handler: HTTPRouteHandler, told: Described, schemas: dict[int, Any]) -> dict[str, Any]:
    headers = {
        name: {"schema": {"type": "string"}, "description": meaning}
        for name, meaning in {"X-Request-ID": "The id under which the request is logged.", **told.headers}.items()
    }
    if told.repeatable:
        headers["Idempotent-Replayed"] = {"schema": {"const": "true"}, "description": "The answer was given before."}
    if told.form == "nothing":
        return {"description": "Done; there is nothing to say.", "headers": headers}
    if told.form in _TEXTS:
        media_type, description = _TEXTS[told.form]
        content = {media_type: _content({"type": "string"}, told.answer_example or _PAGE_EXAMPLE)}
        return {"description": description, "headers": headers, "content": content}
    data = schemas[id(told.answer)] if told.answer is not None else {}
    example = told.answer_example
    if told.form == "one":
        schema = _object(success={"const": True}, message={"type": "string"}, data=data)
        shown: Any = {"success": True, "message": told.message, "data": example}
    elif told.form == "list":
        cursor = {"type": ["string", "null"], "description": "Where the next page starts; null on the last."}
        schema = _object(success={"const": True}, data={"type": "array", "items": data}, next_cursor=cursor)
        shown = {"success": True, "data": [example], "next_cursor": None}
    else:
        schema, shown = data, example
    content = {"application/json": _content(schema, None if example is None else shown)}
    return {
        "description": told.message if told.form == "one" else "As asked for.",
        "headers": headers,
        "content": content,
    }


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


def _content(schema: Any, example: Any) -> dict[str, Any]:
    return {"schema": schema} if example is None else {"schema": schema, "example": example}


def _parameters(path: str, told: Described, schemas: dict[int, Any]) -> Iterator[dict[str, Any]]:
    for name in _PATH_PARAMETER.findall(path):
        is_id = name == "id" or name.endswith("_id")
        schema = {"type": "string", "format": "uuid"} if is_id else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for field in _query_fields(told):
        schema = schemas[id(field.type)]
        yield {"name": field.encode_name, "in": "query", "required": field.required, "schema": schema}
    if told.form == "list":
        yield from _PAGE_PARAMETERS
    if told.repeatable:
        yield {**_IDEMPOTENCY_KEY, "required": True} if told.key_is_required else _IDEMPOTENCY_KEY
    if told.conditional:
        yield _IF_MATCH


def _query_fields(told: Described) -> Iterable[msgspec.structs.FieldInfo]:
    return msgspec.structs.fields(told.query) if told.query is not None else ()


def _security(access: Access) -> Iterator[dict[str, list[str]]]:
    if access.public:
        yield {}
    if access.scopes:
        yield {"ApiKey": []}
    if access.roles:
        yield {"Bearer": []}


def _access_sentence(access: Access) -> str:
    if access.public:
        return ""
    scopes = f"API keys with {' or '.join(f'`{scope}`' for scope in sorted(access.scopes))}" if access.scopes else ""
    roles = f"people who are {' or '.join(f'`{role}`' for role in sorted(access.roles))}" if access.roles else ""
    return f"For {' and '.join(filter(None, (scopes, roles)))}."


def _tag_of(path: str) -> str:
    parts = [part for part in path.split("/") if part and part not in ("api", "v1")]
    return parts[0].replace("-", " ").capitalize().replace("Api", "API") if parts else "Service"
