"""The OpenAPI document for machines; the page for people is made from it (`web/routes/api_reference.py`).

Source: docs/spec/operations.md#api-description.
"""

from typing import Any

from litestar import MediaType, Response, Router

from quote_service.platform.callers.access import PUBLIC
from quote_service.platform.http.endpoints.endpoint import Endpoint, get
from quote_service.platform.http.openapi.api_description import ApiDescription, Description, Written
from quote_service.platform.http.parts import AnyRequest, parts_of

_CACHED = {"Cache-Control": "max-age=300"}


def _document(path: str, version: str) -> Endpoint:
    example = {"openapi": version, "info": {"title": "Quote service", "version": "1"}, "paths": {}}
    return get(path, access=PUBLIC, form="document", answer=dict[str, Any], example=example, tag="Documentation")


@_document("/openapi.json", "3.1.0")
async def show_openapi_document(request: AnyRequest) -> Response[bytes]:
    """Get the OpenAPI document."""
    return _answer(request, (await _description(request)).in_31)


@_document("/openapi-3.0.json", "3.0.3")
async def show_openapi_30_document(request: AnyRequest) -> Response[bytes]:
    """Get the OpenAPI document in version 3.0.

    For generators that do not read version 3.1 yet. It describes the same operations; a few bounds that 3.0 has no words for
    are left out.
    """
    return _answer(request, (await _description(request)).in_30)


def _answer(request: AnyRequest, written: Written) -> Response[bytes]:
    headers = {**_CACHED, "Vary": "Accept-Encoding"}
    # It is the same for everybody and holds no secret that its packed length could tell.
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(written.packed, media_type=MediaType.JSON, headers={**headers, "Content-Encoding": "gzip"})
    return Response(written.plain, media_type=MediaType.JSON, headers=headers)


@get(
    "/",
    status_code=307,
    access=PUBLIC,
    form="nothing",
    headers={"Location": "`/docs`."},
    tag="Documentation",
)
async def lead_to_docs() -> Response[str]:
    """Go to the API's documentation."""
    return Response("", status_code=307, media_type=MediaType.TEXT, headers={"Location": "/docs", **_CACHED})


@_document("/openapi.json", "3.1.0")
async def show_openapi_document_at_root(request: AnyRequest) -> Response[bytes]:
    """Get the OpenAPI document where tools look for it first."""
    return _answer(request, (await _description(request)).in_31)


docs = Router("/docs", route_handlers=[show_openapi_document, show_openapi_30_document])
home = Router("/", route_handlers=[lead_to_docs, show_openapi_document_at_root])


async def _description(request: AnyRequest) -> Description:
    parts = parts_of(request)
    return await (parts.find(ApiDescription) or parts.add(ApiDescription())).keep(request.app)
