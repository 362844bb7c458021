"""Every error as a problem document, and the only place that knows status codes.

`problem_answer` makes the answer for any error of ours, for the hot path and for Litestar alike; `PROBLEM_HANDLERS` are
the application's exception handlers. What is not ours and not the framework's is a 500 that reveals nothing but its
request id, and is logged whole.

Source: docs/spec/wire.md#errors; RFC 9457; draft-ietf-httpapi-ratelimit-headers-11 (RateLimit, RateLimit-Policy).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import structlog
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException

from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.options import allowed
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.http.path_identifiers import identifier_faults
from quote_service.platform.http.protocol.head_reader import (
    COOKIE_BYTES_MAX,
    FIELDS_MAX,
    HEAD_BYTES_MAX,
    REQUEST_LINE_BYTES_MAX,
)
from quote_service.platform.system.errors import Fault, Invalid, QuoteServiceError, RateLimited

PROBLEM_JSON = "application/problem+json"
_INSTANCE_LENGTH_MAX = 500
_log = structlog.get_logger("quote_service.http")

STATUS_OF_KIND: dict[str, int] = {
    "malformed": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "stale": 412,
    "too_large": 413,
    "unsupported_media_type": 415,
    "invalid": 422,
    "too_many": 429,
    "client_gone": 499,  # as nginx has it; seen in logs and figures, and by a client that closed its half alone
    "unavailable": 503,
    "timed_out": 504,
}
RETRY_AFTER_SECONDS: dict[str, int] = {"unavailable": 1, "too_many": 1}


class ProblemType(NamedTuple):
    """One kind of problem as it is documented: `code` is the last part of its type URI."""

    code: str
    status: int
    title: str


INTERNAL_ERROR = ProblemType("internal-error", 500, "Internal error")
# What the framework itself refuses. Its own 404 and 413 share the codes of ours.
FRAMEWORK_PROBLEMS: dict[int, ProblemType] = {
    400: ProblemType("bad-request", 400, "Bad request"),
    401: ProblemType("unauthorized", 401, "Unauthorized"),
    403: ProblemType("forbidden", 403, "Forbidden"),
    404: ProblemType("not-found", 404, "Not found"),
    405: ProblemType("method-not-allowed", 405, "Method not allowed"),
    413: ProblemType("body-too-large", 413, "Body too large"),
    414: ProblemType("uri-too-long", 414, "URI too long"),
    415: ProblemType("unsupported-media-type", 415, "Unsupported media type"),
    431: ProblemType("headers-too-large", 431, "Headers too large"),
}
_FRAMEWORK_DETAILS: dict[int, str] = {
    400: "The request cannot be read",
    404: "There is nothing at this path",
    405: "The path does not take this method; Allow names those it takes",
    413: "The body is larger than this path takes",
    414: f"The request line may have at most {REQUEST_LINE_BYTES_MAX} bytes",
    431: f"The head of a request may have at most {HEAD_BYTES_MAX} bytes and {FIELDS_MAX} fields, "
    f"its cookies {COOKIE_BYTES_MAX} bytes",
}


class ProblemAnswer(NamedTuple):
    """A whole answer; `headers` are beside its content type."""

    status: int
    headers: dict[str, str]
    body: bytes


def problem_answer(error: QuoteServiceError, path: str) -> ProblemAnswer:
    """The answer to a request for `path` that ended in an error of ours."""
    status = STATUS_OF_KIND[error.kind]
    headers = {}
    retry_after = error.retry_after_seconds or RETRY_AFTER_SECONDS.get(error.kind)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if isinstance(error, RateLimited):
        headers["RateLimit-Policy"] = f'"requests";q={error.burst_requests};w={error.window_seconds}'
        headers["RateLimit"] = f'"requests";r=0;t={error.wait_seconds}'
    if error.is_replayed:
        headers["Idempotent-Replayed"] = "true"
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="quote-service"'
    problem = ProblemType(error.code, status, error.title)
    return ProblemAnswer(status, headers, _document(problem, error.detail, path, error.faults, error.members))


def problem_types() -> list[ProblemType]:
    """Every problem that can be answered, by code and status: what a code means may depend on what was asked."""
    own = [ProblemType(leaf.code, STATUS_OF_KIND[leaf.kind], leaf.title) for leaf in _leaves(QuoteServiceError)]
    named = {
        (problem.code, problem.status): problem for problem in (*FRAMEWORK_PROBLEMS.values(), INTERNAL_ERROR, *own)
    }
    return [named[key] for key in sorted(named)]


def answer_own_error(request: AnyRequest, error: QuoteServiceError) -> Response[bytes]:
    """An error of ours, as it stands."""
    return _response(problem_answer(error, request.scope["path"]))


def answer_framework_error(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What the framework refuses: no such path, no such method, a parameter that cannot be read."""
    path = request.scope["path"]
    if isinstance(error, ValidationException):
        return _response(problem_answer(Invalid.because(tuple(_parameter_faults(error))), path))
    problem = FRAMEWORK_PROBLEMS.get(error.status_code)
    if problem is None:
        return answer_unforeseen_error(request, error)
    detail = _FRAMEWORK_DETAILS.get(problem.status, problem.title)
    faults = identifier_faults(request.app.routes, path) if problem.status == 404 else ()
    headers = {name.title(): value for name, value in (error.headers or {}).items()}
    if "Allow" in headers:
        headers["Allow"] = allowed(headers["Allow"].split(", "))
    return _response(ProblemAnswer(problem.status, headers, _document(problem, detail, path, faults)))


