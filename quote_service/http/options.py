"""OPTIONS on any path: the methods that it takes.

The framework has an answer of its own, which names but one method of a path that takes several, until its version 3.

Source: RFC 9110, 9.3.7.
"""

from collections.abc import Collection
from typing import Any

from litestar import Request, Response
from litestar.routes import HTTPRoute


async def answer_options(request: Request[Any, Any, Any]) -> Response[None] | None:
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
