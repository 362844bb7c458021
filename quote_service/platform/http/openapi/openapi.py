"""The OpenAPI 3.1 document, made from the routes as they stand: their paths, docstrings, access and `Described`.

Source: docs/spec/operations.md#api-description.
"""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from quote_service.platform.callers.access import Access
from quote_service.platform.http.openapi.answers import content_of, success_of
from quote_service.platform.http.openapi.code_samples import code_samples
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.openapi.editions import without_type_lists
from quote_service.platform.http.openapi.openapi_problems import PROBLEM_SCHEMAS, OtherForm, problem_responses
from quote_service.platform.http.openapi.parameters import parameters_of, query_fields
from quote_service.platform.http.openapi.schemas import schemas_of
from quote_service.platform.http.openapi.tags import TAGS, tag_of
from quote_service.platform.http.positions import IS_AT, WAITS, is_followed, is_priced
from quote_service.platform.system.errors import Overloaded, PositionInvalid, PositionNotReached, TooMany

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
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "For checkout systems and other machines.",
    },
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "For users, who get a token when they log in.",
    },
}
_METHODS = ("get", "post", "put", "patch", "delete")


def openapi_document(app: Litestar) -> dict[str, Any]:
    """The document of every route that is described."""
    # Litestar keeps handlers and methods in sets, whose order differs from process to process.
    operations = sorted(
        _operations(app), key=lambda found: (found[0].startswith("/."), found[0], _METHODS.index(found[1]))
    )
    bodies = [messages.body for *_, messages in operations if messages.body is not None]
    answers = [messages.answer for *_, messages in operations if messages.answer is not None]
    answers += [messages.refused.answer for *_, messages in operations if messages.refused is not None]
    queries = [field.type for *_, messages in operations for field in query_fields(messages)]
    schemas, components = schemas_of([*bodies, *queries], answers)
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler, messages in operations:
        paths.setdefault(path, {})[method] = _operation(path, method, handler, messages, schemas)
    tags = {tag for path in paths.values() for operation in path.values() for tag in operation["tags"]}
    declared = {tag_of(path): handler.opt.get("meaning") for path, _, handler, _ in operations}
    meanings = {**TAGS, **{tag: meaning for tag, meaning in declared.items() if meaning}}
    document = {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "tags": [{"name": tag, "description": meaning} for tag, meaning in meanings.items() if tag in tags],
        "paths": paths,
        "components": {"schemas": {**components, **PROBLEM_SCHEMAS}, "securitySchemes": SECURITY_SCHEMES},
    }
    return without_type_lists(document)


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler, Described]]:
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            described = handler.opt.get("described")
            if isinstance(described, Described):
                described = _with_examples(described, handler.opt.get("examples", {}))
                for method in sorted(handler.http_methods - {"HEAD", "OPTIONS"}):
                    yield route.path_format, method.lower(), handler, described


def _with_examples(described: Described, examples: Mapping[Any, Any]) -> Described:
    """The description with its router's examples (`opt={"examples": ...}`, by type) where it has none of its own."""
    body, answer = described.body_example, described.answer_example
    return described._replace(
        body_example=examples.get(described.body) if body is None else body,
        answer_example=examples.get(described.answer) if answer is None else answer,
    )


def _operation(
    path: str, method: str, handler: HTTPRouteHandler, described: Described, schemas: dict[int, Any]
) -> dict[str, Any]:
    summary, _, description = inspect.cleandoc(handler.fn.__doc__ or "").partition("\n\n")
    access: Access = handler.opt["access"]
    if is_followed(method.upper(), path):
        described = described._replace(headers={**described.headers, **IS_AT})
    if is_priced(path):
        described = described._replace(
            request_headers={**described.request_headers, **WAITS},
            problems=(*described.problems, PositionInvalid, PositionNotReached),
        )
    if described.form == "events":
        described = described._replace(problems=(*described.problems, TooMany, Overloaded))
    parameters = list(parameters_of(path, described, schemas))
    is_api = path.startswith("/api/")  # where what is not known is refused (unread_input.py)
    operation: dict[str, Any] = {
        "operationId": handler.fn.__name__,
        "summary": " ".join(summary.split()).removesuffix("."),
        "tags": [described.tag or tag_of(path)],
        "security": list(_security(access)),
        "responses": {
            str(handler.status_code): success_of(described, schemas),
            **({"304": {"description": "Not modified."}} if described.unchanged else {}),
            **problem_responses(
                problems=described.problems,
                is_public=access.public,
                has_body=described.body is not None or (is_api and method == "post"),
                has_path_parameters="{" in path,
                has_parameters=bool(parameters) or is_api,
                is_conditional=described.conditional,
                is_repeatable=described.repeatable,
                form=described.refused
                and OtherForm(
                    schemas[id(described.refused.answer)], described.refused.example, described.refused.statuses
                ),
            ),
        },
    }
    operation["description"] = "\n\n".join(filter(None, (description.strip(), _access_sentence(access))))
    if parameters:
        operation["parameters"] = parameters
    if described.body is not None:
        operation["requestBody"] = {
            "required": described.body_is_required,
            "content": {
                # What is not JSON is text as far as a schema can say.
                media_type: content_of(schemas[id(described.body)], described.body_example)
                if media_type == "application/json"
                else content_of({"type": "string"}, described.body_examples.get(media_type))
                for media_type in handler.opt.get("media_types", ("application/json",))
            },
        }
    operation["x-codeSamples"] = code_samples(path, method, operation)
    return operation


def _security(access: Access) -> Iterator[dict[str, list[str]]]:
    if access.public:
        yield {}
    if access.scopes:
        yield {"ApiKey": []}
    if access.roles:
        yield {"Bearer": []}


def _access_sentence(access: Access) -> str:
    if access.public:
        return "No authentication required."
    scopes = f"an API key with the {_one_of(access.wanted_scopes)} scope" if access.scopes else ""
    roles = f"the {_one_of(access.roles)} role" if access.roles else ""
    return f"Requires {', or '.join(filter(None, (scopes, roles)))}."


def _one_of(names: Iterable[str]) -> str:
    *others, last = ("`" + name.replace(" with ", "` with `") + "`" for name in sorted(names))
    return f"{', '.join(others)} or {last}" if others else last
