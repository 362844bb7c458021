"""What a request body must be before anyone reads it: JSON, as it is, and of a bounded size.

The size is held by the framework while the body streams in (`request_max_body_size` of the application, and of routes
that take imports); what announces itself as too large is refused here before a byte of it is read.

Source: docs/spec/wire.md#status-codes; docs/spec/access.md#bounds-on-requests.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler

from quote_service.platform.system.errors import TooLarge, UnsupportedMediaType

#: Of what is sent without credentials, or to one's own account: names, passwords, codes and tokens.
SMALL_BODY_BYTES_MAX = 16 * 1024
_METHODS_WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")


def require_json_body(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Before every handler: refuse a body that will not be read.

    A route that takes another type names it: `media_types=("text/csv",)`.

    Raises:
        UnsupportedMediaType: It is not JSON, or compressed.
        TooLarge: Its announced length is past what the route takes.
    """
    if connection.scope.get("method") not in _METHODS_WITH_BODY or not isinstance(handler, HTTPRouteHandler):
        return
    headers = connection.headers
    length = headers.get("content-length")
    if length == "0" or (length is None and "transfer-encoding" not in headers):
        return
    limit = handler.resolve_request_max_body_size()
    if limit is not None and length is not None and length.isdecimal() and int(length) > limit:
        raise TooLarge(f"The body may have at most {limit} bytes")
    if headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding")
    accepted: tuple[str, ...] = handler.opt.get("media_types", ("application/json",))
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    if media_type.strip().lower() not in accepted:
        raise UnsupportedMediaType(f"Send the body as {' or '.join(accepted)}")
    require_utf8(parameters)


def require_utf8(parameters: str) -> None:
    """Refuse a media type whose parameters name another encoding.

    Raises:
        UnsupportedMediaType: As said.
    """
    charset = parameters.lower().replace(" ", "").replace('"', "").partition("charset=")[2].partition(";")[0]
    if charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMediaType("Send the body in UTF-8")
