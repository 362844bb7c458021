"""What a route would pass over: query parameters that it does not know, a body where it reads none.

A route that reads a query says so by `query` or by being a list, and refuses what it does not know itself; a typo of an
admin is never lost. `POST /api/v1/quote` alone passes over what it does not know.

Source: docs/spec/wire.md#unknown-fields.
"""

from litestar.handlers.base import BaseRouteHandler

from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.cursors import NoFilters, read_filters
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import AnyRequest

_API = "/api/"


async def refuse_unread_input(request: AnyRequest, handler: BaseRouteHandler) -> None:
    """Refuse a request of the API that says more than its route reads.

    Raises:
        Invalid: With every parameter of the query, or every field of the body.
        Malformed: There is a body where none is read, and it is no JSON document.
    """
    described = handler.opt.get("described")
    if (
        not isinstance(described, Described)
        or handler.opt.get("passes_over")
        or not request.scope["path"].startswith(_API)
    ):
        return
    query = request.scope["query_string"]
    if query and described.query is None and described.form != "list":
        read_filters(query, NoFilters)
    if described.body is None and request.scope["method"] == "POST":
        body = await request.body()
        if body:
            read_document(body, _Nothing)


class _Nothing(NoFilters, frozen=True, forbid_unknown_fields=True):
    """A body of a route that reads none."""
