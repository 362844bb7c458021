"""What a problem's `type` URI shows to whoever follows it.

Source: docs/spec/wire.md#errors.
"""

from html import escape

from litestar import Response, Router
from litestar.params import FromPath

from quote_service.platform.callers.access import PUBLIC
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.openapi.pages import page
from quote_service.platform.http.problems import problem_types
from quote_service.platform.system.errors import NotFound

ADVICE: dict[int, str] = {
    400: "The request cannot be understood. Sending it again as it is will not help.",
    401: "Send an API key in <code>X-API-Key</code>, or a token in <code>Authorization: Bearer</code>.",
    403: "The caller is known, and may not do this.",
    404: "There is no such thing, or none that this caller may see.",
    405: "The <code>Allow</code> header names the methods that this path takes.",
    409: "The request clashes with what is there. Read the current state, then decide again.",
    412: "What was read has changed since. Read it again, and repeat the change on what is there now.",
    413: "Send less at once.",
    414: "Ask for less in the query, or send it in a body.",
    415: "Send JSON in UTF-8, uncompressed, with <code>Content-Type: application/json</code>.",
    422: "The document is well-formed, and cannot be accepted. <code>errors</code> names each field by a JSON Pointer.",
    429: "Wait as long as <code>Retry-After</code> says.",
    431: "Send fewer or shorter headers; a cookie or a proxy may have added some.",
    499: "The connection was closed before the request was begun, and nothing was done. Keep both directions open until the answer.",
    500: "An error on our side. The <code>X-Request-ID</code> of the answer finds its log entry.",
    503: "Wait as long as <code>Retry-After</code> says, then send the same request again.",
    504: "Nothing was decided in time. A request that has an <code>Idempotency-Key</code> may be sent again as it is.",
}


@get(
    "/",
    access=PUBLIC,
    form="page",
    tag="Documentation",
)
async def list_problem_pages() -> Response[str]:
    """List problem types."""
    rows = "".join(
        f'<tr><td><a href="/problems/{problem.code}"><code>{problem.code}</code></a></td>'
        f"<td>{problem.status}</td><td>{escape(problem.title)}</td></tr>"
        for problem in problem_types()
    )
    return page("Problems", f"<h1>Problems</h1><table><tr><th>Code<th>Status<th>Title</tr>{rows}</table>")


@get(
    "/{code:str}",
    access=PUBLIC,
    form="page",
    tag="Documentation",
)
async def show_problem_page(code: FromPath[str]) -> Response[str]:
    """Read about a problem type."""
    reported = [problem for problem in problem_types() if problem.code == code]
    if not reported:
        raise NotFound("There is no problem type with this code")
    title = escape(reported[0].title)
    cases = "".join(
        f"<p class=dim><code>{problem.code}</code> · HTTP {problem.status}</p><p>{ADVICE[problem.status]}</p>"
        for problem in reported
    )
    links = '<p><a href="/problems">All problems</a> · <a href="/docs">API</a></p>'
    return page(reported[0].title, f"<h1>{title}</h1>{cases}{links}")


problem_pages = Router("/problems", route_handlers=[list_problem_pages, show_problem_page])
