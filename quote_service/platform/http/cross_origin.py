"""Which pages of other origins a browser may let read our answers (CORS), for every way that an answer takes.

Credentials are headers that a page sets by itself, never cookies, so `Access-Control-Allow-Credentials` is not sent.

Source: docs/spec/access.md#headers; https://fetch.spec.whatwg.org/#http-cors-protocol.
"""

import re
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

from litestar.config.cors import CORSConfig

from quote_service.platform.http.edge import Application, Message, Receive, Send
from quote_service.platform.http.security_headers import RawHeaders

_EXPOSED_HEADERS = (
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Position",
    "X-Request-ID",
)
_METHODS = b"DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
_NAMES = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z, \t-]{1,4096}")
_PREFLIGHT_SECONDS = b"600"


class CrossOrigin:
    """What is said about the origins that are let in: exact ones, ones with `*` in a part, or `*` for all."""

    __slots__ = ("_config", "headers_for", "written_for")

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._config = CORSConfig(allow_origins=list(origins))
        # An answer's headers are decided once for each origin; the browsers of a shop all send the same.
        self.headers_for = lru_cache(maxsize=1024)(self._headers_for)
        self.written_for = lru_cache(maxsize=1024)(self._written_for)

    def preflight_headers(self, asked: dict[bytes, bytes]) -> RawHeaders | None:
        """The answer to a preflight request with these headers; None where the origin is not let in."""
        origin = asked[b"origin"]
        if not self._is_allowed(origin):
            return None
        names = asked.get(b"access-control-request-headers", b"")
        allowed = [(b"access-control-allow-headers", names)] if _NAMES.fullmatch(names) else []
        return [
            (b"access-control-allow-methods", _METHODS),
            *allowed,
            (b"access-control-max-age", _PREFLIGHT_SECONDS),
        ]

    def _is_allowed(self, origin: bytes | None) -> bool:
        return origin is not None and self._config.is_origin_allowed(origin.decode("latin-1"))

    def _headers_for(self, origin: bytes | None) -> tuple[tuple[bytes, bytes], ...]:
        """The headers of every answer to a request from this origin; None where it names none."""
        exposed = (b"access-control-expose-headers", ", ".join(_EXPOSED_HEADERS).encode())
        if self._config.is_allow_all_origins:
            return ((b"access-control-allow-origin", b"*"), exposed)
        vary = (b"vary", b"Origin")
        if origin is None or not self._is_allowed(origin):
            return (vary,)  # a cache must not hand this answer to a page that is let in
        return ((b"access-control-allow-origin", origin), exposed, vary)

    def _written_for(self, origin: bytes | None) -> bytes:
        """The same as lines."""
        return b"".join(b"%b: %b\r\n" % pair for pair in self._headers_for(origin))


class CrossOriginAnswers:
    """Wraps the application: answers preflight requests, and adds to every answer what browsers want to know."""

    __slots__ = ("_cross_origin", "_inner")

    def __init__(self, inner: Application, cross_origin: CrossOrigin) -> None:
        self._inner = inner
        self._cross_origin = cross_origin

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        named: dict[bytes, bytes] = dict(scope["headers"])
        headers = self._cross_origin.headers_for(named.get(b"origin"))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        if scope["method"] == "OPTIONS" and b"origin" in named and b"access-control-request-method" in named:
            preflight = self._cross_origin.preflight_headers(named)
            if preflight is not None:
                await send_with_headers({"type": "http.response.start", "status": 204, "headers": preflight})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
        await self._inner(scope, receive, send_with_headers)
