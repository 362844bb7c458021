"""Refusals in the form of OFREP: whatever is refused elsewhere as a problem document has an error code and details here.

The protocol knows no 422: what does not fit is a 400. Statuses that it does not name (413, 415, 503 ...) keep their meaning
and get the same body, so that an SDK can tell what happened.

Source: docs/spec/ofrep.md#errors.
"""

import msgspec
from litestar import Response

from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.answers import JSON
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.system.errors import Fault
from quote_service.rulebook.ofrep.model.answers import ErrorCode, OfrepFailure

PREFIX = "/ofrep"
STATUSES = {422: 400}
_ONE_FLAG = f"{PREFIX}/v1/evaluate/flags/"
_CODES: dict[str, ErrorCode] = {
    "malformed-json": "PARSE_ERROR",
    "unsupported-media-type": "PARSE_ERROR",
    "bad-request": "PARSE_ERROR",
    "validation-error": "INVALID_CONTEXT",
}


class _Problem(msgspec.Struct):
    type: str
    detail: str
    errors: list[Fault] = []


def refuse_as_ofrep(request: AnyRequest, problem: Response[bytes]) -> Response[bytes]:
    """The same refusal for a caller that speaks OFREP; `problem` is a problem document."""
    reported = msgspec.json.decode(problem.content, type=_Problem)
    _, is_of_one, key = request.scope["path"].partition(_ONE_FLAG)
    code = _CODES.get(reported.type.removeprefix("/problems/"), "GENERAL")
    if problem.status_code == 404 and is_of_one:
        code = "FLAG_NOT_FOUND"
    failure = OfrepFailure(
        key=key if is_of_one else msgspec.UNSET,
        error_code=code,
        error_details="; ".join([reported.detail, *(f"{fault.pointer} {fault.detail}" for fault in reported.errors)]),
    )
    status = problem.status_code or 500
    return failed(failure, STATUSES.get(status, status), dict(problem.headers))


def failed(failure: OfrepFailure, status: int, headers: dict[str, str] | None = None) -> Response[bytes]:
    """A failure as an answer."""
    return Response(write_document(failure), status_code=status, headers=headers, media_type=JSON)
