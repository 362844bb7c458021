"""What goes wrong, as a page in the API's own words.

Source: docs/spec/web.md#errors.
"""

from typing import Any
from urllib.parse import quote

import structlog
from litestar import Response
from litestar.exceptions import HTTPException

from quote_service.platform.http.problems import RETRY_AFTER_SECONDS, STATUS_OF_KIND, is_gone
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.web.routes.own_api import ApiRefused
from quote_service.web.routes.page import Page, PageRequest, is_part, templates_of

#: The id of what is the page but for its frame.
_WHOLE = "main"
#: What may have passed by the time somebody tries again.
_PASSING = frozenset((429, 502, 503, 504))
_log = structlog.get_logger("quote_service.web")


def show_own_error(request: PageRequest, error: QuoteServiceError) -> Response[str]:
    """An error of ours."""
    answer = _failure(request, STATUS_OF_KIND[error.kind], error.title, error.detail)
    seconds = error.retry_after_seconds or RETRY_AFTER_SECONDS.get(error.kind)
    if seconds is not None:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def show_refusal(request: PageRequest, refused: ApiRefused) -> Response[str]:
    """What the API refused."""
    problem = refused.answer.document or {}
    return _failure(request, refused.answer.status, problem.get("title", "Error"), problem.get("detail", ""))


def show_framework_error(request: PageRequest, error: HTTPException) -> Response[str]:
    """No such page, or not in this way."""
    status = 400 if is_gone(error) else error.status_code
    if status == 404:
        return _failure(request, 404, "No such page", "The address may have been typed wrong, or the page has moved.")
    if status == 413:
        return _failure(request, status, "It is too large", f"At most {_limit_of(request)} are taken.")
    if status >= 500:
        return show_unforeseen(request, error)
    return _failure(request, status, "This cannot be done here", "The page does not take such a request.")


def show_unforeseen(request: PageRequest, error: Exception) -> Response[str]:
    """A mistake of ours: the page has the request id, the log the rest."""
    _log.error("page_failed", method=request.method, path=request.scope["path"], exc_info=error)
    request_id = request.scope["state"].get("request_id", "")
    return _failure(request, 500, "Something went wrong here", f"The log has it under the request id {request_id}.")


FAILURES: dict[type[Exception] | int, Any] = {
    QuoteServiceError: show_own_error,
    ApiRefused: show_refusal,
    HTTPException: show_framework_error,
    Exception: show_unforeseen,
}


def _limit_of(request: PageRequest) -> str:
    limit = request.route_handler.resolve_request_max_body_size() or 0
    return f"{limit / (1 << 20):.3g} MiB" if limit >= 1 << 20 else f"{limit / (1 << 10):.3g} KiB"


def _failure(request: PageRequest, status: int, title: str, detail: str) -> Response[str]:
    page = request.scope["state"].get("page")
    if not isinstance(page, Page):
        page = Page(templates_of(request), request.scope["path"], None, None)  # type: ignore[arg-type]  # shows no data
    template = "parts/failure.html" if is_part(request) else "failure.html"
    again = quote(request.scope["path"]) if request.method == "GET" and status in _PASSING else ""
    if again and request.url.query:
        again += f"?{request.url.query}"
    answer = page.show(template, status=status, title=title, detail=detail, problem_status=status, again=again)
    if is_part(request):
        # Whatever part of a page was asked for, this is what there is to show.
        answer.headers["HX-Reselect"] = ".notice"
        if request.headers.get("hx-target") == _WHOLE:
            # Put in its place, it would leave nothing of the page, and of what was filled in.
            answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = f"#{_WHOLE}", "afterbegin"
    return answer
