"""OPTIONS on any path: the methods that it takes; and on `*`: those of the server.

The framework has an answer of its own, which names but one method of a path that takes several, until its version 3.

Source: RFC 9110, 9.3.7.
"""

from collections.abc import Collection, MutableMapping
from typing import Any

from litestar import Response
from litestar.routes import HTTPRoute

from quote_service.platform.http.edge import Application, Receive, Send
from quote_service.platform.http.parts import AnyRequest

_METHODS = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")


class ServerOptions:
    """Wraps the application: answers `OPTIONS *`, which no route of it is for."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "*" or scope["method"] != "OPTIONS":
            await self._inner(scope, receive, send)
            return
        headers = [(b"allow", allowed(_METHODS).encode())]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def answer_options(request: AnyRequest) -> Response[None] | None:
    """Before every handler of the application: answer OPTIONS, and let all else go on."""
    if request.scope["method"] != "OPTIONS":
        return None
    template = request.scope["path_template"]
    routes = (route for route in request.app.routes if isinstance(route, HTTPRoute) and route.path_format == template)
    methods = {method for route in routes for method in route.methods}
    return Response(None, status_code=204, headers={"Allow": allowed(methods)})


def allowed(methods: Collection[str]) -> str:
    """The value of `Allow`: the methods in order, HEAD wherever there is GET (head.py)."""
    return ", ".join(sorted({*methods, *(("HEAD",) if "GET" in methods else ())}))
