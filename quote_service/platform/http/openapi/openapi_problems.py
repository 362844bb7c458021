"""The error answers of an operation, for the OpenAPI document: by status, with the codes each may have.

Source: docs/spec/wire.md#errors; docs/spec/operations.md#api-description.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from quote_service.platform.callers.errors import CredentialsAmbiguous
from quote_service.platform.http.problems import (
    FRAMEWORK_PROBLEMS,
    INTERNAL_ERROR,
    PROBLEM_JSON,
    STATUS_OF_KIND,
    ProblemType,
)
from quote_service.platform.system.errors import (
    Forbidden,
    IdempotencyKeyReused,
    Invalid,
    Malformed,
    NotFound,
    Overloaded,
    QuoteServiceError,
    RateLimited,
    RequestStillRunning,
    Stale,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnsupportedMediaType,
)

# Of what waits for its turn (a permit, a thread) and then for a dependency; beside the problems of its own.
OF_LIMITED_WORK: tuple[type[QuoteServiceError], ...] = (Overloaded, Unavailable)
_OF_ANY_REQUEST = (400, 414, 431)
_POINTER = {"type": "string", "description": "JSON Pointer (RFC 6901); the empty one is the whole document."}
PROBLEM_SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "description": "A problem document (RFC 9457).",
        "properties": {
            "type": {
                "type": "string",
                "format": "uri-reference",
                "description": "URI of the kind of problem; it leads to a page about it.",
            },
            "title": {"type": "string", "description": "What kind of problem it is, for people."},
            "status": {"type": "integer", "description": "The HTTP status code."},
            "detail": {"type": "string", "description": "What went wrong with this request."},
            "instance": {"type": "string", "format": "uri-reference", "description": "Path of the request."},
            "errors": {
                "type": "array",
                "description": "The fields at fault.",
                "items": {
                    "type": "object",
                    "properties": {
                        "pointer": _POINTER,
                        "detail": {"type": "string", "description": "What is wrong with the field."},
                    },
                    "required": ["pointer", "detail"],
                },
            },
        },
        "required": ["type", "title", "status", "detail", "instance"],
    }
}


class OtherForm(NamedTuple):
    """The form of refusals that are not problem documents: the schema of their JSON, an example, and other statuses."""

    schema: Any
    example: Any
    statuses: Mapping[int, int]


def problem_responses(
    *,
    problems: tuple[type[QuoteServiceError], ...],
    is_public: bool,
    has_body: bool,
    has_path_parameters: bool,
    has_parameters: bool,
    is_conditional: bool,
    is_repeatable: bool,
    form: OtherForm | None = None,
) -> dict[str, Any]:
    """The error responses of an operation: its own problems and those that come with what it takes."""
    kinds: list[type[QuoteServiceError]] = [*problems]
    if not is_public:
        kinds += [CredentialsAmbiguous, Unauthorized, Forbidden, RateLimited, Unavailable]
    if has_body:
        kinds += [Malformed, TooLarge, UnsupportedMediaType, Invalid]
    if has_path_parameters:
        kinds.append(NotFound)
    if has_parameters:
        kinds.append(Invalid)
    if is_conditional:
        kinds.append(Stale)
    if is_repeatable:
        kinds += [RequestStillRunning, IdempotencyKeyReused]
    by_status: dict[int, dict[str, ProblemType]] = {500: {INTERNAL_ERROR.code: INTERNAL_ERROR}}
    for problem in (*(FRAMEWORK_PROBLEMS[status] for status in _OF_ANY_REQUEST), *_problem_types(kinds)):
        status = form.statuses.get(problem.status, problem.status) if form is not None else problem.status
        by_status.setdefault(status, {})[problem.code] = problem
    return {str(status): _response(list(by_status[status].values()), form) for status in sorted(by_status)}


def _problem_types(kinds: list[type[QuoteServiceError]]) -> Iterator[ProblemType]:
    for kind in kinds:
        yield ProblemType(kind.code, STATUS_OF_KIND[kind.kind], kind.title)


def _response(problems: list[ProblemType], form: OtherForm | None) -> dict[str, Any]:
    first = problems[-1]
    example: dict[str, Any] = {
        "type": f"/problems/{first.code}",
        "title": first.title,
        "status": first.status,
        "detail": f"{first.title}.",
        "instance": "/api/v1/...",
    }
    if first.code == Invalid.code:
        example["detail"] = "1 field cannot be accepted"
        example["errors"] = [{"pointer": "/items/0/quantity", "detail": "Expected int >= 1"}]
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    description = "; ".join(f"{problem.title} (`{problem.code}`)" for problem in problems)
    if form is not None:
        content = {"application/json": {"schema": form.schema, "example": form.example}}
        description = "; ".join(dict.fromkeys(problem.title for problem in problems))
    response: dict[str, Any] = {"description": description, "content": content}
    if first.status in (429, 503):
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    if first.status == 429:
        response["headers"] |= {
            "RateLimit-Policy": {
                "schema": {"type": "string"},
                "description": "The limit: `q` requests in `w` seconds.",
            },
            "RateLimit": {
                "schema": {"type": "string"},
                "description": "What is left of the limit: `r` requests, for `t` seconds.",
            },
        }
    if first.status == 401:
        response["headers"] = {
            "WWW-Authenticate": {"schema": {"type": "string"}, "description": "The authentication scheme to use."}
        }
    return response