def answer_unforeseen_error(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A mistake of ours. The caller learns the request id; the log has the rest."""
    if is_gone(error):
        return _response(unreadable_problem())
    _log.error("request_failed", method=request.method, path=request.scope["path"], exc_info=error)
    return _response(internal_problem(request.scope["path"], request.scope["state"].get("request_id", "")))


def is_gone(error: Exception) -> bool:
    """Whether the client left in the middle of a body: nobody reads the answer, and any caller can do so. It is no error of ours."""
    return "client disconnected" in str(getattr(error, "detail", ""))


def internal_problem(path: str, request_id: str) -> ProblemAnswer:
    """The answer to a mistake of ours."""
    detail = f"Something went wrong here; its log entry has the request id {request_id}"
    return ProblemAnswer(INTERNAL_ERROR.status, {}, _document(INTERNAL_ERROR, detail, path))


def unreadable_problem(status: int = 400) -> ProblemAnswer:
    """The answer to bytes that are no HTTP request, or have too large a head: nobody knows which path they were for."""
    problem = FRAMEWORK_PROBLEMS[status]
    return ProblemAnswer(problem.status, {}, _document(problem, _FRAMEWORK_DETAILS[problem.status], "/"))


PROBLEM_HANDLERS: dict[type[Exception] | int, Any] = {
    QuoteServiceError: answer_own_error,
    HTTPException: answer_framework_error,
    Exception: answer_unforeseen_error,
}
#: From a problem document to the same refusal in the form of another protocol.
OtherForm = Callable[[AnyRequest, Response[bytes]], Response[bytes]]


def problem_handlers(other_forms: Mapping[str, OtherForm]) -> dict[type[Exception] | int, Any]:
    """The same handlers, with refusals below some paths in the form of the protocol that is spoken there.

    By path and not by route: what is no route, or not with this method, is refused before one is found.
    """

    def formed(handler: Callable[[AnyRequest, Any], Response[bytes]]) -> Any:
        def answer(request: AnyRequest, error: Exception) -> Response[bytes]:
            answered, path = handler(request, error), request.scope["path"]
            for prefix, form in other_forms.items():
                if path == prefix or path.startswith(f"{prefix}/"):
                    return form(request, answered)
            return answered

        return answer

    return {kind: formed(handler) for kind, handler in PROBLEM_HANDLERS.items()}


def _document(
    problem: ProblemType,
    detail: str,
    path: str,
    faults: tuple[Fault, ...] = (),
    members: dict[str, object] | None = None,
) -> bytes:
    document: dict[str, object] = {
        "type": f"/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        # A URI reference: what was sent is escaped, and cut where nobody would read on.
        "instance": quote(path, safe="/:@!$&'()*+,;=~-._", errors="replace")[:_INSTANCE_LENGTH_MAX],
    }
    if faults:
        document["errors"] = faults
    return write_document({**document, **(members or {})})


def _response(answer: ProblemAnswer) -> Response[bytes]:
    return Response(answer.body, status_code=answer.status, headers=answer.headers, media_type=PROBLEM_JSON)


def _parameter_faults(error: ValidationException) -> Iterator[Fault]:
    for entry in error.extra or ():
        if isinstance(entry, dict):
            yield Fault(f"/{entry.get('source', 'query')}/{entry.get('key', '')}", "has the wrong type")
    if not error.extra:
        yield Fault("", "a parameter is missing or cannot be read")


def _leaves(root: type[QuoteServiceError]) -> Iterator[type[QuoteServiceError]]:
    for leaf in root.__subclasses__():
        if "code" in leaf.__dict__ or "kind" in leaf.__dict__:
            yield leaf
        yield from _leaves(leaf)
