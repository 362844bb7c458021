"""The OpenAPI document for machines; the page for people is made from it (`web/routes/api_reference.py`).

Source: docs/spec/operations.md#api-description.
"""

import gzip
from typing import Any, NamedTuple

from litestar import Litestar, MediaType, Request, Response, Router, get

from quote_service.access.words.access import PUBLIC
from quote_service.documents.documents import write_document
from quote_service.http.openapi.described import Described
from quote_service.http.openapi.openapi import openapi_document

_CACHED = {"Cache-Control": "max-age=300"}


@get(
    "/openapi.json",
    opt={
        "access": PUBLIC,
        "described": Described(
            form="document",
            answer=dict[str, Any],
            answer_example={"openapi": "3.1.0", "info": {"title": "Quote service", "version": "1"}, "paths": {}},
            tag="Documentation",
        ),
    },
)
async def show_openapi_document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Get the OpenAPI document."""
    written = _document(request.app)
    headers = {**_CACHED, "Vary": "Accept-Encoding"}
    # It is the same for everybody and holds no secret that its packed length could tell.
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(written.packed, media_type=MediaType.JSON, headers={**headers, "Content-Encoding": "gzip"})
    return Response(written.plain, media_type=MediaType.JSON, headers=headers)


@get(
    "/",
    status_code=307,
    opt={
        "access": PUBLIC,
        "described": Described(form="nothing", headers={"Location": "`/docs`."}, tag="Documentation"),
    },
)
async def lead_to_docs() -> Response[str]:
    """Go to the API's documentation."""
    return Response("", status_code=307, media_type=MediaType.TEXT, headers={"Location": "/docs", **_CACHED})


docs = Router("/docs", route_handlers=[show_openapi_document])
home = Router("/", route_handlers=[lead_to_docs])


class _Written(NamedTuple):
    """The document as bytes, and the same by gzip."""

    plain: bytes
    packed: bytes


def _document(app: Litestar) -> _Written:
    """Made at the first request and kept: the routes do not change."""
    kept: _Written | None = app.state.get("openapi")
    if kept is None:
        plain = write_document(openapi_document(app))
        kept = app.state["openapi"] = _Written(plain, gzip.compress(plain, mtime=0))
    return kept
