"""The OpenAPI document for machines; the page for people is made from it (`web/routes/api_reference.py`).

Source: docs/spec/operations.md#api-description.
"""

import asyncio
import gzip
from collections.abc import Callable
from typing import Any, NamedTuple

from litestar import Litestar, MediaType, Request, Response, Router, get

from quote_service.platform.callers.access import PUBLIC
from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.openapi.editions import in_openapi_30
from quote_service.platform.http.openapi.openapi import openapi_document

_CACHED = {"Cache-Control": "max-age=300"}


def _described(version: str) -> Described:
    example = {"openapi": version, "info": {"title": "Quote service", "version": "1"}, "paths": {}}
    return Described(form="document", answer=dict[str, Any], answer_example=example, tag="Documentation")


@get("/openapi.json", opt={"access": PUBLIC, "described": _described("3.1.0")})
async def show_openapi_document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Get the OpenAPI document."""
    return _answer(request, await _written(request.app, _in_31))


@get("/openapi-3.0.json", opt={"access": PUBLIC, "described": _described("3.0.3")})
async def show_openapi_30_document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Get the OpenAPI document in version 3.0.

    For generators that do not read version 3.1 yet. It describes the same operations; a few bounds that 3.0 has no words for
    are left out.
    """
    return _answer(request, await _written(request.app, _in_30))


def _answer(request: Request[Any, Any, Any], written: "Written") -> Response[bytes]:
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


@get("/openapi.json", opt={"access": PUBLIC, "described": _described("3.1.0")})
async def show_openapi_document_at_root(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Get the OpenAPI document where tools look for it first."""
    return _answer(request, await _written(request.app, _in_31))


docs = Router("/docs", route_handlers=[show_openapi_document, show_openapi_30_document])
home = Router("/", route_handlers=[lead_to_docs, show_openapi_document_at_root])


class Written(NamedTuple):
    """A document as bytes, and the same by gzip."""

    plain: bytes
    packed: bytes


Make = Callable[[Litestar], Written]


async def _written(app: Litestar, make: Make) -> Written:
    """Made at the first request and kept, since the routes do not change; on a thread, since it takes a second."""
    making: dict[Make, asyncio.Task[Written]] = app.state.setdefault("openapi", {})
    if make not in making:
        making[make] = asyncio.create_task(asyncio.to_thread(make, app), name="write the API's description")
    return await asyncio.shield(making[make])


def _in_31(app: Litestar) -> Written:
    return _packed(openapi_document(app))


def _in_30(app: Litestar) -> Written:
    return _packed(in_openapi_30(openapi_document(app)))


def _packed(document: dict[str, Any]) -> Written:
    plain = write_document(document)
    return Written(plain, gzip.compress(plain, mtime=0))
